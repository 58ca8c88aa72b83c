//! Rebuilds: the clauses RB.

mod rb1;
mod rb2;
mod rb3;
mod rb4;

use super::Clause;

/// Rebuilds.
pub(super) const CLAUSES: &[Clause] = &[rb1::CLAUSE, rb2::CLAUSE, rb3::CLAUSE, rb4::CLAUSE];
