//! Idempotent retries: the clauses ID.

mod id1;
mod id2;
mod id3;
mod id4;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::{Capability, ClauseId};

/// Idempotent retries.
pub(super) const CLAUSES: &[Clause] = &[
    id1::CLAUSE,
    id2::CLAUSE,
    id3::CLAUSE,
    id4::CLAUSE,
    Clause {
        id: ClauseId::Id5,
        level: Level::Must,
        suite: Suite::Idempotent,
        statement: "A retry after a lost answer has one effect.",
        why: "It is what the key is for.",
        source: "Internet-Draft draft-ietf-httpapi-idempotency-key-header; Helland, \"Idempotence Is Not a Medical Condition\", ACM Queue 10(4), 2012",
        how: "Connections are cut at random points, and the command is sent again.",
        needs: &[Need::Capability(Capability::Idempotency)],
        least: &[Least { count: 30, of: Unit::Retries }],
        stochastic: true,
        exercise: Exercise::NotYet("cutting connections takes a proxy between the two"),
        checks: &[],
    },
];
