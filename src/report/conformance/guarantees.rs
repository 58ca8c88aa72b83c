//! The session guarantees in words: which were never seen broken, in how much, and how the others were.

use super::record::bounded;
use crate::conform::{ClauseResult, Stand};
use crate::protocol::ClauseId;
use crate::report::plural;

/// What the clauses promise, by the names of the field (Terry et al. 1994).
const GUARANTEES: [(ClauseId, &str); 5] = [
    (ClauseId::Sg1, "read your writes"),
    (ClauseId::Sg2, "monotonic reads"),
    (ClauseId::Sg3, "monotonic writes"),
    (ClauseId::Sg4, "writes follow reads"),
    (ClauseId::Sg5, "both kinds of reads over fresh connections"),
];

/// A sentence for each guarantee that was asked for; those that say the same share one.
pub(super) fn guarantees(clauses: &[ClauseResult]) -> Vec<String> {
    let (mut kept, mut told, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    for (id, name) in GUARANTEES {
        let Some(result) = clauses.iter().find(|result| result.clause.id == id) else { continue };
        match &result.stand {
            Stand::Pass => kept.push(format!("{name} in {}", evidence(result))),
            Stand::Fail | Stand::Known(_) => told.push(broken(name, result)),
            Stand::Inconclusive(why) => {
                told.push(format!("Session guarantees: {name} ({id}) is not decided: {}", bounded(why)));
            }
            Stand::NotClaimed(_) | Stand::NotYet(_) => missing.push(format!("{name} ({id})")),
            Stand::Skipped(_) => {}
        }
    }
    if !kept.is_empty() {
        told.insert(0, format!("Session guarantees never seen broken: {}", kept.join("; ")));
    }
    if !missing.is_empty() {
        told.push(format!("Session guarantees not tried: {}", missing.join(", ")));
    }
    told
}

/// What a guarantee rests on that was kept.
fn evidence(result: &ClauseResult) -> String {
    let counts = result.evidence.iter().map(|(unit, count)| format!("{count} {}", unit.words()));
    counts.collect::<Vec<_>>().join(" and ")
}

fn broken(name: &str, result: &ClauseResult) -> String {
    let times = plural(usize::try_from(result.broken).unwrap_or(usize::MAX), "time");
    let first =
        result.counterexamples.first().map(|example| format!("; the smallest: {}", bounded(&example.wrong)));
    format!(
        "Session guarantees: {name} ({}) was broken {times}{}",
        result.clause.id,
        first.unwrap_or_default()
    )
}
