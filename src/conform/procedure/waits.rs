//! What is read at once behind the word that everything has caught up.

use std::sync::Arc;
use std::time::Duration;

use super::choice::{at, change, graph};
use super::lanes::in_lanes;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::is_answer;
use crate::protocol::{ClauseId, Outcome, Query};

/// Experiments; somewhat more than the least that the clause asks for.
const WAITS: u64 = 32;
/// Experiments at the same time.
const LANES: usize = 8;
/// How long a target is waited for, at least.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at what did not show.
const PAUSE: Duration = Duration::from_millis(5);

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    in_lanes(&lab, (LANES, WAITS), &[ClauseId::Ec5], |lab, n| async move { wait(&lab, n).await }).await
}

async fn wait(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "wait", number).await?;
    for step in 0..=number % 4 {
        let Some((command, _)) = change(&case, graph, number + step) else { break };
        if !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return Ok(());
        }
    }
    // Which one is asked first changes, since later ones have had more time.
    let mut reads = case.reads();
    let first = at(number, reads.len());
    reads.rotate_left(first);
    let patience = lab.engine.target.describe().promises.longest_bound().max(PATIENCE);
    if !case.is_caught_up(patience).await {
        lab.ledger.doubt(ClauseId::Ec5, format!("the target did not catch up within {patience:?}"));
        return Ok(());
    }
    for query in &reads {
        let answer = case.ask(0, query).await;
        if !is_answer(&answer) {
            return Ok(());
        }
        if !case.tells(&case.world, query, &answer) {
            // What never shows is not early, it is lost.
            if shows_later(&mut case, query).await {
                let wrong =
                    format!("the target said that it had caught up, and {} showed it later", query.name);
                let first = "look at which position the wait compares with, and which read models it asks";
                lab.broken(ClauseId::Ec5, case.example(wrong, first));
            }
            return Ok(());
        }
    }
    lab.ledger.count(ClauseId::Ec5, Unit::Waits, 1);
    Ok(())
}

async fn shows_later(case: &mut Case<'_>, query: &Query) -> bool {
    let lab = case.lab;
    let until = lab
        .engine
        .clock
        .now()
        .saturating_add(lab.engine.target.describe().promises.bound_of(&query.name).max(PATIENCE));
    while lab.engine.clock.now() < until && !lab.over() {
        lab.engine.clock.until(lab.engine.clock.now() + PAUSE).await;
        let answer = case.ask(0, query).await;
        if is_answer(&answer) && case.tells(&case.world, query, &answer) {
            return true;
        }
    }
    false
}
