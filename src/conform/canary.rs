//! A plain command and a look at what it did: whether the target is well.

use std::time::Duration;

use super::case::Case;
use super::lab::Lab;
use crate::protocol::{Outcome, Query};

/// How long an effect may take to show beyond twice what is promised, before the read side counts as stuck.
const PATIENCE: Duration = Duration::from_secs(3);
/// Between two looks, at first and at most.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

/// How the target is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Health {
    Well,
    /// It does not do what it did before. Says what, in a sentence without a full stop.
    Sick(String),
}

/// Sends the first command that there is to a fresh aggregate, and waits until it shows in all that shows it.
pub(crate) async fn health(lab: &Lab) -> Health {
    let mut case = match Case::open(lab, "canary", lab.another_canary()).await {
        Ok(case) => case,
        Err(unreachable) => return Health::Sick(unreachable.to_string()),
    };
    let Some(command) = lab.graphs.iter().find_map(|graph| case.next(graph, 0)) else { return Health::Well };
    let name = command.name.clone();
    match case.send(0, &command).await {
        Outcome::Accepted(_) => {}
        outcome => return Health::Sick(format!("a plain {name} is {outcome}")),
    }
    let limit = lab.target.describe().longest_bound() * 2 + PATIENCE;
    let deadline = lab.clock.now().saturating_add(limit);
    let mut waiting = case.reads();
    let mut pause = PAUSE;
    loop {
        waiting = unseen(&mut case, waiting).await;
        let Some(query) = waiting.first() else { return Health::Well };
        if lab.clock.now() >= deadline {
            return Health::Sick(format!(
                "{} does not show what a plain {name} did, after {limit:?}",
                query.name
            ));
        }
        lab.clock.until(deadline.min(lab.clock.now() + pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Those of the queries that don't show the state yet.
async fn unseen(case: &mut Case<'_>, queries: Vec<Query>) -> Vec<Query> {
    let mut unseen = Vec::new();
    for query in queries {
        let answer = case.ask(0, &query).await;
        if !super::rest::is_answer(&answer) || !case.tells(&case.world, &query, &answer) {
            unseen.push(query);
        }
    }
    unseen
}
