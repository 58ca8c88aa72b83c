//! An effect shows before another one that came first, and both show later: what was shown meanwhile never was.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::ClauseId;

/// Of so many commands, the last ones, it is asked which of them a read model has not taken in yet.
const MOST: usize = 8;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let read = course.read(mismatch.operation).filter(|_| mismatch.is_read());
    // Beyond the bound, what is missing is missing, whatever came behind it.
    let Some(read) = read.filter(|read| !course.is_at_rest(read.at)) else { return Vec::new() };
    let query = &read.query.name;
    let done: Vec<_> = course.done(read.at).collect();
    let places: Vec<usize> = done.iter().map(|sent| sent.at).collect();
    let later: Vec<_> =
        course.reads(read.at + 1..course.len()).filter(|later| later.query == read.query).collect();
    for (first, over, shown) in gaps(done.len()) {
        let missing: Vec<usize> = places[first..over].iter().chain(&places[shown + 1..]).copied().collect();
        let is_so = course.without(&missing, read.at).is_some_and(|world| course.fits(&world, &read));
        let shows_later = || {
            later.iter().any(|later| {
                let lacks = course.without(&places[first..over], later.at);
                course.world(later.at).is_some_and(|world| course.fits(&world, later))
                    && lacks.is_none_or(|world| !course.fits(&world, later))
            })
        };
        if is_so && shows_later() {
            let (one, other) = (&done[shown].command.name, &done[over - 1].command.name);
            let says = format!("{query} shows {one} before {other}, which came first");
            let side = Side::Read(query.clone());
            return vec![Cause { assumption: Assumption::Ahead, side, breaks: vec![ClauseId::Ec3], says }];
        }
    }
    Vec::new()
}

/// What may be missing of so many commands: those from the first to before the second of these places, and all behind the third, which shows.
/// The latest come first.
fn gaps(all: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    let from = all.saturating_sub(MOST);
    (from..all).rev().flat_map(move |shown| {
        (from + 1..=shown)
            .rev()
            .flat_map(move |over| (from..over).rev().map(move |first| (first, over, shown)))
    })
}
