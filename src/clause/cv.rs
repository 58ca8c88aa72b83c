//! Convergence: the clauses CV.

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Convergence.
pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: ClauseId::Cv1,
        level: Level::Must,
        suite: Suite::Core,
        statement: "At rest, all read models agree on what they both show.",
        why: "Two screens that tell different stories are worse than one that is late.",
        source: "Viotti & Vukolić, \"Consistency in Non-Transactional Distributed Storage Systems\", ACM Computing Surveys 49(1), 2016, arXiv:1512.00168 (convergence)",
        how: "Read models are compared in pairs, field by field, once the target is quiet.",
        needs: &[Need::SharedFact],
        least: &[Least { count: 30, of: Unit::Comparisons }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
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
