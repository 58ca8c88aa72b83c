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
    // Whatever is missing or one too many: another query that shows all of it as it must be says that it has come.
    let elsewhere = course.reads(0..course.len()).any(|other| {
        let others = other.query.name != *query && other.query.on.is_some();
        let same = course.sent(other.at).len() == course.sent(read.at).len();
        others && same && course.is_at_rest(other.at) && course.fits(&world, &other)
    });
    if elsewhere && course.is_at_rest(read.at) {
        let how = if course.rows(&read).is_some_and(|shown| shown.len() < count) {
            "lacks rows"
        } else {
            "has rows too many"
        };
        return cause(format!("{query} {how}, and what they are about shows elsewhere as it must"));
    }
    Vec::new()
}
