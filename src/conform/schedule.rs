//! When cases begin: how many go on at the same time, until when, and where an experiment goes on when its turn comes again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::lab::Lab;
use super::procedure::Stage;
use crate::protocol::Capability;
use crate::run::Engine;

/// Cases that only wait for a bound stand in nobody's way. So much longer than one answer takes the bound has to be for each case that
/// goes on besides: were all of them answered one behind the other, they would still be answered within a part of it.
const ANSWERS: u32 = 200;
/// So many times as many cases as usual at the same time, at most.
const MOST: u32 = 6;
/// How much one answer changes what is taken for usual: one part in so many.
const MEMORY: u32 = 16;
/// How much longer than its budget an examination takes at most: one part in so many.
const OVERRUN: u32 = 10;
/// Rests of a case of which nothing is known yet.
const RESTS: u32 = 2;

/// What is known of how time goes.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    /// How long the target takes to answer, of late; nothing where nothing was asked.
    answers_in: Option<Duration>,
    /// Until when the stage that is under way begins something new; nothing for as long as there is time.
    until: Option<Duration>,
    /// The number of the case that an experiment begins next.
    next: BTreeMap<&'static str, u64>,
    /// The longest case of an experiment.
    longest: BTreeMap<&'static str, Duration>,
    /// How long each procedure took.
    took: BTreeMap<&'static str, Duration>,
    /// Whether something was not begun because it would have taken too long.
    is_short: bool,
}

/// Of the time that is left, what a stage may take before those behind it have had their turn, in hundredths. `harm` is whether something
/// harmful comes last.
fn share(stage: Stage, harm: bool) -> u32 {
    match stage {
        Stage::First => 20,
        Stage::Together | Stage::Alone => 50,
        Stage::Races | Stage::Controls | Stage::Late if harm => 60,
        Stage::Races => 70,
        Stage::Controls => 80,
        Stage::Late | Stage::Sweep | Stage::Last | Stage::LastSweep | Stage::Killing => 100,
    }
}

impl Schedule {
    /// Takes note of how long an answer took.
    fn answered(&mut self, took: Duration) {
        self.answers_in = Some(match self.answers_in {
            None => took,
            Some(usual) => (usual * (MEMORY - 1) + took) / MEMORY,
        });
    }

    /// How many cases go on at the same time where it is usually so many, and each waits for a bound.
    fn lanes(&self, usual: usize, bound: Duration) -> usize {
        // What must not meet its like doesn't.
        let Some(answers_in) = self.answers_in.filter(|_| usual > 1) else { return usual };
        let times = bound.as_micros() / (answers_in.as_micros().max(1) * u128::from(ANSWERS));
        usual * usize::try_from(times.clamp(1, u128::from(MOST))).unwrap_or(1)
    }

    /// Whether a case of an experiment may begin `now`: it is over in time, or it is the first one and takes nobody else's.
    fn may_begin(
        &mut self,
        experiment: &'static str,
        rest: Duration,
        (now, deadline, latest): (Duration, Duration, Duration),
    ) -> bool {
        let is_first = self.next(experiment) == 0;
        let takes = self.longest.get(experiment).copied().unwrap_or(rest * RESTS);
        let until = self.until.filter(|_| !is_first).unwrap_or(deadline);
        let may = now < until && now.saturating_add(takes) <= latest;
        // Where others have their turn first, it comes again.
        self.is_short |= !may && self.until.is_none();
        may
    }

    fn next(&self, experiment: &str) -> u64 {
        self.next.get(experiment).copied().unwrap_or(0)
    }
}

impl Lab {
    /// A stage begins; in the first round it leaves time for those behind it.
    pub(super) fn stage(&self, stage: Stage, first: bool, harm: bool) {
        let now = self.engine.clock.now();
        let left = self.engine.deadline.saturating_sub(now);
        let until = (first && share(stage, harm) < 100).then(|| now + left * share(stage, harm) / 100);
        self.schedule().until = until;
    }

    /// What an experiment stands on that is not done case by case: it begins something new as long as the stage does, and is over in time.
    pub(super) fn engine_until(&self) -> Engine {
        let deadline = self.schedule().until.unwrap_or(self.engine.deadline);
        Engine { deadline, ..self.engine.clone() }
    }

    /// How long is left at most, with all that an examination takes longer than its budget.
    pub(super) fn left(&self) -> Duration {
        self.latest().saturating_sub(self.engine.clock.now())
    }

    fn latest(&self) -> Duration {
        let Engine { began, deadline, .. } = self.engine;
        deadline + deadline.saturating_sub(began) / OVERRUN
    }

    /// How long one rest takes at most, where the target has no word for it.
    fn rest(&self) -> Duration {
        if self.claims(Capability::Wait) {
            return Duration::ZERO;
        }
        self.engine.target.describe().promises.longest_bound()
    }

    /// How many cases of an experiment go on at the same time where it is usually so many.
    pub(super) fn lanes(&self, usual: usize) -> usize {
        let lanes = self.schedule().lanes(usual, self.rest());
        self.jobs.map_or(lanes, |jobs| lanes.min(jobs))
    }

    /// The target has answered.
    pub(super) fn answered(&self, took: Duration) {
        self.schedule().answered(took);
    }

    /// The number of the case of an experiment that begins now; nothing where none does any more.
    pub(super) fn begins(&self, experiment: &'static str, cases: u64) -> Option<u64> {
        if self.over() {
            return None;
        }
        let times = (self.engine.clock.now(), self.engine.deadline, self.latest());
        let rest = self.rest();
        let mut schedule = self.schedule();
        let number = schedule.next(experiment);
        if number >= cases || !schedule.may_begin(experiment, rest, times) {
            return None;
        }
        schedule.next.insert(experiment, number + 1);
        Some(number)
    }

    /// The number of the case with which an experiment goes on that is not done case by case.
    pub(super) fn goes_on_at(&self, experiment: &'static str) -> u64 {
        self.schedule().next(experiment)
    }

    /// It has got so far.
    pub(super) fn has_got_to(&self, experiment: &'static str, number: u64) {
        let mut schedule = self.schedule();
        schedule.is_short |= number != u64::MAX && schedule.until.is_none();
        schedule.next.insert(experiment, number);
    }

    /// A case of an experiment is over.
    pub(super) fn case_took(&self, experiment: &'static str, took: Duration) {
        let mut schedule = self.schedule();
        let longest = schedule.longest.entry(experiment).or_default();
        *longest = took.max(*longest);
    }

    /// A procedure is over, for now.
    pub(super) fn procedure_took(&self, procedure: &'static str, took: Duration) {
        *self.schedule().took.entry(procedure).or_default() += took;
    }

    /// Whether something was not begun for want of time.
    pub(super) fn is_short(&self) -> bool {
        self.engine.clock.now() >= self.engine.deadline || self.schedule().is_short
    }

    /// What the time went to, in a sentence.
    pub(super) fn told_of_time(&self) -> String {
        let mut took: Vec<_> = self.schedule().took.clone().into_iter().collect();
        took.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        let took = took.iter().take(3).map(|(name, took)| format!("{name} ({:.1} s)", took.as_secs_f64()));
        let told = format!("most of the time went to {}", took.collect::<Vec<_>>().join(", "));
        let rest = self.rest();
        if rest.is_zero() {
            return told;
        }
        format!(
            "{told}; the target does not say when it is caught up (`[wait]`), so that whatever must not show is waited for as long as \
             the longest bound, {rest:?}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn answering_in(took: Duration) -> Schedule {
        let mut schedule = Schedule::default();
        schedule.answered(took);
        schedule
    }

    #[test]
    fn more_cases_go_on_at_the_same_time_the_longer_each_of_them_waits() {
        let lanes = |answer: Duration, bound: Duration| answering_in(answer).lanes(4, bound);
        assert_eq!(lanes(MS, Duration::ZERO), 4);
        assert_eq!(lanes(MS, MS * 300), 4);
        assert_eq!(lanes(MS, MS * 500), 8);
        assert_eq!(lanes(MS, MS * 60_000), 24);
        // Who is slow to answer would be kept busy until the bound has passed.
        assert_eq!(lanes(MS * 20, MS * 2_000), 4);
        assert_eq!(Schedule::default().lanes(4, MS * 2_000), 4);
        assert_eq!(answering_in(MS).lanes(1, MS * 60_000), 1);
    }

    #[test]
    fn one_slow_answer_is_not_what_is_usual() {
        let mut schedule = answering_in(MS);
        schedule.answered(MS * 20);
        assert_eq!(schedule.lanes(4, MS * 2_000), 16);
        for _ in 0..100 {
            schedule.answered(MS * 20);
        }
        assert_eq!(schedule.lanes(4, MS * 2_000), 4);
    }

    #[test]
    fn a_case_begins_where_it_is_over_in_time_and_the_first_one_whoevers_turn_it_is() {
        let mut schedule = Schedule { until: Some(MS * 50), ..Schedule::default() };
        let (deadline, latest) = (MS * 100, MS * 110);
        let mut may = |now: u32, rest: u32| {
            let may = schedule.may_begin("a", MS * rest, (MS * now, deadline, latest));
            (may, std::mem::take(&mut schedule.is_short))
        };
        assert_eq!(may(40, 10), (true, false));
        // Nobody has had a turn yet.
        assert_eq!(may(60, 10), (true, false));
        assert_eq!(may(60, 30), (false, false));
        schedule.until = None;
        let mut may = |now: u32, rest: u32| {
            let may = schedule.may_begin("a", MS * rest, (MS * now, deadline, latest));
            (may, std::mem::take(&mut schedule.is_short))
        };
        assert_eq!(may(60, 20), (true, false));
        assert_eq!(may(60, 30), (false, true));
        assert_eq!(may(100, 0), (false, true));
        schedule.until = Some(MS * 50);
        schedule.next.insert("a", 1);
        let mut may = |now: u32| schedule.may_begin("a", MS * 10, (MS * now, deadline, latest));
        assert!(may(49));
        assert!(!may(50));
        // What a case takes is known by now.
        schedule.longest.insert("a", MS * 80);
        let mut may = |now: u32| schedule.may_begin("a", MS * 10, (MS * now, deadline, latest));
        assert!(may(30));
        assert!(!may(31));
    }
}
