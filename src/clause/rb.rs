//! Rebuilds: the clauses RB.

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Rebuilds.
pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: ClauseId::Rb1,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "A read model that was built anew equals the one before.",
        why: "Rebuilding is how read models are mended; it must not break them.",
        source: "Fowler, \"Event Sourcing\", 2005 (complete rebuild)",
        how: "Reads are compared before and behind a rebuild.",
        needs: &[Need::Capability(Capability::Rebuild)],
        least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 20, of: Unit::Comparisons }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Rb2,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "A rebuild emits no events and has no side effects.",
        why: "Otherwise every customer gets last year's mails once more.",
        source: "Fowler, \"Event Sourcing\", 2005 (external updates)",
        how: "The feed's end, the versions and the decisions are compared before and behind a rebuild.",
        needs: &[Need::Capability(Capability::Rebuild)],
        least: &[Least { count: 1, of: Unit::Rebuilds }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Rb3,
        level: Level::Must,
        suite: Suite::Operable,
        statement: "Commands that are accepted during a rebuild appear.",
        why: "A rebuild of a live system takes hours, and the world doesn't wait.",
        source: "Fowler, \"Event Sourcing\", 2005 (complete rebuild)",
        how: "Commands are sent while a rebuild is under way, and looked for behind it.",
        needs: &[Need::Capability(Capability::Rebuild)],
        least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 10, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Rb4,
        level: Level::Should,
        suite: Suite::Operable,
        statement: "Queries are answered during a rebuild.",
        why: "Otherwise every rebuild is an outage.",
        source: "Young, \"CQRS Documents\", 2010 (the read side is replaceable)",
        how: "Queries are asked while a rebuild is under way.",
        needs: &[Need::Capability(Capability::Rebuild)],
        least: &[Least { count: 1, of: Unit::Rebuilds }, Least { count: 10, of: Unit::Answers }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
];
