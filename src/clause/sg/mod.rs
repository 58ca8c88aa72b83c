//! Session guarantees: the clauses SG.

mod order;
mod sg1;
mod sg2;
mod sg3;
mod sg4;
mod sg5;
mod timeline;

use super::Clause;

/// Session guarantees.
pub(super) const CLAUSES: &[Clause] = &[sg1::CLAUSE, sg2::CLAUSE, sg3::CLAUSE, sg4::CLAUSE, sg5::CLAUSE];
