//! A command that was refused took effect all the same.

use super::course::{CameTo, Scope, Sent};
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::{ClauseId, Expected, Rejection};

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let place = mismatch.operation;
    let refused = course.sent(place).iter().rev().filter_map(|sent| match sent.came_to {
        CameTo::Refusal(rejection) => Some((*sent, rejection)),
        _ => None,
    });
    for (sent, rejection) in refused {
        let way = |before| {
            let done = course.sent(before).iter();
            let done = done.filter(|one| one.at == sent.at || one.came_to == CameTo::Effect);
            course.behind(done.map(|one| &**one.command))
        };
        let side = if mismatch.is_read() {
            let Some(read) = course.read(place) else { continue };
            if !course.is_read_so(&read, Scope::Once, &way) {
                continue;
            }
            course.side(&read, &way).side
        } else {
            let decided = course.command(place);
            let right =
                decided.zip(way(place)).is_some_and(|(decided, world)| course.is_right(&world, &decided));
            if !right {
                continue;
            }
            Side::Write
        };
        let name = &sent.command.name;
        let says = format!("{name} was refused, and took effect all the same");
        let breaks = breaks(course, &sent, rejection);
        return vec![Cause { assumption: Assumption::Refused, side, breaks, says }];
    }
    Vec::new()
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
