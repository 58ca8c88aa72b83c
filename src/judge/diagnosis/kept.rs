//! A field keeps the value that it had before a command set it.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::contract::rules::{Expected, Model as _, World, told_row};
use crate::protocol::{ClauseId, Query};
use crate::value::{Path, Record, Value};

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    if mismatch.differences.is_empty() || mismatch.allowed.len() != 1 {
        return Vec::new();
    }
    let query = &read.query.name;
    let kept: Option<Vec<_>> = mismatch
        .differences
        .iter()
        .map(|difference| {
            setter(course, read.query, read.at, (&difference.path, difference.actual.as_ref()?))
        })
        .collect();
    let Some(kept) = kept else { return Vec::new() };
    let (path, by) = &kept[0];
    let says = format!("{query} keeps {path} as it was before {by}");
    let side = Side::Read(query.clone());
    vec![Cause { assumption: Assumption::Kept, side, breaks: vec![ClauseId::Ec1], says }]
}

/// The field that had that value before, and which command set it to another one first.
fn setter(
    course: &Course<'_>,
    query: &Query,
    before: usize,
    (path, actual): (&Path, &Value),
) -> Option<(String, String)> {
    let done: Vec<_> = course.done(before).collect();
    let shows = |commands: usize| {
        let world = course.behind(done[..commands].iter().map(|sent| &**sent.command))?;
        at(&answer(course, &world, query)?, path)
    };
    let had = (1..done.len()).rev().find(|commands| shows(*commands).as_ref() == Some(actual))?;
    Some((path.to_string(), done[had].command.name.to_string()))
}

/// What a query shows in a world, as a value.
fn answer(course: &Course<'_>, world: &World<Record>, query: &Query) -> Option<Value> {
    match course.model.answer(world, query).ok()? {
        Expected::Shows(row) => Some(told_row(&row)),
        _ => None,
    }
}

fn at(shown: &Value, path: &Path) -> Option<Value> {
    path.get(shown).cloned()
}
