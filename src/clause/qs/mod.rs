//! Queries: the clauses QS.

mod pages;
mod qs1;
mod qs2;
mod qs3;
mod qs4;
mod qs5;

use super::Clause;

/// Queries.
pub(super) const CLAUSES: &[Clause] = &[qs1::CLAUSE, qs2::CLAUSE, qs3::CLAUSE, qs4::CLAUSE, qs5::CLAUSE];
