//! EV-7: the past can be asked for.

use crate::clause::fold::{Stood, folded, told};
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::contract::rules::{Expected, Model as _, Shown};
use crate::protocol::{Answer, Capability, ClauseId, Query, Seen, Version};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Ev7,
    level: Level::Must,
    suite: Suite::EventSourced,
    statement: "The state as of an earlier version is what the events up to it add up to.",
    why: "An answer about the past that is about something else is found out in court.",
    source: "Fowler, \"Event Sourcing\", 2005 (temporal query)",
    how: "Queries are asked as of random versions and compared with the model.",
    needs: &[Need::Capability(Capability::Temporal), Need::Matter(Matter::Change)],
    least: &[Least { count: 20, of: Unit::Versions }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "fold", judge }],
};

const FIRST: &str = "look at which events the state of an earlier version is folded from";

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let stood = match folded(evidence) {
        Ok(Some(folded)) => folded.stood,
        Ok(None) => told(evidence),
        Err(_) => return judged,
    };
    let mut looked: Vec<&Stood> = Vec::new();
    for (query, version, answer) in evidence.deeds.iter().filter_map(|done| done.as_of()) {
        let is_it =
            |stood: &&Stood| Some(&stood.on) == query.on.as_ref() && stood.version.as_ref() == Some(&version);
        let Some(stood) = stood.iter().find(is_it) else { continue };
        match is_right(evidence, stood, &query, &answer) {
            Some(true) if looked.iter().any(|known| std::ptr::eq(*known, stood)) => {}
            Some(true) => looked.push(stood),
            Some(false) => {
                broken(&mut judged, &query, &version);
                return judged;
            }
            None => judged.doubts.push(format!("{} was not answered as of an earlier version", query.name)),
        }
    }
    let versions = u32::try_from(looked.len()).unwrap_or(u32::MAX);
    judged.counted.extend((versions > 0).then_some((Unit::Versions, versions)));
    judged
}

fn broken(judged: &mut Judged, query: &Query, version: &Version) {
    let wrong = format!("{} as of version {version} is not what the events up to it add up to", query.name);
    judged.broken(wrong, FIRST);
}

/// Whether an answer about the past is right; nothing where there was none, or the rules say nothing of it.
fn is_right(evidence: &Evidence<'_>, stood: &Stood, query: &Query, answer: &Answer) -> Option<bool> {
    let expected = match evidence.model().answer(&stood.world, query) {
        Ok(Expected::Shows(row)) => {
            // What a service finds out by itself need not be known of the past.
            Expected::Shows(row.into_iter().filter(|(_, shown)| !matches!(shown, Shown::Chosen(_))).collect())
        }
        Ok(Expected::Absent) => Expected::Absent,
        _ => return Some(true),
    };
    let promises = evidence.promises();
    let tolerances = promises.tolerances_of(&query.name).known_to(promises.feed_precision());
    match answer.seen {
        Seen::Broken(_) | Seen::NotSent(_) => None,
        _ => Some(expected.differences(answer, &tolerances).is_empty()),
    }
}
