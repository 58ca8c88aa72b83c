//! Sequences of commands from a fresh aggregate on: by chance, and along every transition that the rules span.

use std::sync::Arc;
use std::time::Duration;

use crate::adapter::Unreachable;
use crate::conform::lab::Lab;
use crate::conform::sequences::Bench;
use crate::contract::explore::Bounds;
use crate::generate::{self, Cover, Random, Walks, Weave};
use crate::protocol::Capability;
use crate::run::{TrialSummary, Trials};
use crate::step::{Sequence, Source};

/// Random sequences.
const CASES: usize = 120;
/// Commands of one sequence, at most.
const LENGTH: usize = 16;
/// How long a failure is made smaller, at most.
const SHRINKING: Duration = Duration::from_secs(10);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let engine = lab.engine_until();
    // What fails ends a run of trials; what the walks find is another thing than what chance finds.
    let settings = generate::Settings { seed: lab.engine.seed.0, max_len: LENGTH, cases: CASES };
    let sources: [(&str, Box<dyn Source + Send>); 2] = [
        ("walks", Box::new(Walks::new(lab.model.clone(), settings, Cover::Transitions, Bounds::default()))),
        ("by chance", Box::new(Random::new(lab.model.clone(), settings))),
    ];
    for (name, source) in sources {
        let begun = lab.goes_on_at(name);
        if begun == u64::MAX {
            continue;
        }
        let sequences = woven(&lab, source).into_iter().skip(usize::try_from(begun).unwrap_or(usize::MAX));
        let trials = Trials::within(&engine, lab.contract.clone(), lab.model.clone());
        let trials = trials.shrinking(SHRINKING.min(lab.left()));
        let trials = match lab.jobs {
            Some(jobs) => trials.jobs(jobs),
            None => trials,
        };
        match trials.run(sequences, |_| ()).await {
            Ok(summary) => {
                // Those behind one that fails are not tried.
                let is_cut_off = summary.out_of_time && summary.failed == 0;
                lab.has_got_to(name, if is_cut_off { begun + summary.trials } else { u64::MAX });
                conclude(&lab, &summary);
            }
            Err(error) => return Err(Unreachable { target: "the target".into(), why: error.to_string() }),
        }
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
    let settings = lab.settings();
    let bench = Bench { contract: &lab.contract, model: &lab.model, settings: &settings };
    bench.note(summary, &lab.ledger, |id, example| lab.broken_in_sequence(id, example));
    for error in &summary.broken_rules {
        lab.remark(format!("the contract contradicts itself: {error}"));
    }
    let mut notes = lab.notes();
    notes.matrix.add(&summary.matrix);
    // What one of them saw was seen.
    notes.unseen = Some(match notes.unseen.take() {
        None => summary.unseen.clone(),
        Some(before) => before.into_iter().filter(|one| summary.unseen.contains(one)).collect(),
    });
    for used in &summary.deviations {
        match notes.deviations.iter_mut().find(|(known, _)| *known == used.deviation) {
            Some((_, times)) => *times += used.used,
            None => notes.deviations.push((used.deviation.clone(), used.used)),
        }
    }
}
