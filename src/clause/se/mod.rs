//! Security: the clauses SE.

mod se1;

use super::{Clause, Exercise, Least, Level, Need, Suite, Unit};
use crate::protocol::ClauseId;

/// Security.
pub(super) const CLAUSES: &[Clause] = &[
    se1::CLAUSE,
    Clause {
        id: ClauseId::Se2,
        level: Level::Must,
        suite: Suite::Core,
        statement: "Oversized or deep input is refused as the client's mistake, no hostile input makes the service fail, and it stays healthy.",
        why: "One request must not take everybody else's service away.",
        source: "OWASP API Security Top 10, 2023: API4 (unrestricted resource consumption); RFC 9110 section 15.5.14 (413)",
        how: "Requests that are made to hurt, each followed by a plain command and a look at what it did. Lists within lists and texts of megabytes must be refused; a text or a number that the contract allows may be taken, however odd it is; a header or a path that is too long may be answered by closing the connection.",
        needs: &[Need::Wire],
        least: &[Least { count: 12, of: Unit::Attacks }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
    Clause {
        id: ClauseId::Se3,
        level: Level::Should,
        suite: Suite::Secure,
        statement: "Errors leak no stack trace and no SQL.",
        why: "They tell an attacker where to look.",
        source: "OWASP API Security Top 10, 2023: API8 (security misconfiguration); CWE-209",
        how: "Every error that was seen is looked through.",
        needs: &[Need::Wire],
        least: &[Least { count: 10, of: Unit::Errors }],
        stochastic: false,
        exercise: Exercise::Tested,
        checks: &[],
    },
];
