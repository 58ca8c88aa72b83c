//! Convergence: the clauses CV.

mod cv1;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Convergence.
pub(super) const CLAUSES: &[Clause] = &[
    cv1::CLAUSE,
    Clause {
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
        checks: &[],
    },
];
