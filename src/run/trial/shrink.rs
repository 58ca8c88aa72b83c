use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::super::{Salt, Seed};
use super::once::{Common, Trial};
use crate::contract::rules::Model;
use crate::generate::Reduction;
use crate::history::{Act, Purpose};
use crate::judge::{Mismatch, MismatchKind, Must, Signature};
use crate::protocol::{CONFLICT, Outcome};
use crate::step::{Sequence, Step};
use crate::value::{Record, Value};

/// A scenario has so many rounds at most: it is run before anything new is looked for.
const ROUNDS: usize = 40;
/// How often a failure is tried again, to see how often it comes.
const MEASURED: usize = 10;
/// A candidate of a failure that comes by chance is tried so often at most.
const TRIES: usize = 60;
/// And so often at least: what always came before may come by chance once it is smaller.
const LEAST: usize = 5;
/// So many candidates at most.
const CANDIDATES: usize = 600;
/// A candidate that shows the failure is missed with this chance at most.
const MISSED: f64 = 0.02;

/// A failure that was made smaller.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// The smallest trial that fails in the same way.
    pub trial: Trial,
    /// The case that showed the failure first.
    pub of: u64,
    /// How many steps it had before.
    pub before: usize,
    /// How many candidates were tried.
    pub candidates: usize,
    /// How often the smallest one failed, of how many last tries.
    pub failed: (usize, usize),
    /// Why it may not be the smallest, if there is a reason.
    pub unfinished: Option<Cow<'static, str>>,
}

impl Shrunk {
    /// A failure that was not made smaller.
    pub(crate) fn not_at_all(trial: Trial, unfinished: Option<&'static str>) -> Self {
        let unfinished = unfinished.map(Cow::Borrowed);
        let before = trial.sequence.steps.len();
        Self { of: trial.case, trial, before, candidates: 0, failed: (1, 1), unfinished }
    }

    /// How often it must be tried so that a failure that comes by chance is hardly missed.
    pub fn rounds(&self) -> usize {
        match self.failed {
            (0, _) => ROUNDS,
            (failed, of) if failed >= of => 1,
            // Missed with a chance of e^-4 at most.
            (failed, of) => (4 * of).div_ceil(failed).min(ROUNDS),
        }
    }

    /// As a history has it: the case that is told, and the one that it was made from.
    pub(super) fn to_record(&self) -> Record {
        let Self { trial, of, before, candidates, failed: (failed, tries), unfinished } = self;
        let counts = [
            ("case", trial.case),
            ("of", *of),
            ("before", *before as u64),
            ("candidates", *candidates as u64),
            ("failed", *failed as u64),
            ("tries", *tries as u64),
        ];
        let mut told: Record =
            counts.into_iter().map(|(name, count)| (Arc::from(name), Value::from(count))).collect();
        if let Some(unfinished) = unfinished {
            told.insert("unfinished", &**unfinished);
        }
        told
    }
}

/// Behind so many of the last commands a read that was wrong while it may have lagged is looked for at rest.
const MOMENTS: usize = 5;
/// So often behind each: where it does not lag, it is wrong each time.
const LOOKS: usize = 2;
/// So many of the commands that were refused last are each taken for the one that matters.
const LAST: usize = 3;

/// What is to be shown by a smaller sequence.
struct Goal {
    signature: Signature,
    /// What would have been allowed. For outcomes, some of it must stay: what is broken is a rule.
    allowed: Vec<Option<Arc<str>>>,
    /// The seed with which the failure was found.
    seed: Seed,
    number: u64,
    /// The case that showed it.
    case: u64,
    /// How often a candidate is tried.
    tries: usize,
    /// Whether any failure will do.
    any: bool,
}

impl Goal {
    fn of(trial: &Trial, mismatch: &Mismatch) -> Self {
        Self {
            signature: mismatch.signature(),
            allowed: outcomes(mismatch).to_vec(),
            seed: trial.seed,
            number: trial.number,
            case: trial.case,
            tries: MEASURED,
            any: false,
        }
    }

    fn is_about(&self, mismatch: &Mismatch) -> bool {
        mismatch.kind != MismatchKind::Outcome
            || outcomes(mismatch).iter().any(|allowed| self.allowed.contains(allowed))
    }

    fn is_met(&self, trial: &Trial) -> bool {
        trial.judgement.mismatches.iter().any(|mismatch| {
            if self.any {
                return true;
            }
            let found = mismatch.signature();
            (found == self.signature && self.is_about(mismatch))
                || (self.signature.kind != MismatchKind::Outcome
                    && found.kind == MismatchKind::Settled
                    && found.message == self.signature.message)
        })
    }
}

/// The outcomes that would have been allowed: refused with this code, or, where it is nothing, accepted.
fn outcomes(mismatch: &Mismatch) -> &[Option<Arc<str>>] {
    match &mismatch.must {
        Must::Outcome(outcomes) => outcomes,
        _ => &[],
    }
}

impl<M: Model + Send + Sync + 'static> Common<M> {
    /// Makes the first failure of `trial` smaller, within `limit`.
    pub(super) async fn shrink(self: &Arc<Self>, mut trial: Trial, limit: Duration) -> Shrunk {
        let deadline = self.engine.clock.now().saturating_add(limit);
        let (before, of) = (trial.sequence.steps.len(), trial.case);
        let Some((mut goal, mut cut)) = goal(&trial) else {
            return Shrunk { trial, of, before, candidates: 0, failed: (0, 0), unfinished: None };
        };
        if goal.signature.kind == MismatchKind::Unexplained
            && let Some((rested, found, signature)) = self.at_rest(&cut, &goal, deadline).await
        {
            (goal.signature, cut, trial) = (signature, rested, found);
        }
        let (_, mut failed) = self.tries(&cut, &goal, false).await;
        if failed == 0
            && let Some(other) = self.elsewhere(&trial, &goal).await
            && let Some((found, from)) = self::goal(&other)
        {
            (_, failed) = self.tries(&from, &found, false).await;
            (goal, cut, trial) = (found, from, other);
        }
        let mut smallest = trial;
        if failed == 0 {
            let unfinished = Some("it did not come again, so it could not be made smaller");
            let unfinished = unfinished.map(Cow::Borrowed);
            return Shrunk { trial: smallest, of, before, candidates: 1, failed: (0, MEASURED), unfinished };
        }
        goal.tries = needed(failed).max(LEAST);
        let start = cut;
        if let (Some(found), _) = self.tries(&start, &goal, true).await {
            smallest = found;
        }
        let mut candidates = 0;
        let mut unfinished = self.reduce(&mut goal, start, &mut smallest, &mut candidates, deadline).await;
        let mut failed = self.verify(&goal, &mut smallest).await;
        // The smaller it is, the rarer it may come: what was given up too early is tried again, until it comes no rarer.
        while needed(failed.0) > goal.tries && unfinished.is_none() {
            goal.tries = needed(failed.0);
            let again = smallest.sequence.clone();
            unfinished = self.reduce(&mut goal, again, &mut smallest, &mut candidates, deadline).await;
            failed = self.verify(&goal, &mut smallest).await;
        }
        let unfinished = unfinished.map(Cow::Borrowed);
        Shrunk { trial: smallest, of, before, candidates, failed, unfinished }
    }

    /// The sequence up to one of its last commands, with the wrong read at rest behind it, if it is as wrong there. A read at rest says more than
    /// one that may lag, and comes again: what it must be is one thing. What it showed may have been of an earlier moment, and gone since.
    async fn at_rest(
        self: &Arc<Self>,
        cut: &Sequence,
        goal: &Goal,
        deadline: Duration,
    ) -> Option<(Sequence, Trial, Signature)> {
        let read = cut.steps.last().filter(|step| matches!(step, Step::Ask(_)))?;
        let commands = cut.steps.iter().enumerate().filter(|(_, step)| matches!(step, Step::Submit(_)));
        let places: Vec<usize> = commands.map(|(place, _)| place).collect();
        let few = Goal { tries: LOOKS, signature: goal.signature.clone(), allowed: Vec::new(), ..*goal };
        for place in places.into_iter().rev().take(MOMENTS) {
            if self.engine.clock.now() >= deadline {
                break;
            }
            let mut rested = cut.clone();
            rested.steps.truncate(place + 1);
            rested.steps.extend([Step::Settle, read.clone()]);
            if let (Some(found), _) = self.tries(&rested, &few, true).await
                && let Some(settled) =
                    found.judgement.mismatches.iter().find(|one| {
                        one.kind == MismatchKind::Settled && one.message == goal.signature.message
                    })
            {
                let signature = settled.signature();
                return Some((rested, found, signature));
            }
        }
        None
    }

    /// The same sequence with a failure of whatever kind: one cause may show in another command or read each time.
    async fn elsewhere(self: &Arc<Self>, trial: &Trial, goal: &Goal) -> Option<Trial> {
        let any =
            Goal { any: true, tries: TRIES, signature: goal.signature.clone(), allowed: Vec::new(), ..*goal };
        self.tries(&trial.sequence, &any, true).await.0
    }

    /// Tries smaller and smaller sequences. Returns why it ended, if it wasn't for want of smaller ones.
    async fn reduce(
        self: &Arc<Self>,
        goal: &mut Goal,
        start: Sequence,
        smallest: &mut Trial,
        candidates: &mut usize,
        deadline: Duration,
    ) -> Option<&'static str> {
        let mut reduction = Reduction::new(start).first_without(idle(smallest));
        while let Some(candidate) = reduction.propose() {
            if *candidates >= CANDIDATES || self.engine.clock.now() >= deadline {
                return Some("there may be a smaller one: the time or the tries for it were used up");
            }
            *candidates += 1;
            if let (Some(found), _) = self.tries(&candidate, goal, true).await {
                *smallest = found;
                reduction.keep();
            }
        }
        None
    }

    /// Tries the smallest again, with its names in order: what is told is true of it. Returns how often it failed of how
    /// many tries.
    async fn verify(self: &Arc<Self>, goal: &Goal, smallest: &mut Trial) -> (usize, usize) {
        let goal = Goal {
            tries: MEASURED,
            allowed: goal.allowed.clone(),
            signature: goal.signature.clone(),
            ..*goal
        };
        let (found, failed) = self.tries(&smallest.sequence.in_order(), &goal, false).await;
        if let Some(found) = found {
            *smallest = found;
        }
        (failed, goal.tries)
    }

    /// Tries a sequence as often as the goal says, each time in a new world and side by side; with the first that shows it.
    /// Where `first_is_enough`, the others are given up then.
    async fn tries(
        self: &Arc<Self>,
        sequence: &Sequence,
        goal: &Goal,
        first_is_enough: bool,
    ) -> (Option<Trial>, usize) {
        let mut running = JoinSet::new();
        for at in 0..goal.tries {
            let (common, sequence) = (self.clone(), sequence.clone());
            let seed = if at == 0 { goal.seed } else { goal.seed.of_scenario("again", &at.to_string()) };
            let (number, purpose) = (goal.number, Purpose::Smaller { of: goal.case });
            let noise = beginning(&sequence, at);
            running.spawn(async move {
                // What a service does now and then may go by a counter: tries in step would always meet it in one place. So
                // something is done before most of them, by chance, of which nothing is taken.
                for _ in 0..if at == 0 { 0 } else { Salt::fresh().0 % 3 } {
                    drop(common.trial(noise.clone(), (number, seed), purpose).await);
                }
                (at, common.trial(sequence, (number, seed), purpose).await)
            });
        }
        let (mut found, mut failed): (Option<(usize, Trial)>, usize) = (None, 0);
        while let Some(ended) = running.join_next().await {
            let Ok((at, Ok(trial))) = ended else { continue };
            if goal.is_met(&trial) {
                failed += 1;
                if found.as_ref().is_none_or(|(known, _)| at < *known) {
                    found = Some((at, trial));
                }
                if first_is_enough {
                    break;
                }
            }
        }
        running.shutdown().await;
        (found.map(|(_, trial)| trial), failed)
    }
}

/// Selections of steps that may not be needed: what was refused and what was read, all of it, or all but one of what was refused last.
/// Where a read model lags, each candidate costs a wait, and leaving them out one by one would take too many.
fn idle(trial: &Trial) -> Vec<Vec<usize>> {
    let Some(mismatch) = trial.judgement.mismatches.first() else { return Vec::new() };
    let wrong = trial.ran.steps.get(mismatch.operation).copied();
    let (mut reads, mut refused) = (Vec::new(), Vec::new());
    for (step, operation) in trial.ran.steps.iter().zip(&trial.ran.operations) {
        let idle = match &operation.act {
            Act::Ask { .. } => &mut reads,
            Act::Submit { outcome: Outcome::Rejected(_), .. } => &mut refused,
            _ => continue,
        };
        // Waiting reads, too.
        let is_wait = matches!(trial.sequence.steps.get(*step), None | Some(Step::Settle));
        if Some(*step) != wrong && !is_wait && !idle.contains(step) {
            idle.push(*step);
        }
    }
    let but = |needed: &usize| {
        let others = refused.iter().filter(|step| *step != needed);
        others.chain(&reads).copied().collect::<Vec<_>>()
    };
    let all = reads.iter().chain(&refused).copied().collect();
    let but_one = refused.iter().rev().take(LAST).map(but);
    [all].into_iter().chain(but_one).chain([reads.clone(), refused.clone()]).collect()
}

/// How often a candidate must be tried so that a failure that comes `failed` of [`MEASURED`] times is hardly missed.
fn needed(failed: usize) -> usize {
    if failed >= MEASURED {
        return 1;
    }
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let rate = failed as f64 / MEASURED as f64;
    let mut missed = 1.0;
    let mut tries = 0;
    while missed > MISSED && tries < TRIES {
        missed *= 1.0 - rate;
        tries += 1;
    }
    tries
}

/// What is to be shown of the first failure, and the sequence up to it: what came behind it has no part in it.
fn goal(trial: &Trial) -> Option<(Goal, Sequence)> {
    let mismatch = trial.judgement.mismatches.first()?;
    let last = trial.ran.steps.get(mismatch.operation)?;
    Some((Goal::of(trial, mismatch), cut(&trial.sequence, *last)))
}

/// The beginning of a sequence, so many commands long in turn, without what is behind the last of them.
fn beginning(sequence: &Sequence, turn: usize) -> Sequence {
    let steps = sequence.steps.iter().enumerate();
    let commands: Vec<usize> =
        steps.filter(|(_, step)| matches!(step, Step::Submit(_))).map(|(at, _)| at).collect();
    let last = commands.get(turn % commands.len().max(1)).copied().unwrap_or(0);
    cut(sequence, last)
}

fn cut(sequence: &Sequence, last: usize) -> Sequence {
    let mut sequence = sequence.clone();
    sequence.steps.truncate(last + 1);
    sequence
}

/// What two findings have in common that are probably one.
#[derive(PartialEq, Eq)]
pub(super) enum Theme {
    /// A retry goes wrong, whatever the command.
    Retry,
    /// A demanded version is not heeded, whatever the command.
    Version,
    /// The same answer to the same query, or the same outcome of the same command.
    Same(Option<Signature>),
}

impl Shrunk {
    pub(super) fn theme(&self) -> Theme {
        let Some(mismatch) = self.trial.judgement.mismatches.first() else { return Theme::Same(None) };
        let operations = &self.trial.ran.operations;
        // In the smallest that fails, nothing is sent twice without need.
        let retried =
            operations.iter().any(|operation| matches!(&operation.act, Act::Submit { attempt: 1.., .. }));
        match &mismatch.must {
            _ if retried => Theme::Retry,
            Must::Outcome(codes) if *codes == [Some(CONFLICT.into())] => Theme::Version,
            _ => Theme::Same(Some(mismatch.signature())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::needed;

    #[test]
    fn the_rarer_a_failure_the_more_tries() {
        assert_eq!(needed(10), 1);
        assert_eq!(needed(9), 2);
        assert_eq!(needed(5), 6);
        assert_eq!(needed(1), 38);
    }
}
