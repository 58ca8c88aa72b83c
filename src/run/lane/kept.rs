//! What a lane keeps of what it did.

use super::{Keeps, Lane};
use crate::history::{Act, Operation, Part, Quiet, Stamp};
use crate::protocol::{Answer, Query};

impl Lane {
    /// The target is quiet, as far as this lane can know; the history has it, too.
    pub(super) fn is_quiet(&mut self, quiet: Quiet) {
        let stamp = self.engine.recorder.quiet(self.part, quiet);
        if self.keeps != Keeps::Nothing {
            self.keep(Self::quiet_at(quiet, stamp), self.part, None);
            self.since = self.operations.len();
        }
    }

    /// Takes it that the target was quiet before the operation at that place. Says since when nothing but reads had been done.
    pub(crate) fn assume_before(&mut self, at: usize) -> usize {
        let stamp = self.operations[at].call;
        self.operations.insert(at, Self::quiet_at(Quiet::Assumed, stamp));
        self.requests.insert(at, None);
        self.heads.insert(at, None);
        self.parts.insert(at, self.parts[at]);
        std::mem::replace(&mut self.since, at + 1)
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.requests.remove(at);
        self.heads.remove(at);
        self.parts.remove(at);
        self.operations.remove(at);
    }

    fn quiet_at(quiet: Quiet, stamp: Stamp) -> Operation {
        Operation { client: 0, call: stamp, end: Some(stamp), act: Act::Quiet(quiet) }
    }

    /// The last operation is a poll: an answer that was there before is kept once, and what it makes needless not at all.
    pub(super) fn fold(&mut self) {
        let Some(last) = self.operations.len().checked_sub(1) else { return };
        let Some(before) = like(&self.operations, &self.parts, self.since, last) else { return };
        let (earlier, later) = self.operations.split_at_mut(last);
        if let (Some((_, known)), Some((_, answer))) = (read(&earlier[before]), read_mut(&mut later[0]))
            && known.seen == answer.seen
        {
            answer.seen.clone_from(&known.seen);
        }
        if let Some(needless) = needless(&self.operations, &self.parts, self.since) {
            self.remove(needless);
        }
    }
}

/// The read that the last operation makes needless: the one between two that brought the same, with nothing done since. Whatever
/// explains its neighbours explains it.
fn needless(operations: &[Operation], parts: &[Part], since: usize) -> Option<usize> {
    let last = operations.len().checked_sub(1)?;
    let between = like(operations, parts, since, last)?;
    let first = like(operations, parts, since, between)?;
    let brought = |at: usize| read(&operations[at]);
    (brought(first) == brought(between) && brought(between) == brought(last)).then_some(between)
}

/// The last read before a place that asks the same in the same session for the same, with nothing but reads from `since` on.
fn like(operations: &[Operation], parts: &[Part], since: usize, at: usize) -> Option<usize> {
    let (query, _) = read(&operations[at])?;
    let same = |other: &usize| {
        operations[*other].client == operations[at].client
            && parts[*other] == parts[at]
            && read(&operations[*other]).is_some_and(|(asked, _)| asked == query)
    };
    (since.min(at)..at).rev().find(same)
}

fn read(operation: &Operation) -> Option<(&Query, &Answer)> {
    match &operation.act {
        Act::Ask { query, answer } => Some((query, answer)),
        Act::Submit { .. } | Act::Quiet(_) => None,
    }
}

fn read_mut(operation: &mut Operation) -> Option<(&Query, &mut Answer)> {
    match &mut operation.act {
        Act::Ask { query, answer } => Some((query, answer)),
        Act::Submit { .. } | Act::Quiet(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::contract::rules::Interpreted;
    use crate::history::Role;
    use crate::judge::{Judgement, Settings, judge};
    use crate::protocol::{Command, Expected, Outcome, Promises, Receipt, Seen, Verdict};
    use crate::text::Source;
    use crate::value::{Record, Value};

    const VALVES: &str = include_str!("../../../tests/generating/valves.contract");
    const BOUND: Duration = Duration::from_millis(100);

    /// What a client did with a valve whose read model lags, and shows whatever it likes now and then.
    struct Course {
        chance: u64,
        now: Duration,
        index: u64,
        open: Option<bool>,
        shown: Option<bool>,
        coming: VecDeque<(Duration, bool)>,
        operations: Vec<Operation>,
    }

    impl Course {
        fn one_of(&mut self, count: u64) -> u64 {
            self.chance = crate::value::mix(self.chance.wrapping_add(crate::value::STEP));
            self.chance % count
        }

        fn stamp(&mut self) -> Stamp {
            (self.index, self.now) = (self.index + 1, self.now + Duration::from_millis(1));
            Stamp { index: self.index, at: self.now }
        }

        fn done(&mut self, act: Act) {
            let (call, end) = (self.stamp(), self.stamp());
            self.operations.push(Operation { client: 7, call, end: Some(end), act });
        }

        fn commands(&mut self) {
            let (name, open) = match self.open {
                None => ("Fit", false),
                Some(false) => ("Open", true),
                Some(true) => ("Shut", false),
            };
            self.open = Some(open);
            let lag = Duration::from_millis(self.one_of(150));
            self.coming.push_back((self.now + lag, open));
            let command = Command {
                name: name.into(),
                on: Some("v".into()),
                fields: Record::new(),
                key: None,
                expected: Expected::Any,
                id: "c".into(),
            };
            let outcome = Outcome::Accepted(Receipt::default());
            self.done(Act::Submit { command: Arc::new(command), attempt: 0, outcome });
        }

        fn reads(&mut self, often: u64) {
            for _ in 0..often {
                while let Some((_, open)) = self.coming.pop_front_if(|(due, _)| *due <= self.now) {
                    self.shown = Some(open);
                }
                let whatever = self.one_of(40);
                let shown = if whatever < 2 { Some(whatever == 0) } else { self.shown };
                let seen = shown.map_or(Seen::Absent, |open| {
                    let status = if open { "open" } else { "shut" };
                    Seen::Found(Record::from([("valve", Value::from("v")), ("status", status.into())]).into())
                });
                let query = Query { name: "GetValve".into(), on: Some("v".into()), fields: Record::new() };
                self.done(Act::Ask { query: Arc::new(query), answer: Answer::new(seen) });
                self.now += Duration::from_millis(self.chance % 20);
            }
        }

        fn of(seed: u64) -> Vec<Operation> {
            let now = Duration::ZERO;
            let (coming, operations) = (VecDeque::new(), Vec::new());
            let mut course =
                Self { chance: seed, now, index: 0, open: None, shown: None, coming, operations };
            for _ in 0..3 + seed % 6 {
                match course.one_of(3) {
                    0 => course.commands(),
                    1 => {
                        let often = 1 + course.one_of(8);
                        course.reads(often);
                    }
                    _ => {
                        let proved = course.one_of(2) == 0;
                        course.now += if proved { BOUND } else { Duration::ZERO };
                        course.done(Act::Quiet(if proved { Quiet::Proved } else { Quiet::Assumed }));
                    }
                }
            }
            course.operations
        }
    }

    /// What a lane keeps of them.
    fn folded(operations: &[Operation]) -> Vec<Operation> {
        let (mut kept, mut since) = (Vec::<Operation>::new(), 0);
        for operation in operations {
            kept.push(operation.clone());
            let parts = vec![Part::of(0).role(Role::Poll); kept.len()];
            if read(operation).is_none() {
                since = kept.len();
            } else if let Some(needless) = needless(&kept, &parts, since) {
                kept.remove(needless);
            }
        }
        kept
    }

    /// What a judgement says, by the places of the operations in the history.
    fn said(judged: &Judgement, operations: &[Operation]) -> Vec<(u64, String)> {
        let all = judged.mismatches.iter().chain(&judged.parked);
        all.map(|mismatch| (operations[mismatch.operation].call.index, mismatch.to_string())).collect()
    }

    #[test]
    fn what_is_not_kept_changes_no_judgement() {
        let source = Source::new("valves.contract", VALVES);
        let model = Interpreted::read(&source).expect("rules");
        let promises = Arc::new(Promises { bound: BOUND, ..Promises::default() });
        let settings = Settings { promises, ..Settings::default() };
        let mut came = [0; 3];
        let mut spared = 0;
        for seed in 0..3_000 {
            let all = Course::of(seed);
            let kept = folded(&all);
            let (whole, part) = (judge(&model, &settings, &all), judge(&model, &settings, &kept));
            assert_eq!(whole.verdict(), part.verdict(), "{seed}: {all:#?}");
            let (whole_said, part_said) = (said(&whole, &all), said(&part, &kept));
            let words =
                |said: &[(u64, String)]| said.iter().map(|(_, words)| words.clone()).collect::<Vec<_>>();
            assert_eq!(words(&whole_said), words(&part_said), "{seed}: {all:#?}");
            spared += all.len() - kept.len();
            came[match whole.verdict() {
                Verdict::Pass => 0,
                Verdict::Fail => 1,
                _ => 2,
            }] += 1;
        }
        assert!(came.iter().all(|count| *count > 50) && spared > 3_000, "{came:?}, {spared} spared");
    }
}
