//! The order in which writes took effect, by the event feed.

use crate::clause::feed::Readings;
use crate::clause::{Evidence, Judged};
use crate::contract::rules::{Decision, Entry, Model as _, World};
use crate::history::Operation;
use crate::protocol::{Event, Outcome, Version};
use crate::value::Value;

/// The first thing to look at where the feed has another order.
pub(super) const APPEND: &str =
    "look at what orders the feed: what was accepted later must not come before what was accepted earlier";

/// A write, and where the feed has what came of it.
pub(super) struct Placed {
    /// Its place among the operations.
    pub(super) at: usize,
    pub(super) client: u64,
    pub(super) name: String,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// The events of the case's aggregates, as the feed tells them in the end. Nothing where it was not read, or has no order.
pub(super) fn feed(evidence: &Evidence<'_>, judged: &mut Judged) -> Option<Vec<Event>> {
    let readings = Readings::of(evidence);
    let whole = readings.whole();
    if whole.len() > 1 && whole.iter().any(|reading| !reading.has_positions()) {
        judged.doubts.push("the feed tells of one aggregate at a time, and no positions".to_owned());
        return None;
    }
    let mut events: Vec<Event> = whole.iter().flat_map(|reading| readings.own(reading)).cloned().collect();
    if whole.len() > 1 {
        events.sort_by_key(|event| event.position);
    }
    (!whole.is_empty()).then_some(events)
}

/// Where the feed has what came of each command, in the order in which they were issued. Nothing where that can't be said.
pub(super) fn placed(evidence: &Evidence<'_>, events: &[Event], judged: &mut Judged) -> Option<Vec<Placed>> {
    let mut writes = Vec::new();
    let mut world = World::new();
    let mut returned = 0;
    for sent in evidence.submitted() {
        let Operation { call, end, client, .. } = &evidence.operations[sent.at];
        match sent.outcome {
            Outcome::Accepted(_) => {}
            Outcome::Rejected(_) | Outcome::NotSent(_) => continue,
            // What it may have done could be anywhere.
            Outcome::Unknown(_) => return None,
        }
        let decisions = evidence.model().decide(&world, sent.command).ok()?;
        let [Decision::Accepted(acceptance)] = &decisions[..] else { return None };
        if acceptance.unspecified || call.index < returned {
            return None;
        }
        returned = end.as_ref()?.index;
        let mut places = Vec::new();
        for entry in acceptance.world.entries() {
            let before = world.get(&entry.aggregate, &entry.id).map_or(0, |entry| entry.version);
            let stream = stream(events, &entry.id);
            for number in before..entry.version {
                places.push(*stream.get(usize::try_from(number).ok()?)?);
            }
        }
        world = acceptance.world.clone();
        if let (Some(first), Some(last)) = (places.iter().min(), places.iter().max()) {
            let on = sent.command.on.as_ref().map(|on| format!(" on {on}")).unwrap_or_default();
            let name = format!("{}{on}", sent.command.name);
            writes.push(Placed { at: sent.at, client: *client, name, first: *first, last: *last });
        }
    }
    let counted = |entry: &Entry<_>| {
        u64::try_from(stream(events, &entry.id).len()).is_ok_and(|count| count == entry.version)
    };
    if !world.entries().iter().all(counted) {
        judged.doubts.push("the feed has other events than the rules count".into());
        return None;
    }
    Some(writes)
}

/// The places of an aggregate's events in the feed, in the order of their versions where these are numbers.
fn stream(events: &[Event], id: &Value) -> Vec<usize> {
    let mut own: Vec<usize> = (0..events.len()).filter(|at| events[*at].on == *id).collect();
    own.sort_by_key(|at| match events[*at].version {
        Some(Version::Number(number)) => number,
        _ => 0,
    });
    own
}
