//! Business rules: the clauses BR.

mod br4;
mod br5;

use super::{Clause, Exercise, Least, Level, Matter, Need, Suite, Unit};
use crate::protocol::ClauseId;

/// Business rules.
pub(super) const CLAUSES: &[Clause] = &[
    Clause {
        id: ClauseId::Br1,
        level: Level::Must,
        suite: Suite::Core,
        statement: "A rejected command changes nothing, on any aggregate that it names.",
        why: "A \"no\" that did something all the same is repeated by a client who believes it.",
        source: "Härder & Reuter, \"Principles of Transaction-Oriented Database Recovery\", ACM Computing Surveys 15(4), 1983 (atomicity)",
        how: "Each rule of the contract is made to fire alone; then reads, later decisions and the event feed are compared with the model, behind a fence.",
        needs: &[Need::Matter(Matter::Refusal), Need::Matter(Matter::Query)],
        least: &[Least { count: 20, of: Unit::Rejections }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Br2,
        level: Level::Must,
        suite: Suite::Core,
        statement: "The contract's invariants hold in every state that can be seen.",
        why: "An aggregate exists to keep them; where they break, everything computed from it is wrong.",
        source: "Evans, \"Domain-Driven Design\", 2003, chapter 6 (aggregates)",
        how: "Random sequences of commands; each read is held against the invariants.",
        needs: &[Need::Matter(Matter::Invariant), Need::Matter(Matter::Query)],
        least: &[Least { count: 60, of: Unit::Sequences }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Br3,
        level: Level::Must,
        suite: Suite::Core,
        statement: "A command with several effects does all of them or none.",
        why: "Half a transfer is money that is gone, or money from nowhere.",
        source: "Härder & Reuter, \"Principles of Transaction-Oriented Database Recovery\", ACM Computing Surveys 15(4), 1983 (atomicity)",
        how: "Commands with several effects are accepted and refused; at rest, every aggregate they touch is compared. Where the contract says `atomic`, reads in between as well.",
        needs: &[Need::Matter(Matter::SeveralEffects), Need::Matter(Matter::ShownEffect)],
        least: &[Least { count: 20, of: Unit::Commands }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    br4::CLAUSE,
    br5::CLAUSE,
    Clause {
        id: ClauseId::Br6,
        level: Level::Must,
        suite: Suite::Core,
        statement: "Every sequence of commands has the outcomes that the contract allows.",
        why: "Rules that hold in the order in which somebody thought of them fail in another one.",
        source: "Claessen & Hughes, \"QuickCheck\", ICFP 2000; Utting & Legeard, \"Practical Model-Based Testing\", 2007",
        how: "Walks through the contract's state graph, and random sequences.",
        needs: &[Need::Matter(Matter::Command)],
        least: &[Least { count: 60, of: Unit::Sequences }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
];
