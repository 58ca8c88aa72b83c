//! EV-4: whoever goes on misses nothing.

use crate::clause::feed::{Reading, Readings, key, sentence};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId, Event};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev4,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "Going on from any cursor brings exactly the rest.",
    why: "Readers crash and go on; they must neither leave out nor repeat.",
    source: "Kleppmann, \"Designing Data-Intensive Applications\", 2017, chapter 11 (consumer offsets)",
    how: "The feed is read from random cursors on, and compared with the rest of the whole.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 10, of: Unit::Cursors }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const FIRST: &str =
    "look at how the cursor is compared: the rest begins behind it, and ends with the last event";

/// At the end of a case the feed is read whole, and then on from some cursors.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    let Some(last) = readings.last_command() else { return judged };
    let whole = readings.whole();
    let mut all: Vec<&Event> = whole.iter().flat_map(|reading| readings.own(reading)).collect();
    all.sort_by_key(|event| event.position);
    if whole.iter().any(|reading| !reading.has_positions()) {
        judged.doubts.push("the feed tells no positions".to_owned());
        return judged;
    }
    // Behind it nothing comes to the feed any more.
    let Some(rest) = whole.iter().map(|reading| reading.call).max() else { return judged };
    let is_cursor =
        |reading: &&Reading| reading.call > rest && reading.call > last && reading.after.is_some();
    for reading in readings.all.iter().filter(is_cursor) {
        let must = all.iter().copied().filter(|event| event.position > reading.after);
        let must: Vec<&Event> =
            must.filter(|event| reading.on.as_ref().is_none_or(|on| event.on == *on)).collect();
        let told = readings.own(reading);
        if must.iter().map(|event| key(event)).eq(told.iter().map(|event| key(event))) {
            judged.count(Unit::Cursors);
            continue;
        }
        let mut story = vec![format!("the cursor is position {}", reading.after.unwrap_or_default())];
        let lacking = must.iter().find(|one| !told.iter().any(|other| key(other) == key(one)));
        story.extend(lacking.map(|event| format!("left out: {}", sentence(event))));
        let foreign = told.iter().find(|one| !must.iter().any(|other| key(other) == key(one)));
        story.extend(foreign.map(|event| format!("not in the rest: {}", sentence(event))));
        if lacking.is_none() && foreign.is_none() {
            story.push(format!("{} events where {} must be, or in another order", told.len(), must.len()));
        }
        let wrong = "going on from a cursor does not bring exactly the rest";
        judged.broken_as(wrong, Shows::Whole, story, FIRST);
        return judged;
    }
    judged
}
