//! An accepted command has no effect: one of them, all of a kind, or all from one on.

use super::course::Scope;
use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let query = &read.query.name;
    let done: Vec<_> = course.done(read.at).collect();
    let explains = |scope: Scope, places: &[usize]| {
        let way = |before| course.without(places, before);
        course.is_read_so(&read, scope, &way).then(|| course.side(&read, &way).side)
    };
    let cause = |side: Side, says: String| {
        let breaks = vec![if side == Side::Write { ClauseId::Br6 } else { ClauseId::Ec1 }];
        vec![Cause { assumption: Assumption::Lost, side, breaks, says }]
    };
    // A law that explains more than one of them comes first.
    for sent in done.iter().rev() {
        let name = &sent.command.name;
        let alike = course.alike(sent);
        if let Some(side) = (alike.len() > 1).then(|| explains(Scope::Always, &alike)).flatten() {
            let says = match &side {
                Side::Write => format!("{name} is accepted, and never has an effect"),
                Side::Read(_) => format!("{query} never takes in {name}"),
            };
            return cause(side, says);
        }
    }
    for sent in done.iter().rev() {
        if let Some(side) = explains(Scope::Once, &[sent.at]) {
            let name = &sent.command.name;
            let says = match &side {
                Side::Write => format!("{name} was accepted, and had no effect"),
                Side::Read(_) => format!("{query} has not taken in {name}"),
            };
            return cause(side, says);
        }
    }
    for from in (0..done.len().saturating_sub(1)).rev() {
        let rest: Vec<usize> = done[from..].iter().map(|sent| sent.at).collect();
        if let Some(side) = explains(Scope::Once, &rest) {
            let says = format!("nothing from {} on shows in {query}", done[from].command.name);
            return cause(side, says);
        }
    }
    Vec::new()
}
