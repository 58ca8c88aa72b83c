//! Many aggregates that are written to at the same time.

use std::sync::Arc;

use super::choice::{at, own};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::explore::Subject;
use crate::protocol::{ClauseId, Command, Outcome};

/// Experiments, and aggregates in each.
const CASES: u64 = 6;
const AGGREGATES: usize = 12;
/// Commands that each aggregate gets, one after the other.
const WAVES: usize = 2;

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    for number in 0..CASES {
        if lab.over() {
            break;
        }
        case(&lab, number).await?;
    }
    Ok(())
}

async fn case(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let kinds: Vec<&str> = lab.contract.aggregates().map(|aggregate| &*aggregate.name).collect();
    let Some(kind) = kinds.get(at(number, kinds.len())) else { return Ok(()) };
    let subjects: Vec<Subject> = (1..=AGGREGATES).map(|number| lab.naming.subject(kind, number)).collect();
    let mut case = Case::open(lab, "apart", number).await?;
    for wave in 0..WAVES {
        let commands: Vec<Command> = subjects
            .iter()
            .zip(0_u64..)
            .filter_map(|(subject, turn)| own(&case, subject, number + turn + wave as u64))
            .collect();
        let bound: Vec<_> = commands.iter().map(|command| Arc::new(case.bound(command))).collect();
        let (outcomes, _) = case.burst(bound.clone()).await?;
        for ((command, bound), outcome) in commands.iter().zip(bound).zip(outcomes) {
            match &outcome {
                Outcome::Accepted(_) => {
                    case.follow(command);
                    lab.ledger.count(ClauseId::Oc4, Unit::Commands, 1);
                }
                Outcome::Rejected(rejection) => {
                    // What is refused alone as well was not in anybody's way.
                    let conflict = rejection.is_conflict();
                    let alone = case.submit(0, bound, 0).await;
                    if conflict || matches!(alone, Outcome::Accepted(_)) {
                        let wrong = format!(
                            "{} was {outcome} while others wrote to other aggregates, and alone it was {alone}",
                            command.name
                        );
                        let first =
                            "look for what all aggregates share: a lock, one stream, one version, one row";
                        lab.broken(ClauseId::Oc4, case.example(wrong, first));
                    }
                    return Ok(());
                }
                Outcome::Unknown(_) | Outcome::NotSent(_) => return Ok(()),
            }
        }
    }
    Ok(())
}
