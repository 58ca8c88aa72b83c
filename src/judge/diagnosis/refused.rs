//! A command that was refused took effect all the same.

use super::course::{CameTo, Sent};
use super::partial::{torn, ways_to_tear};
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::{ClauseId, Expected, Rejection};

/// So many refused commands are looked at in part, the last ones.
const TORN: usize = 4;
/// So many selections of what one of them does: each is gone through in all that was read.
const SELECTIONS: usize = 8;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let refused = course.sent(mismatch.operation).iter().rev().filter_map(|sent| match sent.came_to {
        CameTo::Refusal(rejection) => Some((*sent, rejection)),
        _ => None,
    });
    let whole = refused.clone().find_map(|(sent, rejection)| {
        let side = took_effect(course, mismatch, &sent)?;
        Some((sent, rejection, "", side))
    });
    let found = whole.or_else(|| {
        refused.take(TORN).find_map(|(sent, rejection)| {
            let side = took_effect_in_part(course, mismatch, &sent)?;
            Some((sent, rejection, "a part of it ", side))
        })
    });
    let cause = found.map(|(sent, rejection, part, side)| {
        let says = format!("{} was refused, and {part}took effect all the same", sent.command.name);
        Cause { assumption: Assumption::Refused, side, breaks: breaks(course, &sent, rejection), says }
    });
    cause.into_iter().collect()
}

/// On which side, if that explains it.
fn took_effect(course: &Course<'_>, mismatch: &Mismatch, sent: &Sent<'_>) -> Option<Side> {
    let way = |before| {
        let done = course.sent(before).iter();
        let done = done.filter(|one| one.at == sent.at || one.came_to == CameTo::Effect);
        course.behind(done.map(|one| &**one.command))
    };
    if mismatch.is_read() {
        let read = course.read(mismatch.operation)?;
        return course.is_read_so_behind(&read, &way).then(|| course.side(&read, &way).side);
    }
    let decided = course.command(mismatch.operation)?;
    course.is_right(&way(mismatch.operation)?, &decided).then_some(Side::Write)
}

/// The same of a part of what it does: something is written before the last check.
fn took_effect_in_part(course: &Course<'_>, mismatch: &Mismatch, sent: &Sent<'_>) -> Option<Side> {
    let read = course.read(mismatch.operation).filter(|_| mismatch.is_read())?;
    ways_to_tear(course, sent).into_iter().take(SELECTIONS).find_map(|left_out| {
        let way = |before| torn(course, sent, &left_out, before);
        course.is_read_so_behind(&read, &way).then(|| course.side(&read, &way).side)
    })
}

/// What it breaks, by what the command was refused for.
fn breaks(course: &Course<'_>, sent: &Sent<'_>, rejection: &Rejection) -> Vec<ClauseId> {
    let before = |other: &Sent<'_>| other.came_to == CameTo::Effect && other.command.key == sent.command.key;
    vec![if sent.command.key.is_some() && course.sent(sent.at).iter().any(before) {
        ClauseId::Id2
    } else if rejection.code.as_deref() == Some("Malformed") {
        ClauseId::Ch2
    } else if sent.command.expected != Expected::Any && rejection.is_conflict() {
        ClauseId::Oc1
    } else {
        ClauseId::Br1
    }]
}
