//! Queries: the clauses QS.

mod pages;
mod qs1;
mod qs2;
mod qs3;
mod qs4;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::ClauseId;

/// Queries.
pub(super) const CLAUSES: &[Clause] = &[
    qs1::CLAUSE,
    qs2::CLAUSE,
    qs3::CLAUSE,
    qs4::CLAUSE,
    Clause {
        id: ClauseId::Qs5,
        level: Level::Must,
        suite: Suite::Core,
        statement: "A filtered list contains what the contract says, no more and no less.",
        why: "A row too many shows somebody what isn't theirs; a row too few hides what is.",
        source: "The contract itself",
        how: "Lists are compared with the model at rest, on rows that are ours.",
        needs: &[Need::View],
        least: &[Least { count: 30, of: Unit::Comparisons }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
];
