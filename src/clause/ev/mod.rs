//! Events: the clauses EV.

mod ev1;
mod ev2;
mod ev3;
mod ev4;
mod ev5;
mod ev6;
mod ev7;
use super::Clause;

/// Events.
pub(super) const CLAUSES: &[Clause] =
    &[ev1::CLAUSE, ev2::CLAUSE, ev3::CLAUSE, ev4::CLAUSE, ev5::CLAUSE, ev6::CLAUSE, ev7::CLAUSE];
