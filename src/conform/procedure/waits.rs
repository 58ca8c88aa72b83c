//! What is read at once behind the word that everything has caught up.

use std::time::Duration;

use super::choice::{at, change, graph};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::rest::is_answer;
use crate::protocol::Outcome;

/// How long is looked for what did not show, at least.
const PATIENCE: Duration = Duration::from_secs(5);
/// Between two looks at it.
const PAUSE: Duration = Duration::from_millis(5);

/// Somewhat more cases than the clause asks for at least.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "wait",
    cases: 32,
    lanes: 8,
    act: |case, number| Box::pin(wait(case, number)),
    ..PLAIN
}];

/// Commands, the target's word that it has caught up, and reads; what does not show is looked for on and on.
async fn wait(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let graph = graph(lab, number);
    for step in 0..=number % 4 {
        let Some((command, _)) = change(case, graph, number + step) else { break };
        if !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return Ok(());
        }
    }
    // Which one is asked first changes, since later ones have had more time.
    let mut reads = case.reads();
    let first = at(number, reads.len());
    reads.rotate_left(first);
    if !case.calm().await {
        case.gives_up("the target did not say in time that it had caught up");
        return Ok(());
    }
    let mut late = Vec::new();
    for query in reads {
        let answer = case.ask(0, &query).await;
        if !is_answer(&answer) {
            return Ok(());
        }
        if !case.tells(&case.world, &query, &answer) {
            late.push(query);
        }
    }
    let bound = lab.engine.target.describe().promises.longest_bound().max(PATIENCE);
    let until = lab.engine.clock.now().saturating_add(bound);
    while !late.is_empty() && lab.engine.clock.now() < until && !lab.over() {
        lab.engine.clock.until(lab.engine.clock.now() + PAUSE).await;
        let mut missing = Vec::new();
        for query in late {
            let answer = case.ask(0, &query).await;
            if !(is_answer(&answer) && case.tells(&case.world, &query, &answer)) {
                missing.push(query);
            }
        }
        late = missing;
    }
    Ok(())
}
