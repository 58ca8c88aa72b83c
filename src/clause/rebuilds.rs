//! Rebuilds as clauses look at them: when read models were built anew, and what was read at rest before and behind it.

use super::{Evidence, Judged};
use crate::history::{Act, Quiet, Role};
use crate::protocol::{Answer, Query, Seen};

/// When read models were built anew in a case.
pub(super) struct Rebuilds {
    /// Of each that was done, the places in the order of things at which it began and ended.
    pub(super) spans: Vec<(u64, u64)>,
}

/// A query and its answers at rest, before the first rebuild and behind the last one.
pub(super) struct Shot<'a> {
    pub(super) query: &'a Query,
    pub(super) before: &'a Answer,
    /// Whether it is proved that nothing was under way before. Where that is only what was shown, another state may look the same.
    pub(super) proved: bool,
    /// Nothing where it was not asked again.
    pub(super) behind: Option<&'a Answer>,
}

impl Rebuilds {
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let done = evidence.deeds.iter().filter(|done| done.rebuilt().is_some());
        Self { spans: done.filter_map(|done| Some((done.call.index, done.end?.index))).collect() }
    }

    /// Those of a case in which all was right before the first; nothing where there was none, or where something was wrong, which is no
    /// rebuild's doing and is set aside. With the place of the first operation behind.
    pub(super) fn behind_what_was_right(
        evidence: &Evidence<'_>,
        judged: &mut Judged,
    ) -> Option<(Self, usize)> {
        let rebuilds = Self::of(evidence);
        let (begun, _) = rebuilds.span()?;
        let before = evidence.operations.partition_point(|operation| operation.call.index < begun);
        let is_wrong = judged.is_set_aside(&evidence.judge(&evidence.operations[..before]));
        (!is_wrong).then_some((rebuilds, before))
    }

    /// How many there were.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.spans.len()).unwrap_or(u32::MAX)
    }

    /// When the first began, and when the last was over; nothing where there was none.
    pub(super) fn span(&self) -> Option<(u64, u64)> {
        let begun = self.spans.iter().map(|(begun, _)| *begun).min()?;
        Some((begun, self.spans.iter().map(|(_, over)| *over).max()?))
    }

    /// Whether the operation at this place was under way while one was.
    pub(super) fn is_meanwhile(&self, evidence: &Evidence<'_>, at: usize) -> bool {
        let operation = &evidence.operations[at];
        let end = operation.end.map_or(u64::MAX, |end| end.index);
        self.spans.iter().any(|(begun, over)| operation.call.index < *over && end > *begun)
    }

    /// What was read at rest on both sides.
    pub(super) fn shots<'a>(&self, evidence: &Evidence<'a>) -> Vec<Shot<'a>> {
        let Some((begun, over)) = self.span() else { return Vec::new() };
        let all = at_rest(evidence);
        let next =
            evidence.submitted().map(|sent| evidence.operations[sent.at].call.index).find(|at| *at > over);
        let before = all.iter().filter(|(at, ..)| *at < begun);
        let behind = |query: &Query| {
            let mut own = all.iter().filter(|(at, _, asked, _)| {
                *at > over && next.is_none_or(|next| *at < next) && *asked == query
            });
            own.next_back().map(|(.., answer)| *answer)
        };
        let mut shots: Vec<Shot<'a>> = Vec::new();
        for (_, quiet, query, answer) in before {
            let proved = *quiet == Quiet::Proved;
            match shots.iter_mut().find(|shot| shot.query == *query) {
                Some(shot) => (shot.before, shot.proved) = (answer, proved),
                None => shots.push(Shot { query, before: answer, proved, behind: behind(query) }),
            }
        }
        shots
    }
}

/// What was read behind a rest, with its place in the order of things: polls are none of it, and were asked before.
fn at_rest<'a>(evidence: &Evidence<'a>) -> Vec<(u64, Quiet, &'a Query, &'a Answer)> {
    let mut all = Vec::new();
    let mut rest = None;
    for (operation, part) in evidence.operations.iter().zip(evidence.parts) {
        match &operation.act {
            Act::Quiet(quiet) => rest = Some(*quiet),
            Act::Submit { .. } => rest = None,
            Act::Ask { query, answer } if part.role != Role::Poll => {
                all.extend(rest.map(|quiet| (operation.call.index, quiet, &**query, answer)));
            }
            Act::Ask { .. } => {}
        }
    }
    all
}

/// Whether a query was answered.
pub(super) fn is_answered(answer: &Answer) -> bool {
    matches!(answer.seen, Seen::Found(_) | Seen::Absent)
}
