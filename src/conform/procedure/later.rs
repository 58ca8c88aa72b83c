//! Commands that are only taken in: each comes to one end, and whoever asks again is told the same.

use std::sync::Arc;

use super::choice::{change, graph, refused};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};

/// Commands of one case.
const COMMANDS: u64 = 3;
/// How often each is asked for once it has ended: right behind it, and again when all of them have.
const AGAIN: usize = 3;

pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "taken-in",
    cases: 60,
    lanes: 4,
    enough: &[(Unit::Commands, 24)],
    act: |case, number| Box::pin(follow(case, number)),
    ..PLAIN
}];

/// Sends some, and follows each to its end. Every third is one that has to be refused.
async fn follow(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    if number % 2 == 1 && !case.set_up(graph, 0).await {
        return Ok(());
    }
    let mut sessions = Vec::new();
    for turn in number..number + COMMANDS {
        let command = match turn % 3 {
            2 => refused(case, graph, turn),
            _ => change(case, graph, turn).map(|(command, _)| command),
        };
        let Some(command) = command else { break };
        let session = case.session().await?;
        let bound = Arc::new(case.bound(&command));
        if case.submit(session, bound, 0).await.is_accepted() {
            case.follow(&command);
        }
        if case.progress(session).await.is_some() {
            sessions.push(session);
            again(case, session).await;
        }
    }
    if sessions.is_empty() {
        case.gives_up("no command was only taken in: all were answered at once, or not at all");
    }
    for session in sessions {
        again(case, session).await;
    }
    Ok(())
}

async fn again(case: &mut Case<'_>, session: usize) {
    for _ in 0..AGAIN {
        case.progress(session).await;
    }
}
