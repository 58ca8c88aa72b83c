//! Optimistic concurrency: the clauses OC.

mod oc1;
mod oc3;
mod oc4;
mod oc5;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Optimistic concurrency.
pub(super) const CLAUSES: &[Clause] = &[
    oc1::CLAUSE,
    Clause {
        id: ClauseId::Oc2,
        level: Level::Should,
        suite: Suite::Concurrent,
        statement: "A missing precondition, where one is required, is answered as such.",
        why: "A client that forgets the version overwrites without knowing it.",
        source: "RFC 6585 section 3 (428)",
        how: "Commands are sent without an expected version.",
        needs: &[Need::Capability(Capability::ExpectedVersion)],
        least: &[Least { count: 5, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    oc3::CLAUSE,
    oc4::CLAUSE,
    oc5::CLAUSE,
];
