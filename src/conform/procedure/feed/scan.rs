//! What each event by itself shows: its version, its id, what caused it.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::super::stream::{by_aggregate, sentence, told};
use super::{Sent, count, example};
use crate::clause::Unit;
use crate::conform::lab::Lab;
use crate::protocol::{Event, Version};

/// Versions in each stream are unique and without gaps, from the first one on.
pub(super) fn versions(lab: &Lab, events: &[Event]) {
    let id = "EV-1";
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
        let mut next = begin.get(&kind(first)).copied().unwrap_or_default();
        for event in stream {
            let at = number(event).unwrap_or_default();
            if at != next {
                let wrong = format!("where version {next} of a stream must be, there is {at}");
                let first = "look at what gives an event its version, and whether an append compares versions";
                lab.broken(id, example(&wrong, told(stream.iter().copied()), first));
                return;
            }
            next += 1;
        }
    }
    lab.ledger.count(id, Unit::Events, count(events.len()));
}

/// Ids are unique, and where it is told what caused an event, that is the command that did.
pub(super) fn ids(lab: &Lab, events: &[Event], sent: &[Sent]) {
    let id = "EV-6";
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

/// What is wrong with what the events name as their causes. Whether these are our commands' ids or keys at all is seen
/// by the first that is; a service that calls its commands by names of its own tells nothing that we could check.
fn causes(events: &[Event], sent: &[Sent]) -> Option<(&'static str, Vec<String>)> {
    let mut names: HashSet<&str> = HashSet::new();
    for one in sent {
        names.insert(&one.command.id);
        names.extend(one.command.key.as_deref());
    }
    let cause = |event: &Event| event.causation.as_deref().map(str::to_owned);
    if !events.iter().filter_map(|event| event.causation.as_deref()).any(|cause| names.contains(cause)) {
        return None;
    }
    for event in events {
        let told = match cause(event) {
            None => return Some(("an event names no cause, and others do", vec![sentence(event)])),
            Some(told) => told,
        };
        if !names.contains(&*told) {
            let story = vec![format!("{}, caused by {told}", sentence(event))];
            return Some(("an event names a cause that is no command of ours", story));
        }
        let by = sent.iter().find(|one| {
            one.command.on.as_ref() == Some(&event.on) && one.version.is_some() && one.version == event.version
        });
        if let Some(by) = by
            && told != *by.command.id
            && by.command.key.as_deref() != Some(&*told)
        {
            let story = vec![
                format!("{}, caused by {told}", sentence(event)),
                format!("that version came of the command {} ({})", by.command.id, by.command.name),
            ];
            return Some(("an event names another command as its cause", story));
        }
    }
    None
}
