//! Values that a service chooses, as its answers showed them: none changes once it is shown, or until a command changes its
//! aggregate.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Mismatch, MismatchKind, Must, Settings};
use crate::contract::rules::{Expected, Interpreted, Model as _, World};
use crate::contract::{Lasts, QueryDef};
use crate::history::{Act, Deed, Done, Operation, Quiet};
use crate::protocol::{Command, Outcome, Promises, Query, Seen};
use crate::value::{Difference, Path, Record, Value};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 80;

/// What was done and seen, by those whose answers are held against each other.
#[derive(Clone, Copy, Debug)]
pub struct Witnessed<'a> {
    /// In the order of their calls.
    pub operations: &'a [Operation],
    /// What was done besides.
    pub deeds: &'a [Arc<Done>],
}

/// A value that a service chose: it was shown, and later another one, though it lasts longer than that.
#[derive(Clone, PartialEq, Debug)]
pub struct Changed {
    /// The query whose answers showed it.
    pub query: Arc<str>,
    /// The aggregate that it belongs to.
    pub on: Value,
    /// The field.
    pub field: Arc<str>,
    /// How long it has to last.
    pub lasts: Lasts,
    /// What was shown first, and the place of that answer among the operations.
    pub before: (usize, Value),
    /// What was shown later, and where.
    pub now: (usize, Value),
    /// The row that showed it later, where it was a list.
    row: Option<usize>,
}

/// A field, of which aggregate, in answers to what, for whom.
type Spot<'a> = (&'a str, Vec<(&'a str, &'a Value)>, &'a Value, &'a str, u64);

/// A value that was shown.
#[derive(Clone, Copy)]
struct Sighting<'a> {
    /// The place of the answer.
    at: usize,
    value: &'a Value,
    /// How many changes had been begun before the answer came, where it is proved to show all of them and nothing else.
    since: Option<usize>,
}

/// When something was begun that may change aggregates, and when it was over: places in the order of things.
#[derive(Clone, Copy)]
struct Change {
    call: u64,
    end: u64,
}

/// The values that changed though they last. `reads` are the places of the answers that are held against each other, in the order of things,
/// each with whom it was for: services may choose for each reader anew.
pub fn changed(
    model: &Interpreted,
    promises: &Promises,
    witnessed: Witnessed<'_>,
    reads: impl Iterator<Item = (usize, u64)>,
) -> Vec<Changed> {
    let mut found = Vec::new();
    let contract = model.contract();
    if !contract.shows_what_lasts() {
        return found;
    }
    let changes = witnessed.changes();
    let mut known: HashMap<Spot<'_>, Sighting<'_>> = HashMap::new();
    for (at, reader) in reads {
        let Act::Ask { query, answer } = &witnessed.operations[at].act else { continue };
        let (Some(def), Seen::Found(seen)) = (contract.query(&query.name), &answer.seen) else { continue };
        let since = witnessed.still_since(at, &changes);
        let tolerances = promises.tolerances_of(&query.name);
        for (row, on, record) in shown(def, query, seen) {
            for field in def.lasting() {
                // What is not there yet may come.
                let Some(value) = record.get(&field.name).filter(|value| !value.is_null()) else { continue };
                let now = Sighting { at, value, since };
                let spot = (&*query.name, asked(query), on, &*field.name, reader);
                let Some(before) = known.get(&spot).copied() else {
                    known.insert(spot, now);
                    continue;
                };
                let must_stay = match field.lasts {
                    Lasts::ForGood => true,
                    _ => since.is_some() && before.since == since,
                };
                let is_same = || tolerances.inside(&field.name).equal(before.value, value);
                let may_be_new = || field.lasts == Lasts::ForGood && witnessed.may_be_new(model, query, on);
                if must_stay && !is_same() && !may_be_new() {
                    found.push(Changed {
                        query: query.name.clone(),
                        on: on.clone(),
                        field: field.name.clone(),
                        lasts: field.lasts,
                        before: (before.at, before.value.clone()),
                        now: (now.at, now.value.clone()),
                        row,
                    });
                } else if !must_stay && since.is_some() {
                    known.insert(spot, now);
                }
            }
        }
    }
    found
}

/// The same of a sequence, whose answers are all for one reader: the first that changed, as something that is wrong in it.
pub fn changed_in_sequence(
    model: &Interpreted,
    settings: &Settings,
    operations: &[Operation],
) -> Option<Mismatch> {
    let reads = (0..operations.len()).filter(|at| operations[*at].end.is_some()).map(|at| (at, 0));
    let changed = changed(model, &settings.promises, Witnessed { operations, deeds: &[] }, reads);
    let changed = changed.into_iter().next()?;
    let Act::Ask { query, .. } = &operations[changed.now.0].act else { return None };
    let mut path = Path::root();
    changed.row.into_iter().for_each(|row| path.push(row));
    path.push(changed.field.clone());
    let (expected, actual) = (Some(changed.before.1.clone()), Some(changed.now.1.clone()));
    Some(Mismatch {
        kind: MismatchKind::Chosen,
        operation: changed.now.0,
        message: query.name.clone(),
        on: query.on.clone(),
        allowed: vec![changed.shown(&changed.before.1)],
        seen: changed.shown(&changed.now.1),
        outcome: None,
        differences: vec![Difference { path, expected, actual }],
        must: Must::Else,
    })
}

impl Changed {
    /// What is wrong, in a sentence without a full stop.
    pub fn sentence(&self) -> String {
        let Self { query, field, .. } = self;
        match self.lasts {
            Lasts::ForGood => format!("{query} showed `{field}`, which never changes, and later another one"),
            _ => format!("{query} showed `{field}`, and later another one, with no command in between"),
        }
    }

    /// One of the two values, with its name.
    pub fn shown(&self, value: &Value) -> String {
        format!("`{}`: {}", self.field, value.brief(SHOWN))
    }
}

/// What an answer shows of which aggregate, and in which row.
fn shown<'a>(
    def: &QueryDef,
    query: &'a Query,
    found: &'a Value,
) -> Vec<(Option<usize>, &'a Value, &'a Record)> {
    match (&query.on, found) {
        (Some(on), Value::Record(record)) => vec![(None, on, record)],
        (None, Value::List(rows)) => {
            let Some(id) = &def.id_field else { return Vec::new() };
            let rows = rows.iter().enumerate().filter_map(|(at, row)| Some((at, row.as_record()?)));
            rows.filter_map(|(at, row)| Some((Some(at), row.get(id)?, row))).collect()
        }
        _ => Vec::new(),
    }
}

/// What a query asks with, whatever the page.
fn asked(query: &Query) -> Vec<(&str, &Value)> {
    query.fields.iter().filter(|(name, _)| !matches!(*name, "page" | "page_size")).collect()
}

impl Witnessed<'_> {
    fn submitted(&self) -> impl Iterator<Item = (&Operation, &Command, u32, &Outcome)> {
        self.operations.iter().filter_map(|operation| match &operation.act {
            Act::Submit { command, attempt, outcome } => Some((operation, &**command, *attempt, outcome)),
            _ => None,
        })
    }

    /// All that may change aggregates, in the order in which it was begun.
    fn changes(&self) -> Vec<Change> {
        let submitted = self.submitted().filter_map(|(operation, _, _, outcome)| {
            let end = match outcome {
                Outcome::NotSent(_) => return None,
                // It may take effect at any time.
                Outcome::Unknown(_) => None,
                Outcome::Accepted(_) | Outcome::Rejected(_) => operation.end.map(|end| end.index),
            };
            Some(Change { call: operation.call.index, end: end.unwrap_or(u64::MAX) })
        });
        let besides = self.deeds.iter().filter(|done| match done.deed {
            Deed::Spoiled | Deed::Seed | Deed::Restart => true,
            Deed::Wait | Deed::Rebuild | Deed::Feed | Deed::Status | Deed::AsOf => false,
        });
        let besides = besides
            .map(|done| Change { call: done.call.index, end: done.end.map_or(u64::MAX, |end| end.index) });
        let mut changes: Vec<Change> = submitted.chain(besides).collect();
        changes.sort_by_key(|change| change.call);
        changes
    }

    /// How many changes came before an answer; nothing where rest was not proved between the last of them and the question.
    fn still_since(&self, at: usize, changes: &[Change]) -> Option<usize> {
        let (call, end) = (self.operations[at].call.index, self.operations[at].end?.index);
        let before = changes.partition_point(|change| change.call < end);
        let over = changes[..before].iter().map(|change| change.end).max().unwrap_or_default();
        let is_rest = |one: &&Operation| {
            matches!(one.act, Act::Quiet(Quiet::Proved)) && (over..call).contains(&one.call.index)
        };
        self.operations[..at].iter().rev().find(is_rest).map(|_| before)
    }

    /// Whether an aggregate may have been removed and made again: what is made anew has values of its own.
    fn may_be_new(&self, model: &Interpreted, query: &Query, on: &Value) -> bool {
        if self.deeds.iter().any(|done| done.deed == Deed::Seed) {
            return true;
        }
        let Some(kind) = model.kind_shown(&query.name) else { return true };
        let own = model.contract().queries().filter(|def| def.aggregate.as_ref() == Some(kind));
        let own: Vec<Query> = own
            .filter(|def| def.fields.iter().all(|field| !field.is_required()))
            .map(|def| Query { name: def.name.clone(), on: Some(on.clone()), fields: Record::new() })
            .collect();
        let is_there = |world: &World<Record>| {
            own.iter().any(|query| !matches!(model.answer(world, query), Ok(Expected::Absent)))
        };
        let (mut world, mut was_there) = (World::new(), false);
        for (_, command, attempt, outcome) in self.submitted() {
            if attempt > 0 || matches!(outcome, Outcome::Rejected(_) | Outcome::NotSent(_)) {
                continue;
            }
            let Some(next) = model.accepting(&world, command) else {
                // In another order than that of the calls it may have come to anything.
                if command.on.as_ref() == Some(on) {
                    return true;
                }
                continue;
            };
            let is_there = is_there(&next);
            if was_there && !is_there {
                return true;
            }
            if matches!(outcome, Outcome::Accepted(_)) {
                (world, was_there) = (next, is_there);
            }
        }
        own.is_empty()
    }
}
