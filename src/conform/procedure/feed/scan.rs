//! What each event by itself shows: its version, its id, what caused it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::stream::{by_aggregate, sentence, told};
use super::{Sent, count, example};
use crate::clause::Unit;
use crate::conform::lab::Lab;
use crate::protocol::{ClauseId, Event, Version};

/// Versions in each stream are unique and without gaps, from the first one on.
pub(super) fn versions(lab: &Lab, events: &[Event]) {
    let id = ClauseId::Ev1;
    let number = |event: &Event| match event.version {
        Some(Version::Number(number)) => Some(number),
        _ => None,
    };
    if events.iter().any(|event| number(event).is_none()) {
        lab.ledger.doubt(id, "the feed tells no versions that could be counted");
        return;
    }
    let streams = by_aggregate(events);
    let kind = |event: &Event| {
        let kind = lab.contract.event(&event.name).map(|(aggregate, _)| aggregate.name.to_string());
        kind.unwrap_or_default()
    };
    // Some count from nought, some from one; where one stream begins, its like begin as well.
    let mut begin: BTreeMap<String, u64> = BTreeMap::new();
    for first in streams.values().filter_map(|stream| stream.first()) {
        let at = number(first).unwrap_or_default();
        begin.entry(kind(first)).and_modify(|least| *least = at.min(*least)).or_insert(at);
    }
    for stream in streams.values() {
        let Some(first) = stream.first() else { continue };
        let next = begin.get(&kind(first)).copied().unwrap_or_default();
        for (event, next) in stream.iter().zip(next..) {
            let at = number(event).unwrap_or_default();
            if at != next {
                let wrong = format!("where version {next} of a stream must be, there is {at}");
                let first =
                    "look at what gives an event its version, and whether an append compares versions";
                lab.broken(id, example(&wrong, told(stream.iter().copied()), first));
                return;
            }
        }
    }
    lab.ledger.count(id, Unit::Events, count(events.len()));
}

/// Ids are unique, and where it is told what caused an event, that is the command that did.
pub(super) fn ids(lab: &Lab, events: &[Event], sent: &[Sent]) {
    let id = ClauseId::Ev6;
    let mut seen: HashMap<&str, &Event> = HashMap::new();
    for event in events {
        let Some(own) = &event.id else {
            lab.ledger.doubt(id, "the feed tells no ids");
            return;
        };
        if let Some(other) = seen.insert(own, event) {
            let story = [other, event].map(|event| format!("{}, id {own}", sentence(event)));
            let first = "look at what gives an event its id";
            lab.broken(id, example("two events have the same id", story.into(), first));
            return;
        }
    }
    if let Some((wrong, story)) = causes(events, sent) {
        lab.broken(id, example(wrong, story, "look at what an event is stored with as its cause"));
        return;
    }
    lab.ledger.count(id, Unit::Events, count(events.len()));
}

type Wrong = Option<(&'static str, Vec<String>)>;

/// What is wrong with what the events name as their causes.
fn causes(events: &[Event], sent: &[Sent]) -> Wrong {
    let mut names: HashSet<&str> = HashSet::new();
    for one in sent {
        names.insert(&one.command.id);
        names.extend(one.command.key.as_deref());
    }
    let told = || events.iter().filter_map(|event| event.causation.as_deref());
    told().next()?;
    if let Some(event) = events.iter().find(|event| event.causation.is_none()) {
        return Some(("an event names no cause, and others do", vec![sentence(event)]));
    }
    // Whether these are our commands' ids or keys at all is seen by the first that is. Many services give their commands
    // ids of their own: then each command has one, and no two have the same.
    let ours = told().any(|cause| names.contains(cause));
    let mut by_cause: HashMap<&str, (&Event, &Sent)> = HashMap::new();
    for event in events {
        let cause = event.causation.as_deref().unwrap_or_default();
        let story = |event: &Event| format!("{}, caused by {cause}", sentence(event));
        if ours && !names.contains(cause) {
            return Some(("an event names a cause that is no command of ours", vec![story(event)]));
        }
        let Some(by) = origin(event, sent) else { continue };
        if ours && cause != &*by.command.id && by.command.key.as_deref() != Some(cause) {
            let really = format!("that version came of the command {} ({})", by.command.id, by.command.name);
            return Some(("an event names another command as its cause", vec![story(event), really]));
        }
        if let Some((other, theirs)) = by_cause.insert(cause, (event, by))
            && theirs.command.id != by.command.id
        {
            let story = vec![story(other), story(event)];
            return Some(("events of two commands name one cause", story));
        }
    }
    None
}

/// The command that brought an aggregate to the event's version.
fn origin<'s>(event: &Event, sent: &'s [Sent]) -> Option<&'s Sent> {
    sent.iter().find(|one| {
        one.command.on.as_ref() == Some(&event.on) && one.version.is_some() && one.version == event.version
    })
}
