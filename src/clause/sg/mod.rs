//! Session guarantees: the clauses SG.

mod sg1;
mod sg2;
mod sg5;
mod timeline;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

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
        how: "The order of a session's commands is compared with the feed's.",
        needs: &[Need::Capability(Capability::EventFeed)],
        least: &[Least { count: 60, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("session guarantees are judged from whole histories"),
        checks: &[],
    },
    Clause {
        id: ClauseId::Sg4,
        level: Level::Should,
        suite: Suite::Session,
        statement: "A write that follows a read takes effect behind what was read.",
        why: "An answer must not stand before the question.",
        source: "Terry et al., \"Session Guarantees for Weakly Consistent Replicated Data\", PDIS 1994",
        how: "One session reads another's write and writes itself; the order in the feed is compared.",
        needs: &[Need::Capability(Capability::EventFeed)],
        least: &[Least { count: 60, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("session guarantees are judged from whole histories"),
        checks: &[],
    },
    sg5::CLAUSE,
];
