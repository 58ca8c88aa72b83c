//! Convergence: the clauses CV.

mod cv1;
mod cv2;

use super::Clause;

/// Convergence.
pub(super) const CLAUSES: &[Clause] = &[cv1::CLAUSE, cv2::CLAUSE];
