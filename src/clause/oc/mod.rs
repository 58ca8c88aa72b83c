//! Optimistic concurrency: the clauses OC.

mod oc1;
mod oc2;
mod oc3;
mod oc4;
mod oc5;

use super::Clause;

/// Optimistic concurrency.
pub(super) const CLAUSES: &[Clause] = &[oc1::CLAUSE, oc2::CLAUSE, oc3::CLAUSE, oc4::CLAUSE, oc5::CLAUSE];
