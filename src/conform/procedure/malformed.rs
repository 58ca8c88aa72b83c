//! Commands made wrong, one way each. They have to be refused as the client's mistake, and to leave nothing behind.

mod ways;

use std::sync::Arc;

use self::ways::{Way, ways};
use super::bases::Base;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::history::Role;
use crate::protocol::{ClauseId, Outcome};

/// Malformed commands that are enough, and how often all of them are tried for that: small contracts have few.
const LEAST: u32 = 12;
const ROUNDS: usize = 3;
/// Cases at most: all ways of a command together, and one by one where something is wrong.
const CASES: u64 = 600;

/// One behind the other: who makes a mistake here may spoil what others look at.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "malformed",
    cases: CASES,
    lanes: 1,
    control: Control::Behind,
    needed,
    act: |case, number| Box::pin(spoil(case, number)),
    ..PLAIN
}];

/// A command that is right, and the ways in which it is made wrong; nothing where there are no more.
fn plan(lab: &Lab, number: u64) -> Option<(&Base, Vec<Way>)> {
    let bases = lab.bases.get()?;
    let number = usize::try_from(number).ok()?;
    let base = bases.get(number % bases.len().max(1))?;
    let (round, mut all) = (number / bases.len(), ways(lab, base));
    match round.checked_sub(ROUNDS) {
        None => Some((base, all)),
        Some(alone) if alone < all.len() => Some((base, vec![all.swap_remove(alone)])),
        Some(_) => None,
    }
}

/// All of them together; again where that is not enough; and one by one where something is wrong, for the story is short then, or where
/// there is still too little: one that the profile does not send ends a case.
fn needed(lab: &Lab, number: u64) -> bool {
    let Some(bases) = lab.bases.get() else { return true };
    let round = usize::try_from(number).unwrap_or(usize::MAX) / bases.len().max(1);
    let tally = lab.ledger.of(ClauseId::Ch2);
    let is_wrong = tally.broken > 0 || !tally.asides.is_empty();
    let tried = tally.evidence.get(&Unit::Malformed).copied().unwrap_or(0);
    match round {
        0 => true,
        _ if round < ROUNDS => tried < LEAST && !is_wrong,
        _ => (is_wrong || tried < LEAST) && plan(lab, number).is_some(),
    }
}

async fn spoil(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    lab.bases().await?;
    let Some((base, ways)) = plan(lab, number) else {
        case.gives_up("no valid command was accepted that could be made wrong");
        return Ok(());
    };
    if !base.brought(case).await {
        return Ok(());
    }
    case.role(Role::Act);
    if !case.is_in_turn() {
        for way in &ways {
            if !matches!(send(case, base, way).await, Some(Outcome::Rejected(_)) | None) {
                // What was not refused may have done anything. How the right one is sent is all that is asked now.
                case.role(Role::Canary);
                case.send(0, &base.command).await;
                return Ok(());
            }
        }
    }
    case.role(Role::Canary);
    // What the wrong ones have left behind is there before what the right one does shows.
    if case.settle().await && matches!(case.send(0, &base.command).await, Outcome::Accepted(_)) {
        case.settle().await;
    }
    Ok(())
}

/// What came of it; nothing where it could not be sent like that, or nobody knows.
async fn send(case: &mut Case<'_>, base: &Base, way: &Way) -> Option<Outcome> {
    match way {
        Way::Fields(command) => {
            let bound = Arc::new(case.bound(command));
            Some(case.submit(0, bound, 0).await)
        }
        Way::Wire(how) => {
            let bound = case.bound(&base.command);
            Some(case.misbehave(&bound, how).await?.outcome)
        }
    }
}
