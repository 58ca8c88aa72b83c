//! SG-3: what a session wrote stands in the feed as it was issued.

use super::order::{APPEND, feed, placed};
use crate::clause::feed::told;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Sg3,
    level: Level::Should,
    suite: Suite::Session,
    statement: "A session's writes take effect in the order in which they were issued.",
    why: "The second one often rests on the first.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
    how: "Two clients write to several aggregates in turn; the order of each one's commands is compared with that of their events in the feed.",
    needs: &[Need::Capability(Capability::EventFeed)],
    least: &[Least { count: 60, of: Unit::Commands }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "order", judge }],
};

fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let Some(events) = feed(evidence, &mut judged) else { return judged };
    let Some(writes) = placed(evidence, &events, &mut judged) else { return judged };
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
            let more = told(&events).into_iter().map(|event| format!("the feed has, at {event}"));
            judged.broken_as(wrong, Shows::Until(write.at + 1), more.collect(), APPEND);
        }
    }
    judged
}
