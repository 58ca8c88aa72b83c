//! EV-1: each stream is counted through.

use std::collections::BTreeMap;

use crate::clause::feed::{Reading, Readings, by_aggregate, count, told};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId, Event, Version};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev1,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "Versions in a stream are unique and without gaps.",
    why: "A gap is an event that nobody can read any more; a double is a decision that was made twice.",
    source: "Fowler, \"Event Sourcing\", 2005; Kleppmann, \"Designing Data-Intensive Applications\", 2017, chapter 11",
    how: "The whole feed of our aggregates is read.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 150, of: Unit::Events }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const FIRST: &str = "look at what gives an event its version, and whether an append compares versions";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    for reading in readings.whole() {
        streams(evidence, &readings, reading, &mut judged);
    }
    judged
}

fn streams(evidence: &Evidence<'_>, readings: &Readings<'_, '_>, reading: &Reading, judged: &mut Judged) {
    let own = readings.own(reading);
    if own.iter().any(|event| number(event).is_none()) {
        judged.doubts.push("the feed tells no versions that could be counted".to_owned());
        return;
    }
    let kind = |event: &Event| {
        let kind = evidence.contract().event(&event.name).map(|(aggregate, _)| aggregate.name.to_string());
        kind.unwrap_or_default()
    };
    // Some count from nought, some from one; where one stream begins, its like begin as well.
    let mut begin: BTreeMap<String, u64> = BTreeMap::new();
    for first in by_aggregate(&reading.events).values().filter_map(|stream| stream.first()) {
        let Some(at) = number(first) else { continue };
        begin.entry(kind(first)).and_modify(|least| *least = at.min(*least)).or_insert(at);
    }
    for stream in by_aggregate(own.iter().copied()).values() {
        let next = stream.first().and_then(|first| begin.get(&kind(first))).copied().unwrap_or_default();
        for (event, next) in stream.iter().zip(next..) {
            let at = number(event).unwrap_or_default();
            if at != next {
                let wrong = format!("where version {next} of a stream must be, there is {at}");
                judged.broken_as(wrong, Shows::Whole, told(stream.iter().copied()), FIRST);
                return;
            }
        }
    }
    judged.counted.push((Unit::Events, count(own.len())));
}

fn number(event: &Event) -> Option<u64> {
    match event.version {
        Some(Version::Number(number)) => Some(number),
        _ => None,
    }
}
