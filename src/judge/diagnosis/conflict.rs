//! A conflict is reported where nobody else has written.

use super::course::CameTo;
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::{ClauseId, Expected};

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(sent) = course.command(mismatch.operation) else { return Vec::new() };
    match sent.came_to {
        CameTo::Refusal(rejection) if sent.command.expected == Expected::Any && rejection.is_conflict() => {
            let says =
                format!("{} is refused for a conflict where nobody else has written", sent.command.name);
            let breaks = vec![ClauseId::Oc4];
            vec![Cause { assumption: Assumption::Conflict, side: Side::Write, breaks, says }]
        }
        _ => Vec::new(),
    }
}
