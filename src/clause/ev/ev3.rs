//! EV-3: the past stays.

use std::sync::Arc;

use crate::clause::feed::{Readings, count, sentence};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId, Event};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev3,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "What happened never changes.",
    why: "State computed yesterday can't be computed again, and an audit proves nothing.",
    source: "Fowler, \"Event Sourcing\", 2005",
    how: "What was read of the feed is compared with what is read there later.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 150, of: Unit::Events }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const FIRST: &str =
    "look at what writes to events that are stored, and at what changes them when they are read";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    for now in readings.whole() {
        let before = readings
            .all
            .iter()
            .filter(|other| other.asks_for_the_same(now) && !readings.is_still(other, now));
        let mut compared = 0;
        for before in before {
            let own = readings.own(before);
            if own.iter().any(|event| event.position.is_none() && event.version.is_none()) {
                judged.doubts.push("the feed tells neither positions nor versions".to_owned());
                return judged;
            }
            for event in &own {
                let found = now.events.iter().find(|other| is_same(event, other));
                let (wrong, story) = match found {
                    Some(other) if other == *event => continue,
                    Some(other) => (
                        "an event is not what it was",
                        vec![format!("read before: {}", full(event)), format!("read later: {}", full(other))],
                    ),
                    None => {
                        ("an event is gone", vec![format!("read before, not there later: {}", full(event))])
                    }
                };
                judged.broken_as(wrong, Shows::Whole, story, FIRST);
                return judged;
            }
            compared = compared.max(own.len());
        }
        judged.counted.extend((compared > 0).then_some((Unit::Events, count(compared))));
    }
    judged
}

fn is_same(one: &Event, other: &Event) -> bool {
    match (one.position, other.position) {
        (Some(position), Some(other)) => position == other,
        _ => one.on == other.on && one.version == other.version,
    }
}

/// An event with all that it may differ in.
fn full(event: &Event) -> String {
    let part = |what: &str, value: &Option<Arc<str>>| {
        value.as_ref().map(|value| format!(", {what} {value}")).unwrap_or_default()
    };
    format!("{}{}{}", sentence(event), part("id", &event.id), part("caused by", &event.causation))
}
