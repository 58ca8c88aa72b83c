//! The order in which writes took effect, by the event feed.

use super::timeline::Timelines;
use crate::clause::{Evidence, Judged, Unit};
use crate::contract::rules::{Decision, Entry, Model as _, World};
use crate::history::Operation;
use crate::protocol::{Event, Outcome, Version};
use crate::value::Value;

/// The first thing to look at where the feed has another order.
const APPEND: &str =
    "look at what orders the feed: what was accepted later must not come before what was accepted earlier";

/// A write, and where the feed has what came of it.
struct Placed {
    /// Its place among the operations.
    at: usize,
    client: u64,
    name: String,
    first: usize,
    last: usize,
}

/// SG-3: what each session wrote stands in the feed as it was issued. `events` is the feed, as it was read.
pub fn in_issue_order(evidence: &Evidence<'_>, events: &[Event]) -> Judged {
    let mut judged = Judged::default();
    let Some(writes) = placed(evidence, events, &mut judged) else { return judged };
    for (number, write) in writes.iter().enumerate() {
        let before = writes[..number].iter().rev().find(|other| other.client == write.client);
        let Some(before) = before else { continue };
        if before.last < write.first {
            judged.count(Unit::Commands);
        } else {
            let wrong = format!(
                "the feed has what {} did before what {} did, which the same session had issued before",
                write.name, before.name
            );
            judged.broken_by_then(write.at + 1, wrong, APPEND);
        }
    }
    judged
}

/// SG-4: what a session wrote stands in the feed behind what it had read of others.
pub fn behind_reads(evidence: &Evidence<'_>, events: &[Event]) -> Judged {
    let mut judged = Judged::default();
    let Some(writes) = placed(evidence, events, &mut judged) else { return judged };
    let timelines = Timelines::of(evidence);
    let reads = timelines.reads(evidence);
    for write in &writes {
        let own = reads.iter().filter(|read| read.client == write.client && read.at < write.at);
        // The last command that each of its reads tells, whatever explains them.
        let told = own.filter_map(|read| timelines.get(read.of).write(*read.explained.first()?));
        let others = told.filter_map(|told| writes.iter().find(|other| other.at == told.at));
        let Some(last) = others.filter(|other| other.client != write.client).max_by_key(|other| other.last)
        else {
            continue;
        };
        if last.last < write.first {
            judged.count(Unit::Commands);
        } else {
            let wrong = format!(
                "the feed has what {} did before what {} did, which the same session had read before",
                write.name, last.name
            );
            judged.broken_by_then(write.at + 1, wrong, APPEND);
        }
    }
    judged
}

/// Where the feed has what came of each command, in the order in which they were issued. Nothing where that can't be said.
fn placed(evidence: &Evidence<'_>, events: &[Event], judged: &mut Judged) -> Option<Vec<Placed>> {
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
