//! What sequences of commands say of clauses: what they are evidence of, and which clauses those break that failed. Pure: an examination
//! says it when they have been tried, and whoever reads its history says the same.

use super::blame::{Blame, Blamed};
use super::{Counterexample, Ledger};
use crate::clause::{MADE_ONCE, Unit, Wrong};
use crate::contract::Contract;
use crate::contract::rules::Interpreted;
use crate::judge::{Coverage, Mismatch, MismatchKind, Settings};
use crate::protocol::{ClauseId, Verdict};
use crate::run::{Shrunk, TrialSummary, tell};

/// What sequences are evidence of.
struct Evidence {
    id: ClauseId,
    unit: Unit,
    count: fn(&Contract, &TrialSummary) -> u64,
}

/// The clauses that rest on sequences, each with what counts.
const EVIDENCE: &[Evidence] = &[
    Evidence { id: ClauseId::Ch1, unit: Unit::Commands, count: accepted },
    Evidence { id: ClauseId::Br1, unit: Unit::Rejections, count: |_, summary| summary.coverage.fenced },
    Evidence { id: ClauseId::Br2, unit: Unit::Sequences, count: |_, summary| summary.passed },
    Evidence { id: ClauseId::Br3, unit: Unit::Commands, count: of_several_effects },
    Evidence { id: ClauseId::Br6, unit: Unit::Sequences, count: |_, summary| summary.passed },
    Evidence { id: ClauseId::Qs5, unit: Unit::Comparisons, count: views },
];

fn accepted(_: &Contract, summary: &TrialSummary) -> u64 {
    summary.coverage.commands.values().map(|command| command.accepted).sum()
}

/// A refusal has no effects that could be torn apart.
fn of_several_effects(contract: &Contract, summary: &TrialSummary) -> u64 {
    let Coverage { commands, .. } = &summary.coverage;
    let several = |name: &str| contract.command(name).is_some_and(|command| command.effects > 1);
    commands.iter().filter(|(name, _)| several(name)).map(|(_, command)| command.accepted).sum()
}

fn views(contract: &Contract, summary: &TrialSummary) -> u64 {
    let Coverage { queries, .. } = &summary.coverage;
    let is_view = |name: &str| contract.query(name).is_some_and(|query| query.is_view);
    queries.iter().filter(|(name, _)| is_view(name)).map(|(_, query)| query.exact).sum()
}

/// What sequences are judged by, and held against.
#[derive(Clone, Copy)]
pub(crate) struct Bench<'a> {
    pub(crate) contract: &'a Contract,
    pub(crate) model: &'a Interpreted,
    pub(crate) settings: &'a Settings,
}

impl Bench<'_> {
    /// Takes note of what they are evidence of, and hands out each way in which they break a clause.
    pub(crate) fn note(
        self,
        summary: &TrialSummary,
        ledger: &Ledger,
        mut broken: impl FnMut(ClauseId, Counterexample),
    ) {
        for Evidence { id, unit, count } in EVIDENCE {
            let count = count(self.contract, summary);
            ledger.count(*id, *unit, u32::try_from(count).unwrap_or(u32::MAX));
            for reason in &summary.reasons {
                ledger.doubt(*id, reason);
            }
        }
        for shrunk in &summary.failures {
            for (id, example) in self.examples(shrunk) {
                broken(id, example);
            }
        }
    }

    /// The clauses that a failure breaks.
    pub(crate) fn clauses(self, shrunk: &Shrunk) -> Vec<ClauseId> {
        let first = shrunk.trial.judgement.mismatches.first();
        first.map_or_else(Vec::new, |mismatch| self.blamed(shrunk, mismatch).clauses)
    }

    fn blamed(self, shrunk: &Shrunk, mismatch: &Mismatch) -> Blamed {
        let ours = shrunk.trial.ran.values.values().cloned().collect();
        let settings = Settings { matrix: false, ours, ..self.settings.clone() };
        let blame = Blame { model: self.model, contract: self.contract, settings };
        blame.of(&shrunk.trial.ran.operations, mismatch)
    }

    fn examples(self, shrunk: &Shrunk) -> Vec<(ClauseId, Counterexample)> {
        debug_assert_eq!(shrunk.trial.verdict(), Verdict::Fail);
        let (Some(mismatch), Some(told)) =
            (shrunk.trial.judgement.mismatches.first(), tell(self.contract, shrunk, &[]))
        else {
            return Vec::new();
        };
        let Blamed { clauses, likely, first: looked_at } = self.blamed(shrunk, mismatch);
        let first = match &told.addition {
            Some(_) => format!("give this refusal of {} a name, if it is right", mismatch.message),
            None => looked_at.unwrap_or_else(|| first(mismatch)),
        };
        let example = Counterexample {
            likely,
            about: Wrong::Mismatch(mismatch.clone()).query(),
            wrong: format!("the promise \"{}\" is broken", told.headline),
            story: told.steps.into_iter().chain(told.should).collect(),
            requests: told.request.into_iter().collect(),
            scenario: Some(told.scenario),
            first,
            addition: told.addition,
            ..Counterexample::default()
        };
        clauses.into_iter().map(|id| (id, example.clone())).collect()
    }
}

/// Where to look first.
fn first(mismatch: &Mismatch) -> String {
    match mismatch.kind {
        MismatchKind::Outcome => format!("look at where {} decides", mismatch.message),
        MismatchKind::Chosen => MADE_ONCE.to_owned(),
        MismatchKind::Unexplained | MismatchKind::Immediate | MismatchKind::Settled => {
            format!(
                "look at what the read model of {} does with the last of these commands",
                mismatch.message
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conform::procedure::PROCEDURES;

    #[test]
    fn what_rests_on_sequences_stands_in_their_procedure() {
        let own = PROCEDURES.iter().find(|procedure| procedure.name == "sequences").expect("a procedure");
        assert!(EVIDENCE.iter().map(|evidence| evidence.id).eq(own.clauses.iter().copied()));
    }
}
