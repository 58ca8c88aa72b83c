//! The event feed as clauses look at it: what was read of it in a case, and when.

use std::collections::BTreeMap;

use super::Evidence;
use crate::history::{Act, Fed, Feed};
use crate::protocol::{Actor, Event, Version};
use crate::value::Value;

/// Events of which a story tells.
const TOLD: usize = 12;

/// One reading by the default actor that brought events, or none.
pub(super) struct Reading {
    /// When it began.
    pub(super) call: u64,
    /// When it ended.
    pub(super) end: u64,
    /// Of which aggregate alone; nothing for all.
    pub(super) on: Option<Value>,
    /// Behind which position.
    pub(super) after: Option<u64>,
    /// What it told, in its order.
    pub(super) events: Vec<Event>,
}

impl Reading {
    /// Whether another one asked for the same.
    pub(super) fn asks_for_the_same(&self, other: &Self) -> bool {
        self.on == other.on && self.after == other.after
    }

    /// Whether it can be told apart where events stand.
    pub(super) fn has_positions(&self) -> bool {
        self.events.iter().all(|event| event.position.is_some())
    }
}

/// What was read of the feed in a case, in the order in which it was read.
pub(super) struct Readings<'e, 'a> {
    evidence: &'e Evidence<'a>,
    pub(super) all: Vec<Reading>,
}

impl<'e, 'a> Readings<'e, 'a> {
    pub(super) fn of(evidence: &'e Evidence<'a>) -> Self {
        let all = evidence.deeds.iter().filter_map(|done| {
            let Feed { who: Actor::Default, on, after, came: Fed::Told(events) } = done.feed()? else {
                return None;
            };
            Some(Reading { call: done.call.index, end: done.end?.index, on, after, events })
        });
        Self { evidence, all: all.collect() }
    }

    /// Whether it is about an aggregate of the case's own.
    pub(super) fn is_ours(&self, event: &Event) -> bool {
        self.evidence.has_ours(&event.on)
    }

    /// Of a reading, what is about aggregates of the case's own.
    pub(super) fn own<'r>(&self, reading: &'r Reading) -> Vec<&'r Event> {
        reading.events.iter().filter(|event| self.is_ours(event)).collect()
    }

    /// Whether nothing of the case's own was sent between two readings.
    pub(super) fn is_still(&self, before: &Reading, later: &Reading) -> bool {
        let mut sent = self.evidence.operations.iter().filter(|one| matches!(one.act, Act::Submit { .. }));
        sent.all(|sent| {
            let ended = sent.end.map_or(u64::MAX, |end| end.index);
            sent.call.index > later.end || ended < before.call
        })
    }

    /// When the last command of the case ended.
    pub(super) fn last_command(&self) -> Option<u64> {
        let sent = self.evidence.submitted().filter_map(|sent| self.evidence.operations[sent.at].end);
        sent.map(|end| end.index).max()
    }

    /// The last reading of each question that was put to the feed again and again, which is what it told in the end: of all aggregates,
    /// behind where it stood when they began, or else of each alone.
    pub(super) fn whole(&self) -> Vec<&Reading> {
        let times = |one: &Reading| self.all.iter().filter(|other| other.asks_for_the_same(one)).count();
        let of_all = || self.all.iter().filter(|reading| reading.on.is_none() && times(reading) > 1);
        if let Some(first) = of_all().min_by_key(|reading| reading.after) {
            return of_all().rfind(|reading| reading.asks_for_the_same(first)).into_iter().collect();
        }
        let mut last: Vec<&Reading> = Vec::new();
        for reading in self.all.iter().filter(|reading| reading.on.is_some() && reading.after.is_none()) {
            match last.iter_mut().find(|known| known.asks_for_the_same(reading)) {
                Some(known) => *known = reading,
                None => last.push(reading),
            }
        }
        last
    }
}

/// What an event is known by in the feed.
pub(super) fn key(event: &Event) -> (Option<u64>, &Value, Option<&Version>, &str) {
    (event.position, &event.on, event.version.as_ref(), &event.name)
}

/// The events of each aggregate, in the order of the feed.
pub(super) fn by_aggregate<'r>(
    events: impl IntoIterator<Item = &'r Event>,
) -> BTreeMap<String, Vec<&'r Event>> {
    let mut all: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in events {
        all.entry(event.on.to_string()).or_default().push(event);
    }
    all
}

/// Events in words, at most a handful.
pub(super) fn told<'e>(events: impl IntoIterator<Item = &'e Event>) -> Vec<String> {
    let mut story: Vec<String> = Vec::new();
    let mut left = 0;
    for event in events {
        if story.len() < TOLD {
            story.push(sentence(event));
        } else {
            left += 1;
        }
    }
    if left > 0 {
        story.push(format!("… and {left} more"));
    }
    story
}

/// One event in words.
pub(super) fn sentence(event: &Event) -> String {
    let position = event.position.map(|position| format!("position {position}: ")).unwrap_or_default();
    let version = event.version.as_ref().map(|version| format!(" at version {version}")).unwrap_or_default();
    let fields = Value::Record(event.fields.clone());
    format!("{position}{} {} on {}{version}", event.name, fields.brief(80), event.on.brief(60))
}

/// So many events, as evidence is counted.
pub(super) fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
