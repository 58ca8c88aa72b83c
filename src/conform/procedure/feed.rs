//! The event feed: followed while others write, read whole, read again, and read on from anywhere.

use std::sync::Arc;

use super::choice::graph;
use super::stream::Stream;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::history::Act;
use crate::protocol::{Capability, Command, Expected, Outcome};

/// Commands of one case while it follows the feed, and behind its first reading at rest.
const FOLLOWED: usize = 8;
const LATER: usize = 3;
/// Cursors that the feed is resumed from.
const CURSORS: usize = 2;

/// Cases at the same time: each is what others write.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "feed",
    cases: 96,
    lanes: 8,
    enough: &[(Unit::Events, 180)],
    shared: true,
    act: |case, number| Box::pin(follow(case, number)),
    ..PLAIN
}];

async fn follow(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let stream = Stream::of_all(case).await;
    if let Err(trouble) = read(case, &stream, number).await {
        case.gives_up(trouble.to_string());
    }
    Ok(())
}

async fn read(case: &mut Case<'_>, stream: &Stream, number: u64) -> Result<(), super::stream::FeedTrouble> {
    let lab = case.lab;
    let mut cursor = stream.base();
    let mut turn = usize::try_from(number).unwrap_or(0);
    for _ in 0..FOLLOWED {
        if !work(case, number, &mut turn).await {
            break;
        }
        if !stream.of_one {
            let told = stream.behind(lab, None, cursor).await?;
            cursor = told.iter().filter_map(|event| event.position).max().max(cursor);
        }
    }
    stream.at_rest(case).await?;
    stream.read(lab, &case.ours()).await?;
    rewrite(case, number).await;
    for _ in 0..LATER {
        work(case, number, &mut turn).await;
    }
    let all = stream.at_rest(case).await?;
    for draw in 0..CURSORS {
        let chance = lab.engine.seed.of_scenario("cursor", &format!("{number} {draw}")).0;
        let at = usize::try_from(chance % u64::try_from(all.len().max(1)).unwrap_or(1)).unwrap_or(0);
        let Some(event) = all.get(at).filter(|event| event.position.is_some()) else { break };
        let on = (stream.of_one || draw % 2 == 1).then_some(&event.on);
        stream.behind(lab, on, event.position).await?;
    }
    Ok(())
}

/// Sends a command that is accepted, of another kind than the one before where that can be.
async fn work(case: &mut Case<'_>, number: u64, turn: &mut usize) -> bool {
    let Some(command) = case.next_open(graph(case.lab, number), *turn) else { return false };
    *turn = *turn / 2 + 1;
    !case.lab.over() && case.send(0, &command).await.is_accepted()
}

/// Sends a command for a version that is not the last one any more: what comes of it must not come in the place of an
/// event that was told already. Whether it is refused is for others to judge.
async fn rewrite(case: &mut Case<'_>, number: u64) {
    if !case.lab.claims(Capability::ExpectedVersion) {
        return;
    }
    let first = case.operations.iter().find_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((case.named(command.on.as_ref()?), receipt.version.clone()?))
        }
        _ => None,
    });
    let Some((on, version)) = first else { return };
    let options = case.options(graph(case.lab, number));
    let own =
        options.accepted.iter().map(|(command, _)| command).find(|command| command.on.as_ref() == Some(&on));
    if let Some(command) = own {
        let stale = Command { expected: Expected::Exactly(version), ..case.bound(command) };
        case.submit(0, Arc::new(stale), 0).await;
    }
}
