//! Sequences of commands from a fresh aggregate on: by chance, and along every transition that the rules span.

use std::sync::Arc;
use std::time::Duration;

use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::Counterexample;
use crate::conform::blame::Blame;
use crate::conform::lab::Lab;
use crate::contract::explore::Bounds;
use crate::contract::rules::Effect;
use crate::generate::{self, Cover, Random, Walks, Weave};
use crate::judge::{self, Mismatch, MismatchKind};
use crate::protocol::{Capability, ClauseId, Verdict};
use crate::run::{Shrunk, TrialSummary, Trials, tell};
use crate::step::{Sequence, Source};

/// Random sequences.
const CASES: usize = 120;
/// Commands of one sequence, at most.
const LENGTH: usize = 16;
/// How long a failure is made smaller, at most.
const SHRINKING: Duration = Duration::from_secs(10);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let trials = Trials::within(&lab.engine, lab.contract.clone(), lab.model.clone()).shrinking(SHRINKING);
    // What fails ends a run of trials; what the walks find is another thing than what chance finds.
    let mut unseen: Option<Vec<Effect>> = None;
    let settings = generate::Settings { seed: lab.engine.seed.0, max_len: LENGTH, cases: CASES };
    let sources: [Box<dyn Source + Send>; 2] = [
        Box::new(Walks::new(lab.model.clone(), settings, Cover::Transitions, Bounds::default())),
        Box::new(Random::new(lab.model.clone(), settings)),
    ];
    for source in sources {
        let sequences = woven(&lab, source);
        match trials.run(sequences.into_iter(), |_| ()).await {
            Ok(summary) => {
                conclude(&lab, &summary);
                // What either of them saw was seen.
                unseen = Some(match unseen {
                    None => summary.unseen,
                    Some(before) => before.into_iter().filter(|one| summary.unseen.contains(one)).collect(),
                });
            }
            Err(error) => return Err(Unreachable { target: "the target".into(), why: error.to_string() }),
        }
    }
    let unseen: Vec<String> = unseen.iter().flatten().map(ToString::to_string).collect();
    if !unseen.is_empty() {
        lab.remark(format!("nobody saw change, so nothing is known of it: {}", unseen.join(", ")));
    }
    Ok(())
}

fn woven(lab: &Lab, mut source: Box<dyn Source + Send>) -> Vec<Sequence> {
    let knows = |message: &str| lab.engine.target.knows(message);
    let weave = Weave {
        contract: &lab.contract,
        knows: &knows,
        keys: lab.claims(Capability::Idempotency),
        versions: lab.claims(Capability::ExpectedVersion),
    };
    let all = std::iter::from_fn(|| source.next()).zip(0_u64..);
    all.map(|(sequence, number)| weave.weave(&sequence, lab.engine.seed.0 ^ number.rotate_left(32))).collect()
}

fn conclude(lab: &Lab, summary: &TrialSummary) {
    let count = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    let coverage = &summary.coverage;
    let accepted: u64 = coverage.commands.values().map(|command| command.accepted).sum();
    let several = |name: &str| lab.contract.command(name).is_some_and(|command| command.effects > 1);
    let torn = coverage.commands.iter().filter(|(name, _)| several(name));
    // A refusal has no effects that could be torn apart.
    let torn: u64 = torn.map(|(_, command)| command.accepted).sum();
    let views = coverage
        .queries
        .iter()
        .filter(|(name, _)| lab.contract.query(name).is_some_and(|query| query.is_view));
    let ledger = &lab.ledger;
    ledger.count(ClauseId::Ch1, Unit::Commands, count(accepted));
    ledger.count(ClauseId::Br1, Unit::Rejections, count(coverage.fenced));
    ledger.count(ClauseId::Br3, Unit::Commands, count(torn));
    ledger.count(ClauseId::Qs5, Unit::Comparisons, count(views.map(|(_, query)| query.exact).sum()));
    for id in [ClauseId::Br2, ClauseId::Br6] {
        ledger.count(id, Unit::Sequences, count(summary.passed));
    }
    for reason in &summary.reasons {
        for id in [ClauseId::Ch1, ClauseId::Br1, ClauseId::Br2, ClauseId::Br3, ClauseId::Br6, ClauseId::Qs5] {
            ledger.doubt(id, reason.clone());
        }
    }
    for error in &summary.broken_rules {
        lab.remark(format!("the contract contradicts itself: {error}"));
    }
    let mut notes = lab.notes();
    notes.matrix.add(&summary.matrix);
    for used in &summary.deviations {
        match notes.deviations.iter_mut().find(|(known, _)| *known == used.deviation) {
            Some((_, times)) => *times += used.used,
            None => notes.deviations.push((used.deviation.clone(), used.used)),
        }
    }
    drop(notes);
    for shrunk in &summary.failures {
        failed(lab, shrunk);
    }
}

fn failed(lab: &Lab, shrunk: &Shrunk) {
    debug_assert_eq!(shrunk.trial.verdict(), Verdict::Fail);
    let (Some(mismatch), Some(told)) =
        (shrunk.trial.judgement.mismatches.first(), tell(&lab.contract, shrunk, &[]))
    else {
        return;
    };
    let ran = &shrunk.trial.ran;
    let settings = judge::Settings { ours: ran.values.values().cloned().collect(), ..lab.settings() };
    let blamed = Blame { model: &lab.model, contract: &lab.contract, settings };
    for id in blamed.clauses(&ran.operations, mismatch) {
        let example = Counterexample {
            wrong: format!("the promise \"{}\" is broken", told.headline),
            story: told.steps.iter().chain(&told.should).cloned().collect(),
            requests: told.request.iter().cloned().collect(),
            scenario: Some(told.scenario.clone()),
            first: match &told.addition {
                Some(_) => format!("give this refusal of {} a name, if it is right", mismatch.message),
                None => first(mismatch),
            },
            addition: told.addition.clone(),
            ..Counterexample::default()
        };
        lab.broken_in_sequence(id, example);
    }
}

fn first(mismatch: &Mismatch) -> String {
    match mismatch.kind {
        MismatchKind::Outcome => format!("look at where {} decides", mismatch.message),
        MismatchKind::Unexplained | MismatchKind::Immediate | MismatchKind::Settled => {
            format!(
                "look at what the read model of {} does with the last of these commands",
                mismatch.message
            )
        }
    }
}
