//! CV-2: read models are what the feed adds up to.

use crate::clause::feed::told;
use crate::clause::fold::folded;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::contract::rules::{Expected, Model as _, World};
use crate::history::Act;
use crate::protocol::{Capability, ClauseId, Seen};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Cv2,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "A read model equals what the event feed adds up to.",
    why: "The feed is what other systems build upon; where it says something else, they are all wrong.",
    source: "Fowler, \"Event Sourcing\", 2005",
    how: "The feed's events are folded by the contract's rules and compared with the reads.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 30, of: Unit::Comparisons }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "fold", judge }],
};

/// Behind the feed everything is read.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let folded = match folded(evidence) {
        Ok(Some(folded)) => folded,
        Ok(None) => return judged,
        Err(why) => {
            judged.doubts.push(why.to_string());
            return judged;
        }
    };
    let world = folded.stood.last().map_or_else(World::new, |stood| stood.world.clone());
    let mut compared = false;
    for operation in evidence.operations.iter().filter(|operation| operation.call.index > folded.end) {
        let Act::Ask { query, answer } = &operation.act else { continue };
        match evidence.model().answer(&world, query) {
            Ok(Expected::Anything) | Err(_) => continue,
            Ok(_) => {}
        }
        match answer.seen {
            Seen::Found(_) | Seen::Absent if evidence.shows_folded(&world, query, answer) => compared = true,
            Seen::Found(_) | Seen::Absent => {
                let wrong = format!("{} does not show what the events add up to", query.name);
                let first = format!(
                    "fold these events by hand, and look at what the read model of {} does with each",
                    query.name
                );
                let events = told(&folded.events).into_iter().map(|event| format!("the feed: {event}"));
                judged.broken_as(wrong, Shows::Whole, events.collect(), &first);
                return judged;
            }
            _ => judged.doubts.push(format!("{} was not answered", query.name)),
        }
    }
    if compared {
        judged.count(Unit::Comparisons);
    }
    judged
}
