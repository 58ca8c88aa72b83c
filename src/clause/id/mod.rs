//! Idempotent retries: the clauses ID.

mod id1;
mod id2;
mod id3;
mod id4;
mod id5;

use super::Clause;

/// Idempotent retries.
pub(super) const CLAUSES: &[Clause] = &[id1::CLAUSE, id2::CLAUSE, id3::CLAUSE, id4::CLAUSE, id5::CLAUSE];
