//! SG-5: SG-1 and SG-2 hold for a client that connects anew for each read.

use super::sg1::own_writes;
use super::sg2::never_back;
use super::timeline::Timelines;
use crate::clause::{Check, Clause, Evidence, Exercise, Judged, Least, Level, Matter, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub(super) const CLAUSE: Clause = Clause {
    id: ClauseId::Sg5,
    level: Level::Should,
    suite: Suite::Session,
    statement: "Reading one's own writes and never going back hold across fresh connections.",
    why: "Clients reconnect, and load balancers send them elsewhere.",
    source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
    how: "As SG-1 and SG-2, with each read over a connection of its own.",
    needs: &[Need::Capability(Capability::Position), Need::Matter(Matter::ShownEffect)],
    least: &[Least { count: 150, of: Unit::ProbedWrites }, Least { count: 300, of: Unit::Rereads }],
    stochastic: false,
    exercise: Exercise::Tested,
    checks: &[Check { experiment: "reconnected", judge }],
};

/// One client does all of the case, over whatever connections.
fn judge(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let timelines = Timelines::of(evidence);
    let reads = timelines.reads(evidence);
    own_writes(evidence, (&timelines, &reads), |_, _| true, &mut judged);
    never_back(evidence, (&timelines, &reads), |_| 0, &mut judged);
    judged
}
