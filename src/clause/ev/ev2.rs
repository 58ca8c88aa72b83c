//! EV-2: the feed has one order.

use crate::clause::feed::{Reading, Readings, count, key, sentence, told};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId, Event};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev2,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "Positions in the feed strictly rise, and the order is the same at each reading.",
    why: "A reader that keeps its place by position leaves out whatever moves.",
    source: "Kleppmann, \"Designing Data-Intensive Applications\", 2017, chapter 11 (consumer offsets)",
    how: "The feed is read twice.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 150, of: Unit::Events }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const NUMBERS: &str = "look at what numbers the events, and what orders them when they are read";
const ORDERS: &str = "look at what orders the events when they are read";
const COPIES: &str = "look at what the feed is read from: another copy may lag";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    if readings.all.iter().any(|reading| !reading.has_positions()) {
        judged.doubts.push("the feed tells no positions".to_owned());
        return judged;
    }
    for reading in &readings.all {
        let own = readings.own(reading);
        if let Some(pair) = own.windows(2).find(|pair| pair[0].position >= pair[1].position) {
            let wrong = "a position in the feed is not higher than the one before";
            judged.broken_as(wrong, Shows::Whole, told(pair.iter().copied()), NUMBERS);
            return judged;
        }
    }
    for last in readings.whole() {
        let again = readings
            .all
            .iter()
            .filter(|other| other.asks_for_the_same(last) && readings.is_still(other, last));
        let again: Vec<&Reading> = again.collect();
        for pair in again.windows(2) {
            let (first, second) = (readings.own(pair[0]), readings.own(pair[1]));
            if let Some((wrong, more, look)) = differs(&first, &second) {
                judged.broken_as(wrong, Shows::Whole, more, look);
                return judged;
            }
        }
        if again.len() > 1 {
            judged.counted.push((Unit::Events, count(readings.own(last).len())));
        }
    }
    judged
}

/// Whether two readings tell of the same event, wherever it stands.
fn is_same(one: &Event, other: &Event) -> bool {
    match (&one.version, &other.version) {
        (Some(version), Some(other_version)) => one.on == other.on && version == other_version,
        _ => key(one) == key(other),
    }
}

/// How a second reading differs from the first one in what both have, or lacks what was there.
fn differs(first: &[&Event], second: &[&Event]) -> Option<(&'static str, Vec<String>, &'static str)> {
    let is_in = |event: &Event, all: &[&Event]| all.iter().any(|other| is_same(event, other));
    if let Some(lacking) = first.iter().find(|event| !is_in(event, second)) {
        return Some((
            "the second reading of the feed lacks what the first one had",
            vec![sentence(lacking)],
            COPIES,
        ));
    }
    let common = second.iter().filter(|event| is_in(event, first));
    let (one, other) = first.iter().zip(common).find(|(one, other)| key(one) != key(other))?;
    let story = vec![
        format!("first reading: {}", sentence(one)),
        format!("second reading, at the same place: {}", sentence(other)),
    ];
    Some(("two readings of the feed have another order", story, ORDERS))
}
