//! Command handling: the clauses CH.

mod ch2;
mod ch3;
mod ch4;
mod ch5;
mod ch6;

use super::{Clause, Exercise, Least, Level, Matter, Need, Suite, Unit};
use crate::protocol::ClauseId;

/// Command handling.
pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: ClauseId::Ch1,
        level: Level::Must,
        suite: Suite::Core,
        statement: "A valid command is accepted.",
        why: "A service that refuses what its contract allows can't be used, and every other promise is kept by doing nothing.",
        source: "The contract itself; Young, \"CQRS Documents\", 2010 (a command may be refused for a reason of the domain, and for no other)",
        how: "Commands to which no rejection of the contract applies are sent in every state that the walks reach.",
        needs: &[Need::Matter(Matter::Command)],
        least: &[Least { count: 150, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    ch2::CLAUSE,
    ch3::CLAUSE,
    ch4::CLAUSE,
    ch5::CLAUSE,
    ch6::CLAUSE,
];
