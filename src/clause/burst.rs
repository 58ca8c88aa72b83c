//! What the clauses about bursts have in common: commands that overlap on one aggregate, a rest, decisions that show what the
//! write side believes, and another rest.

use super::{Evidence, Judged, Submitted, Unit, Wrong};
use crate::protocol::{Outcome, Version};

/// The first thing to look at where something is lost.
pub(super) const APPEND: &str =
    "look at whether an append compares versions, and whether every event reaches the read models";

/// What a burst speaks for, as far as no mismatch speaks against it.
pub(super) fn counted(evidence: &Evidence<'_>) -> Judged {
    let mut judged = Judged::default();
    let seen = evidence.judgement();
    for undecided in &seen.undecided {
        let why = "what came of a race could not be decided";
        judged.aside(why, Wrong::Said(undecided.why.clone()), &[]);
    }
    for racers in evidence.races() {
        let last = &racers[racers.len() - 1];
        let settled = evidence.is_settled(last.at, evidence.operations.len());
        if settled && seen.undecided.is_empty() && evidence.overlapped(&racers) {
            judged.count(Unit::Bursts);
        }
    }
    judged
}

/// Whether the last version that was told is the one that the rules count: then each accepted event is there.
pub(super) fn wrote_all(evidence: &Evidence<'_>) -> bool {
    let mut accepted = evidence.submitted().filter(Submitted::is_accepted);
    let told = |outcome: &Outcome| match outcome {
        Outcome::Accepted(receipt) => receipt.version.clone(),
        _ => None,
    };
    let last = accepted.by_ref().rev().find_map(|sent| Some((sent.command.on.clone()?, told(sent.outcome)?)));
    let Some((on, Version::Number(told))) = last else { return false };
    evidence
        .world(evidence.operations.len())
        .entries()
        .iter()
        .any(|entry| entry.id == on && entry.version == told)
}
