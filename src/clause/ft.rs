//! Faults: the clauses FT.

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
    Clause {
        id: ClauseId::Ft2,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "A crash behind the acknowledgement loses nothing, and the effect still reaches the read models.",
        why: "The client has been told, and won't ask again.",
        source: "Gray & Reuter, \"Transaction Processing\", 1993 (durability)",
        how: "The service is killed right behind an answer and started again.",
        needs: &[Need::Capability(Capability::Restart)],
        least: &[Least { count: 10, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("faults are injected by later work"),
        checks: &[],
    },
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
    Clause {
        id: ClauseId::Ft4,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "A crash before the acknowledgement leaves all or nothing, and a retry settles it.",
        why: "The client can't know, and has to be able to find out.",
        source: "Härder & Reuter, \"Principles of Transaction-Oriented Database Recovery\", ACM Computing Surveys 15(4), 1983 (atomicity)",
        how: "The service is killed at random points while commands are under way.",
        needs: &[Need::Capability(Capability::Restart)],
        least: &[Least { count: 10, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("faults are injected by later work"),
        checks: &[],
    },
];
