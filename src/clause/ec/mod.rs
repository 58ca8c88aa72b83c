//! Eventual consistency: the clauses EC.

mod ec1;
mod ec2;
mod ec3;
mod ec4;
mod ec5;
mod ec6;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Eventual consistency.
pub(super) const CLAUSES: &[Clause] = &[
    ec1::CLAUSE,
    ec2::CLAUSE,
    ec3::CLAUSE,
    ec4::CLAUSE,
    ec5::CLAUSE,
    ec6::CLAUSE,
    Clause {
        id: ClauseId::Ec7,
        level: Level::May,
        suite: Suite::Operable,
        statement: "Commands don't become slower as projecting does.",
        why: "An update of the read side inside the command is a synchronous one in disguise, with its price.",
        source: "Young, \"CQRS Documents\", 2010 (the read side is updated apart from the command)",
        how: "Projections are slowed, and the time of commands is compared.",
        needs: &[Need::Capability(Capability::FaultHooks)],
        least: &[Least { count: 100, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::NotYet("slowing projections takes fault hooks"),
        checks: &[],
    },
];
