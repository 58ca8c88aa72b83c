//! EV-5: nothing comes before what was told.

use std::collections::HashSet;

use crate::clause::feed::{Reading, Readings, count, sentence};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId, Event};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev5,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "Nothing appears before a position that was delivered already.",
    why: "A reader that has passed it never comes back: for that reader the event doesn't exist.",
    source: "PostgreSQL documentation, section 9.17 (sequence functions: values are taken before their transaction commits, so they become visible out of order)",
    how: "A reader follows the feed while others write; afterwards it is read again and compared.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 150, of: Unit::Events }],
    stochastic: true,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "feed", judge }],
};

const FIRST: &str =
    "look at when an event gets its position, and when it becomes visible: both have to happen in one order";

/// While a case sends commands, and others do, it reads on from where it stands; at its end it reads all of it again. Whose event it
/// is that appears late makes no difference.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let readings = Readings::of(evidence);
    let whole = readings.whole();
    let Some(all) = whole.iter().find(|reading| reading.on.is_none()) else {
        if !whole.is_empty() {
            judged.doubts.push("the feed tells of one aggregate at a time".to_owned());
        }
        return judged;
    };
    let followed: Vec<&Reading> = followed(&readings, all).collect();
    if followed.iter().chain(&whole).any(|reading| !reading.has_positions()) {
        judged.doubts.push("the feed tells no positions".to_owned());
        return judged;
    }
    let delivered: Vec<&Event> = followed.iter().flat_map(|reading| &reading.events).collect();
    let known: HashSet<_> = delivered.iter().map(|event| event.position).collect();
    let last = delivered.iter().filter_map(|event| event.position).max();
    let Some(event) =
        all.events.iter().find(|event| !known.contains(&event.position) && event.position <= last)
    else {
        let own = delivered.iter().filter(|event| readings.is_ours(event)).count();
        judged.counted.extend((own > 0).then_some((Unit::Events, count(own))));
        return judged;
    };
    let before = delivered.iter().find(|one| one.position > event.position);
    let mut story: Vec<String> =
        before.map(|one| format!("delivered to a reader: {}", sentence(one))).into_iter().collect();
    story.push(format!("there now, and never delivered: {}", sentence(event)));
    let wrong = "an event appeared before a position that was delivered already";
    judged.broken_as(wrong, Shows::Whole, story, FIRST);
    judged
}

/// The readings of a reader who goes on from where it stands: each begins where the one before had got to.
fn followed<'r>(readings: &'r Readings<'_, '_>, whole: &'r Reading) -> impl Iterator<Item = &'r Reading> {
    let mut cursor = whole.after;
    let of_all = readings.all.iter().filter(|reading| reading.on.is_none());
    let begins = of_all.skip_while(move |reading| reading.after != whole.after);
    begins.take_while(move |reading| {
        let goes_on = reading.after == cursor;
        cursor = reading.events.iter().filter_map(|event| event.position).max().max(cursor);
        goes_on
    })
}
