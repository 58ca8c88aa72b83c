//! Security: the clauses SE.

mod se1;
mod se2;
mod se3;

use super::Clause;

/// Security.
pub(super) const CLAUSES: &[Clause] = &[se1::CLAUSE, se2::CLAUSE, se3::CLAUSE];
