//! What is missing shows later: behind its bound.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let query = &read.query.name;
    let done: Vec<_> = course.done(read.at).collect();
    let fits = |world: Option<_>, read: &_| world.is_some_and(|world| course.fits(&world, read));
    let missing = (1..=done.len()).find(|missing| {
        let places: Vec<usize> = done[done.len() - missing..].iter().map(|sent| sent.at).collect();
        fits(course.without(&places, read.at), &read)
    });
    let Some(missing) = missing else { return Vec::new() };
    let catches_up = course.reads(read.at + 1..course.len()).any(|later| {
        later.query == read.query
            && course.done(later.at).count() == done.len()
            && fits(course.world(later.at), &later)
    });
    if !catches_up {
        return Vec::new();
    }
    let says = format!("{query} shows {} late", done[done.len() - missing].command.name);
    let side = Side::Read(query.clone());
    vec![Cause { assumption: Assumption::Late, side, breaks: vec![ClauseId::Ec1], says }]
}
