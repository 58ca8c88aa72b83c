//! Values that a service chooses, as its answers showed them: none changes once it is shown, or until a command changes its
//! aggregate.

use std::collections::HashMap;

use super::probe::behind;
use super::{Evidence, Judged, Shows, Submitted, Wrong};
use crate::contract::rules::{Expected, Model as _, World};
use crate::contract::{FieldDef, Lasts, QueryDef};
use crate::history::{Act, Deed, Operation, Quiet};
use crate::protocol::{Outcome, Query, Seen};
use crate::value::{Record, Value};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 80;
const FIRST: &str = "look at where this value is made: once, when what it belongs to happens, and kept with that; not each time that \
                     a read model is built or read";

/// A field, of which aggregate, in answers to what.
type Place<'a> = (&'a str, Vec<(&'a str, &'a Value)>, &'a Value, &'a str);

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

/// Whether what services choose stays as long as the contract says. Only what broke is told: that values stay is counted by probes.
pub(super) fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    if !evidence.contract().queries().any(|query| lasting(query).next().is_some()) {
        return judged;
    }
    let changes = changes(evidence);
    let mut known: HashMap<Place<'_>, Sighting<'_>> = HashMap::new();
    for (at, operation) in evidence.ended().filter(|(at, _)| evidence.stranger(*at).is_none()) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        let (Some(def), Seen::Found(found)) = (evidence.contract().query(&query.name), &answer.seen) else {
            continue;
        };
        let since = still_since(evidence, at, &changes);
        for (on, record) in shown(def, query, found) {
            for field in lasting(def) {
                // What is not there yet may come.
                let Some(value) = record.get(&field.name).filter(|value| !value.is_null()) else { continue };
                let now = Sighting { at, value, since };
                let place = (&*query.name, asked(query), on, &*field.name);
                let Some(before) = known.get(&place).copied() else {
                    known.insert(place, now);
                    continue;
                };
                let must_stay = match field.lasts {
                    Lasts::ForGood => true,
                    _ => since.is_some() && before.since == since,
                };
                let tolerances = evidence.promises().tolerances_of(&query.name);
                let is_same = || tolerances.inside(&field.name).equal(before.value, value);
                if must_stay
                    && !is_same()
                    && !(field.lasts == Lasts::ForGood && may_be_new(evidence, query, on))
                {
                    broken(evidence, field, &place, [before, now], &mut judged);
                } else if !must_stay && since.is_some() {
                    known.insert(place, now);
                }
            }
        }
    }
    judged
}

/// The fields that a service chooses and that last.
fn lasting(query: &QueryDef) -> impl Iterator<Item = &FieldDef> {
    query.shows.iter().flatten().filter(|field| field.chosen && field.lasts != Lasts::OneRead)
}

/// What an answer shows of which aggregate.
fn shown<'a>(def: &QueryDef, query: &'a Query, found: &'a Value) -> Vec<(&'a Value, &'a Record)> {
    match (&query.on, found) {
        (Some(on), Value::Record(record)) => vec![(on, record)],
        (None, Value::List(rows)) => {
            let Some(id) = &def.id_field else { return Vec::new() };
            let rows = rows.iter().filter_map(Value::as_record);
            rows.filter_map(|row| Some((row.get(id)?, row))).collect()
        }
        _ => Vec::new(),
    }
}

/// What a query asks with, whatever the page.
fn asked(query: &Query) -> Vec<(&str, &Value)> {
    query.fields.iter().filter(|(name, _)| !matches!(*name, "page" | "page_size")).collect()
}

/// All that may change aggregates, in the order in which it was begun.
fn changes(evidence: &Evidence<'_>) -> Vec<Change> {
    let submitted = evidence.submitted().filter_map(|sent| {
        let operation = &evidence.operations[sent.at];
        let end = match sent.outcome {
            Outcome::NotSent(_) => return None,
            // It may take effect at any time.
            Outcome::Unknown(_) => None,
            Outcome::Accepted(_) | Outcome::Rejected(_) => operation.end.map(|end| end.index),
        };
        Some(Change { call: operation.call.index, end: end.unwrap_or(u64::MAX) })
    });
    let besides = evidence.deeds.iter().filter(|done| match done.deed {
        Deed::Spoiled | Deed::Seed | Deed::Restart => true,
        Deed::Wait | Deed::Rebuild | Deed::Feed | Deed::Status | Deed::AsOf => false,
    });
    let besides =
        besides.map(|done| Change { call: done.call.index, end: done.end.map_or(u64::MAX, |end| end.index) });
    let mut changes: Vec<Change> = submitted.chain(besides).collect();
    changes.sort_by_key(|change| change.call);
    changes
}

/// How many changes came before an answer; nothing where rest was not proved between the last of them and the question.
fn still_since(evidence: &Evidence<'_>, at: usize, changes: &[Change]) -> Option<usize> {
    let (call, end) = (evidence.operations[at].call.index, evidence.operations[at].end?.index);
    let before = changes.partition_point(|change| change.call < end);
    let over = changes[..before].iter().map(|change| change.end).max().unwrap_or_default();
    let is_rest = |one: &&Operation| {
        matches!(one.act, Act::Quiet(Quiet::Proved)) && (over..call).contains(&one.call.index)
    };
    evidence.operations[..at].iter().rev().find(is_rest).map(|_| before)
}

/// Whether an aggregate may have been removed and made again: what is made anew has values of its own.
fn may_be_new(evidence: &Evidence<'_>, query: &Query, on: &Value) -> bool {
    if evidence.deeds.iter().any(|done| done.deed == Deed::Seed) {
        return true;
    }
    let Some(kind) = evidence.model().kind_shown(&query.name) else { return true };
    let own = evidence.contract().queries().filter(|def| def.aggregate.as_ref() == Some(kind));
    let own: Vec<Query> = own
        .filter(|def| def.fields.iter().all(|field| !field.is_required()))
        .map(|def| Query { name: def.name.clone(), on: Some(on.clone()), fields: Record::new() })
        .collect();
    let is_there = |world: &World<Record>| {
        own.iter().any(|query| !matches!(evidence.model().answer(world, query), Ok(Expected::Absent)))
    };
    let (mut world, mut was_there) = (World::new(), false);
    let is_first = |sent: &Submitted<'_>| sent.attempt == 0;
    for sent in evidence.submitted().filter(is_first) {
        if matches!(sent.outcome, Outcome::Rejected(_) | Outcome::NotSent(_)) {
            continue;
        }
        let Some(next) = behind(evidence, &world, sent.command) else {
            // In another order than that of the calls it may have come to anything.
            if sent.command.on.as_ref() == Some(on) {
                return true;
            }
            continue;
        };
        let is_there = is_there(&next);
        if was_there && !is_there {
            return true;
        }
        if sent.is_accepted() {
            (world, was_there) = (next, is_there);
        }
    }
    own.is_empty()
}

/// A value that changed: both answers, the last command before them, and those in between.
fn broken(
    evidence: &Evidence<'_>,
    field: &FieldDef,
    (query, _, on, name): &Place<'_>,
    [before, now]: [Sighting<'_>; 2],
    judged: &mut Judged,
) {
    let wrong = match field.lasts {
        Lasts::ForGood => format!("{query} showed `{name}`, which never changes, and later another one"),
        _ => format!("{query} showed `{name}`, and later another one, with no command in between"),
    };
    let is_told = judged.findings.iter().any(|finding| match &finding.wrong {
        Wrong::Said(known) => *known == wrong,
        Wrong::Mismatch(_) => false,
    });
    if is_told {
        return;
    }
    let of_it = |sent: &Submitted<'_>| sent.is_accepted() && sent.command.on.as_ref() == Some(on);
    let commands: Vec<usize> = evidence.submitted().filter(of_it).map(|sent| sent.at).collect();
    let led = commands.iter().rfind(|at| **at < before.at);
    let between = commands.iter().filter(|at| (before.at..now.at).contains(at));
    let mut places: Vec<usize> = led.into_iter().chain(between).copied().chain([before.at, now.at]).collect();
    places.sort_unstable();
    let shown = |value: &Value| format!("`{name}`: {}", value.brief(SHOWN));
    let more = vec![format!("first {}", shown(before.value)), format!("later {}", shown(now.value))];
    judged.certainly_broken_as(wrong, Shows::Operations(places), more, FIRST);
}
