//! Only the list is wrong: its order, or which rows it has, while what they are about shows elsewhere.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::contract::rules::{Expected, Model as _};
use crate::judge::Must;
use crate::protocol::ClauseId;

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    let Some(world) = course.world(read.at) else { return Vec::new() };
    let Ok(Expected::Rows(mut rows)) = course.model.answer(&world, read.query) else { return Vec::new() };
    let (query, count) = (&read.query.name, rows.count);
    let cause = |says: String| {
        let side = Side::Read(query.clone());
        vec![Cause { assumption: Assumption::Listed, side, breaks: vec![ClauseId::Qs5], says }]
    };
    if matches!(mismatch.must, Must::Total(_)) {
        return cause(format!("{query} tells another total than it has rows"));
    }
    if !rows.unordered {
        rows.unordered = true;
        if course.is(&Expected::Rows(rows), &read) {
            return cause(format!("{query} has its rows in another order"));
        }
    }
    if course.rows(&read).is_some_and(|shown| shown.len() == count) {
        return Vec::new();
    }
    // Whatever is missing or one too many: what another query shows of it says whether it has come. Where nothing does, it may have.
    let elsewhere: Vec<bool> = course
        .reads(0..course.len())
        .filter(|other| other.query.name != *query && other.query.on.is_some() && course.is_at_rest(other.at))
        .filter(|other| course.sent(other.at).len() == course.sent(read.at).len())
        .map(|other| course.fits(&world, &other))
        .collect();
    if course.is_at_rest(read.at) && (elsewhere.is_empty() || elsewhere.contains(&true)) {
        let lacks = course.rows(&read).is_some_and(|shown| shown.len() < count);
        let how = if lacks { "lacks rows" } else { "has rows too many" };
        let shown =
            if elsewhere.is_empty() { "" } else { ", and what they are about shows elsewhere as it must" };
        return cause(format!("{query} {how}{shown}"));
    }
    Vec::new()
}
