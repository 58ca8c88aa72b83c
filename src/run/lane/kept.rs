//! What a lane keeps of what it did.

use super::Lane;
use crate::history::{Act, Operation, Quiet, Stamp};
use crate::protocol::{Answer, Query};

impl Lane {
    /// Leaves out what was done from this operation on: it proves nothing of what came before.
    pub(crate) fn leave_out(&mut self, from: usize) {
        self.operations.truncate(from);
        self.requests.truncate(from);
        self.steps.truncate(from);
        self.parts.truncate(from);
        self.since = self.operations.len();
    }

    /// The target is quiet, as far as this lane can know; the history has it, too.
    pub(super) fn is_quiet(&mut self, quiet: Quiet) {
        let stamp = self.engine.recorder.quiet(self.part, quiet);
        if self.keeps {
            self.keep(Self::quiet_at(quiet, stamp), self.part, None);
            self.since = self.operations.len();
        }
    }

    /// Takes it that the target was quiet before the operation at that place. Says since when nothing but reads had been done.
    pub(crate) fn assume_before(&mut self, at: usize) -> usize {
        let (stamp, step) = (self.operations[at].call, self.steps[at]);
        self.operations.insert(at, Self::quiet_at(Quiet::Assumed, stamp));
        self.requests.insert(at, None);
        self.steps.insert(at, step);
        self.parts.insert(at, self.parts[at]);
        std::mem::replace(&mut self.since, at + 1)
    }

    pub(super) fn remove(&mut self, at: usize) {
        self.requests.remove(at);
        self.steps.remove(at);
        self.parts.remove(at);
        self.operations.remove(at);
    }

    fn quiet_at(quiet: Quiet, stamp: Stamp) -> Operation {
        Operation { client: 0, call: stamp, end: Some(stamp), act: Act::Quiet(quiet) }
    }

    /// The last operation is a read. Where the last two of the same, with nothing done since, brought the same, the one between
    /// says nothing: whatever explains its neighbours explains it. Of all that are kept, equal answers are one in memory.
    pub(super) fn fold(&mut self) {
        let Some(last) = self.operations.len().checked_sub(1) else { return };
        let before = self.like(last, last);
        let Some((between, first)) = before.map(|between| (between, self.like(last, between))) else {
            return;
        };
        let (earlier, later) = self.operations.split_at_mut(last);
        let (Some((_, known)), Some((_, answer))) = (read(&earlier[between]), read_mut(&mut later[0])) else {
            return;
        };
        if known.seen != answer.seen {
            return;
        }
        answer.seen.clone_from(&known.seen);
        if known == answer
            && first.is_some_and(|first| read(&earlier[first]).is_some_and(|(_, first)| first == known))
        {
            self.remove(between);
        }
    }

    /// The last read before a place that asks the same in the same session and step, with nothing done since.
    fn like(&self, one: usize, before: usize) -> Option<usize> {
        let (query, _) = read(&self.operations[one])?;
        let same = |at: &usize| {
            self.operations[*at].client == self.operations[one].client
                && self.steps[*at] == self.steps[one]
                && read(&self.operations[*at]).is_some_and(|(asked, _)| asked == query)
        };
        (self.since.min(before)..before).rev().find(same)
    }
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
