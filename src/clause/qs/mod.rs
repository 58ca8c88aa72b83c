//! Queries: the clauses QS.

mod pages;
mod qs1;
mod qs3;
mod qs4;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::ClauseId;

/// Queries.
pub(super) const CLAUSES: &[Clause] = &[
    qs1::CLAUSE,
    Clause {
        id: ClauseId::Qs2,
        level: Level::Must,
        suite: Suite::Core,
        statement: "An empty list is an answer, something absent is the declared absence, and neither is ever a failure, while read models lag behind neither.",
        why: "A client that asks early must be able to tell \"not yet\" from \"broken\".",
        source: "RFC 9110 sections 15.3.1 (200) and 15.5.5 (404)",
        how: "Queries are asked before anything is there, and right behind each command.",
        needs: &[],
        least: &[Least { count: 30, of: Unit::Queries }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
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
