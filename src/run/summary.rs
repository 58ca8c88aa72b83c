use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::{Lag, ScenarioResult, Seed};
use crate::protocol::Verdict;
use crate::scenario::Plan;

/// What a whole run came to.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Scenarios by verdict.
    pub counts: Counts,
    /// Scenarios that were selected and not run to their end, because the run was stopped.
    pub not_run: usize,
    /// Whether somebody stopped the run.
    pub interrupted: bool,
    /// Scenarios that both passed and failed in the same run, in the order of their first repetition's end.
    pub flaky: Vec<Flaky>,
    /// Steps that were done.
    pub steps: u64,
    /// From the first scenario's start to the last one's end.
    pub took: Duration,
    /// How long effects took to show, query by query.
    pub lags: BTreeMap<Arc<str>, Quantiles>,
    /// The seed.
    pub seed: Seed,
    /// The history, where it was kept.
    pub history: Option<PathBuf>,
    /// Why the history could not be written to its end, if it couldn't.
    pub unwritten: Option<String>,
}

/// Scenarios by verdict.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Every promise was kept.
    pub passed: usize,
    /// The target does not claim what they need.
    pub not_claimed: usize,
    /// What was seen decides nothing.
    pub inconclusive: usize,
    /// A promise was broken.
    pub failed: usize,
}

/// A scenario that passed in one repetition and failed in another: what it says depends on chance.
#[derive(Clone, Debug)]
pub struct Flaky {
    /// The scenario.
    pub plan: Arc<Plan>,
    /// How many repetitions failed.
    pub failed: usize,
    /// How many repetitions came to a verdict, whatever it was.
    pub of: usize,
}

impl fmt::Display for Flaky {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "flaky: failed {} of {}", self.failed, self.of)
    }
}

/// How long effects took to show: upper bounds, since a probe sees an effect only when it polls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Quantiles {
    /// How many effects were measured.
    pub samples: usize,
    /// Half of them took no longer.
    pub p50: Duration,
    /// Nine of ten took no longer.
    pub p90: Duration,
    /// 99 of 100 took no longer.
    pub p99: Duration,
    /// None took longer.
    pub max: Duration,
}

impl Summary {
    /// Whether all that was selected ran and passed; what the target does not claim is outside the result.
    pub fn all_passed(&self) -> bool {
        self.counts.passed > 0
            && self.counts.failed == 0
            && self.counts.inconclusive == 0
            && self.not_run == 0
    }
}

impl Quantiles {
    /// The quantiles of `samples` by the nearest-rank method.
    pub fn of(samples: &mut [Duration]) -> Self {
        samples.sort_unstable();
        let rank = |percent: usize| {
            let rank = (samples.len() * percent).div_ceil(100);
            samples.get(rank.saturating_sub(1)).copied().unwrap_or_default()
        };
        Self { samples: samples.len(), p50: rank(50), p90: rank(90), p99: rank(99), max: rank(100) }
    }
}

/// Adds results up.
#[derive(Debug, Default)]
pub(super) struct Tally {
    summary: Summary,
    lags: BTreeMap<Arc<str>, Vec<Duration>>,
    /// Each scenario's repetitions, in the order in which the first of them ended.
    repetitions: Vec<Repetitions>,
    /// Where in `repetitions` a scenario is, by its plan's address: repetitions share their plan.
    places: HashMap<usize, usize>,
}

#[derive(Debug)]
struct Repetitions {
    plan: Arc<Plan>,
    passed: usize,
    failed: usize,
    of: usize,
}

impl Tally {
    pub(super) fn add(&mut self, result: &ScenarioResult) {
        let counts = &mut self.summary.counts;
        let count = match result.verdict {
            Verdict::Pass => &mut counts.passed,
            Verdict::NotClaimed => &mut counts.not_claimed,
            Verdict::Inconclusive => &mut counts.inconclusive,
            Verdict::Fail => &mut counts.failed,
        };
        *count += 1;
        self.repetition(result);
        self.summary.steps += result.steps;
        for Lag { query, at_most } in &result.lags {
            self.lags.entry(query.clone()).or_default().push(*at_most);
        }
    }

    fn repetition(&mut self, result: &ScenarioResult) {
        let address = Arc::as_ptr(&result.plan) as usize;
        let place = *self.places.entry(address).or_insert_with(|| {
            self.repetitions.push(Repetitions { plan: result.plan.clone(), passed: 0, failed: 0, of: 0 });
            self.repetitions.len() - 1
        });
        let repetitions = &mut self.repetitions[place];
        repetitions.of += 1;
        repetitions.passed += usize::from(result.verdict == Verdict::Pass);
        repetitions.failed += usize::from(result.verdict == Verdict::Fail);
    }

    /// Whether something failed.
    pub(super) fn failed(&self) -> bool {
        self.summary.counts.failed > 0
    }

    /// The sum; `planned` scenarios were to run.
    pub(super) fn finish(mut self, planned: usize) -> Summary {
        let counts = self.summary.counts;
        let done = counts.passed + counts.not_claimed + counts.inconclusive + counts.failed;
        self.summary.not_run = planned.saturating_sub(done);
        let flaky = self.repetitions.into_iter().filter(|each| each.passed > 0 && each.failed > 0);
        self.summary.flaky =
            flaky.map(|Repetitions { plan, failed, of, .. }| Flaky { plan, failed, of }).collect();
        self.summary.lags =
            self.lags.into_iter().map(|(query, mut lags)| (query, Quantiles::of(&mut lags))).collect();
        self.summary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantiles(samples: impl IntoIterator<Item = u64>) -> [u64; 5] {
        let mut samples: Vec<_> = samples.into_iter().map(Duration::from_millis).collect();
        let q = Quantiles::of(&mut samples);
        let millis = |d: Duration| u64::try_from(d.as_millis()).unwrap_or(u64::MAX);
        [q.samples as u64, millis(q.p50), millis(q.p90), millis(q.p99), millis(q.max)]
    }

    #[test]
    fn quantiles_are_samples_by_rank() {
        assert_eq!(quantiles([]), [0; 5]);
        assert_eq!(quantiles([7]), [1, 7, 7, 7, 7]);
        assert_eq!(quantiles((1..=100).rev()), [100, 50, 90, 99, 100]);
        assert_eq!(quantiles([3, 1, 2]), [3, 2, 3, 3, 3]);
    }
}
