//! The feed of a few aggregates, what read models show of them, and what is told of earlier versions.

use std::time::Duration;

use super::choice::graph;
use super::stream::Stream;
use crate::adapter::{AnyWorld as _, Unreachable};
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::history::Act;
use crate::protocol::{Capability, ClauseId, Outcome, Version};
use crate::value::Value;

/// Commands of one case.
const LENGTH: usize = 4;
/// Versions of one case that are asked about.
const VERSIONS: u64 = 2;
/// How long one look back may take.
const LOOK: Duration = Duration::from_secs(30);

/// Somewhat more cases than the least that clauses ask for.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "fold",
    cases: 36,
    lanes: 8,
    act: |case, number| Box::pin(add_up(case, number)),
    ..PLAIN
}];

async fn add_up(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let lab = case.lab;
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..LENGTH {
        let Some(command) = case.next(graph(lab, number), turn) else { break };
        turn = turn / 2 + 1;
        if !case.send(0, &command).await.is_accepted() {
            return Ok(());
        }
    }
    if !case.settle().await {
        case.gives_up("the target does not catch up");
        return Ok(());
    }
    let mut versions = versions(case);
    if lab.claims(Capability::EventFeed) {
        match Stream::of_each(case.place.clone()).at_rest(case).await {
            Ok(events) => {
                let told = events.into_iter().filter_map(|event| Some((event.on, event.version?)));
                versions = told.collect();
            }
            Err(why) => {
                case.gives_up(why.to_string());
                return Ok(());
            }
        }
        for query in case.reads() {
            case.ask(0, &query).await;
        }
    }
    if lab.wants(ClauseId::Ev7) {
        look_back(case, &versions, number).await;
    }
    Ok(())
}

/// The versions that the answers told, by the aggregate.
fn versions(case: &Case<'_>) -> Vec<(Value, Version)> {
    let told = case.operations.iter().filter_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((command.on.clone()?, receipt.version.clone()?))
        }
        _ => None,
    });
    told.collect()
}

/// Asks how things stood at some of the versions.
async fn look_back(case: &mut Case<'_>, versions: &[(Value, Version)], number: u64) {
    let lab = case.lab;
    if versions.is_empty() {
        case.gives_up("neither the feed nor an answer tells a version");
        return;
    }
    for draw in 0..VERSIONS {
        let chance = lab.engine.seed.of_scenario("version", &format!("{number} {draw}")).0;
        let at = usize::try_from(chance % u64::try_from(versions.len()).unwrap_or(1)).unwrap_or(0);
        let (on, version) = &versions[at];
        let on = case.named(on);
        for query in case.reads().into_iter().filter(|query| query.on.as_ref() == Some(&on)) {
            let bound = case.asked(&query);
            // Not each query can be asked like that.
            let _ = lab.within(LOOK, case.place.as_of(&bound, version)).await;
        }
    }
}
