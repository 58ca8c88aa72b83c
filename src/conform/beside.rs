//! What there is to be told beside how the clauses stand.

use std::collections::BTreeMap;

use super::lab::Lab;
use super::ledger::times;
use super::{ClauseResult, Stand};
use crate::clause::{self, Level};
use crate::protocol::ClauseId;

/// Evidence without which clauses passed, what nobody saw change, and what else was found.
pub(super) fn tell(lab: &Lab, clauses: &[ClauseResult]) {
    let mut unseen = lab.notes().unseen.take().unwrap_or_default();
    // What nothing changes that was explored is as it was, and nobody can see more of it.
    unseen.retain(|effect| lab.notes().matrix.has_changed(effect) || lab.can_change(effect));
    if !unseen.is_empty() {
        let unseen: Vec<String> = unseen.iter().map(ToString::to_string).collect();
        lab.remark(format!("nobody saw change, so nothing is known of it: {}", unseen.join(", ")));
    }
    let passed = clauses.iter().filter(|result| result.stand == Stand::Pass);
    for remark in set_aside(passed.map(|result| (result.clause.id, lab.ledger.explained(result.clause.id)))) {
        lab.remark(remark);
    }
    // Of others than a MUST, whoever asks for a few clauses wants to know nothing.
    let musts = lab.unasked.iter().filter(|id| clause::of(**id).level == Level::Must);
    for id in musts {
        if let Some(example) = lab.ledger.of(*id).counterexamples.first() {
            lab.remark(format!(
                "{id} was not selected, and is broken: {} (`{}`)",
                example.wrong, example.again
            ));
        }
    }
}

/// Evidence of one clause that another one explains: which, how often, and what it was the first time.
pub(super) struct Explained {
    pub(super) by: ClauseId,
    pub(super) times: u64,
    pub(super) first: String,
}

/// A sentence for each clause that explains what was set aside for others.
fn set_aside(all: impl Iterator<Item = (ClauseId, Vec<Explained>)>) -> Vec<String> {
    let mut by_cause: BTreeMap<ClauseId, (Vec<String>, String)> = BTreeMap::new();
    for (id, explained) in all {
        let mut counts: BTreeMap<ClauseId, u64> = BTreeMap::new();
        for Explained { by, times, first } in explained {
            *counts.entry(by).or_default() += times;
            by_cause.entry(by).or_insert_with(|| (Vec::new(), first));
        }
        for (by, count) in counts {
            if let Some((told, _)) = by_cause.get_mut(&by) {
                told.push(format!("{id} ({})", times(count)));
            }
        }
    }
    let told = by_cause.into_iter().map(|(by, (clauses, first))| {
        format!("what is wrong by {by} was set aside in {}; the first time: {first}", clauses.join(", "))
    });
    told.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_clause_explains_is_told_once() {
        let explained = |by, times, first: &str| Explained { by, times, first: first.into() };
        let told = set_aside(
            [
                (ClauseId::Br4, vec![explained(ClauseId::Ec1, 2, "a"), explained(ClauseId::Ec1, 5, "b")]),
                (ClauseId::Id1, vec![explained(ClauseId::Ec1, 1, "c"), explained(ClauseId::Br3, 2, "d")]),
                (ClauseId::Id2, Vec::new()),
            ]
            .into_iter(),
        );
        assert_eq!(
            told,
            [
                "what is wrong by BR-3 was set aside in ID-1 (2 times); the first time: d",
                "what is wrong by EC-1 was set aside in BR-4 (7 times), ID-1 (once); the first time: a"
            ]
        );
    }
}
