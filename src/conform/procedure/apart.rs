//! Many aggregates that are written to at the same time.

use std::sync::Arc;

use super::choice::{at, own};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::contract::explore::Subject;
use crate::protocol::{Command, Outcome};

/// Aggregates in each case.
const AGGREGATES: usize = 12;
/// Commands that each aggregate gets, one after the other.
const WAVES: usize = 2;

pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "apart",
    cases: 6,
    lanes: 1,
    act: |case, number| Box::pin(apart(case, number)),
    ..PLAIN
}];

async fn apart(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let kinds: Vec<&str> = lab.contract.aggregates().map(|aggregate| &*aggregate.name).collect();
    let Some(kind) = kinds.get(at(number, kinds.len())) else { return Ok(()) };
    let subjects: Vec<Subject> = (1..=AGGREGATES).map(|number| lab.naming.subject(kind, number)).collect();
    for wave in 0..WAVES {
        let commands: Vec<Command> = subjects
            .iter()
            .zip(0_u64..)
            .filter_map(|(subject, turn)| own(case, subject, number + turn + wave as u64))
            .collect();
        let bound: Vec<_> = commands.iter().map(|command| Arc::new(case.bound(command))).collect();
        let (outcomes, _) = case.burst(bound.clone()).await?;
        let mut refused = None;
        for ((command, bound), outcome) in commands.iter().zip(bound).zip(outcomes) {
            match outcome {
                Outcome::Accepted(_) => case.follow(command),
                Outcome::Rejected(_) => refused = refused.or(Some(bound)),
                Outcome::Unknown(_) | Outcome::NotSent(_) => return Ok(()),
            }
        }
        if let Some(bound) = refused {
            // What is refused alone as well was not in anybody's way.
            case.submit(0, bound, 0).await;
            return Ok(());
        }
    }
    Ok(())
}
