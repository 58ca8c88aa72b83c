//! Session guarantees: the clauses SG.

mod order;
mod sg1;
mod sg2;
mod sg5;
mod timeline;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

pub use order::{behind_reads, in_issue_order};

/// Session guarantees.
pub(super) const CLAUSES: &[Clause] = &[
    sg1::CLAUSE,
    sg2::CLAUSE,
    Clause {
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
        checks: &[],
    },
    Clause {
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
        checks: &[],
    },
    sg5::CLAUSE,
];
