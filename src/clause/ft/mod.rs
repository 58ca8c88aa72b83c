//! Faults: the clauses FT.

mod ft2;
mod ft4;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Faults.
pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: ClauseId::Ft1,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "Events that are delivered twice, or in another order, lead to the same state.",
        why: "Delivery is at least once wherever it crosses a network.",
        source: "Helland, \"Idempotence Is Not a Medical Condition\", ACM Queue 10(4), 2012",
        how: "Deliveries are repeated and reordered by fault hooks.",
        needs: &[Need::Capability(Capability::FaultHooks)],
        least: &[Least { count: 30, of: Unit::Comparisons }],
        stochastic: false,
        exercise: Exercise::NotYet("faults are injected by later work"),
        checks: &[],
    },
    ft2::CLAUSE,
    Clause {
        id: ClauseId::Ft3,
        level: Level::Should,
        suite: Suite::Operable,
        statement: "A projection that is down, or an event it can't digest, holds up neither commands nor other streams.",
        why: "One bad record must not stop everybody's work.",
        source: "Nygard, \"Release It!\", 2nd edition 2018 (bulkheads)",
        how: "Projections are stopped and poisoned by fault hooks.",
        needs: &[Need::Capability(Capability::FaultHooks)],
        least: &[Least { count: 10, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("faults are injected by later work"),
        checks: &[],
    },
    ft4::CLAUSE,
];
