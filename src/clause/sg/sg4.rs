//! SG-4: what a session wrote stands in the feed behind what it had read of others.

use super::order::{APPEND, feed, placed};
use super::timeline::Timelines;
use crate::clause::feed::told;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Need, Shows, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Sg4,
    level: Level::Should,
    suite: Suite::Session,
    statement: "A write that follows a read takes effect behind what was read.",
    why: "An answer must not stand before the question.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
    how: "A session reads until it sees what another one wrote, and writes itself; the feed has to have its events behind those of the commands that explain what it read.",
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
    let timelines = Timelines::of(evidence);
    let reads = timelines.reads(evidence);
    for write in &writes {
        let own = reads.iter().filter(|read| read.client == write.client && read.at < write.at);
        // The last command that each of its reads tells, whatever explains them.
        let shown = own.filter_map(|read| timelines.get(read.of).write(*read.explained.first()?));
        let others = shown.filter_map(|shown| writes.iter().find(|other| other.at == shown.at));
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
            let more = told(&events).into_iter().map(|event| format!("the feed has, at {event}"));
            judged.broken_as(wrong, Shows::Until(write.at + 1), more.collect(), APPEND);
        }
    }
    judged
}
