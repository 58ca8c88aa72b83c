//! What a client sees of its own writes, and in which order, while they are on their way: over one connection, and over a fresh one
//! for each read.

use std::time::Duration;

use super::choice::{at, changes, graph, in_turn};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::conform::options::Change;
use crate::contract::explore::Graph;
use crate::contract::rules::{Decision, Model as _};
use crate::protocol::{Outcome, Query};

/// Commands of one case.
const LENGTH: u64 = 4;
/// How often everything is read between two of them.
const ROUNDS: usize = 2;
/// Between two rounds, at first and at most.
const PAUSE: Duration = Duration::from_millis(3);
const LONGEST_PAUSE: Duration = Duration::from_millis(25);
/// How often everything is read once more when it shows.
const AGAIN: usize = 2;
/// Where clients connect anew, the session that reads.
const READER: usize = 1;

/// Some cases end early; others are begun until there is enough, which is somewhat more than the least that clauses ask for. They share
/// a place, as clients do.
pub(super) static SESSIONS: &[Experiment] = &[
    Experiment {
        name: "session",
        cases: 160,
        lanes: 6,
        enough: &[(Unit::ProbedWrites, 160), (Unit::Rereads, 320)],
        shared: true,
        act: |case, number| Box::pin(session(case, number, Connection::Kept)),
        ..PLAIN
    },
    Experiment {
        name: "reconnected",
        cases: 160,
        lanes: 6,
        enough: &[(Unit::ProbedWrites, 160), (Unit::Rereads, 320)],
        shared: true,
        act: |case, number| Box::pin(session(case, number, Connection::Fresh)),
        ..PLAIN
    },
];

/// Over which connection a client reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Connection {
    /// The one that it writes over.
    Kept,
    /// A fresh one for each read.
    Fresh,
}

/// Commands, each behind a few reads or, in every other case, when the one before shows; then reads until all of it shows. In every fourth
/// case only the first has to show: a read model that has several changes to catch up with is seen with some of them.
async fn session(case: &mut Case<'_>, number: u64, connection: Connection) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    if connection == Connection::Fresh {
        case.session().await?;
    }
    for step in 0..LENGTH {
        let Some((command, _)) = next(case, graph, number + step) else { break };
        if case.lab.over() || !matches!(case.send(0, &command).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        if number.is_multiple_of(2) && (step > 0 || number.is_multiple_of(4)) {
            for round in 0..ROUNDS {
                if round > 0 {
                    pause(case.lab, PAUSE).await;
                }
                reads(case, connection, number + step).await?;
            }
        } else {
            until_shown(case, connection).await?;
        }
    }
    until_shown(case, connection).await?;
    for _ in 0..AGAIN {
        pause(case.lab, PAUSE).await;
        reads(case, connection, number).await?;
    }
    Ok(())
}

/// A change that reads can show; one of a single event where there is one, since such a change is never seen by half.
fn next(case: &Case<'_>, graph: &Graph, number: u64) -> Option<Change> {
    let single = |(command, _): &Change| {
        let decisions = case.model().decide(&case.world, command).unwrap_or_default();
        matches!(&decisions[..], [Decision::Accepted(one)] if one.events.len() <= 1)
    };
    let all = changes(case, graph);
    let singles: Vec<Change> = all.iter().filter(|change| single(change)).cloned().collect();
    in_turn(if singles.is_empty() { all } else { singles }, number)
}

/// Asks everything once, each time another query first. What was not as it must be now.
async fn reads(case: &mut Case<'_>, connection: Connection, turn: u64) -> Result<Vec<Query>, Unreachable> {
    let mut reads = case.reads();
    let first = at(turn, reads.len());
    reads.rotate_left(first);
    let mut missing = Vec::new();
    for query in reads {
        let session = match connection {
            Connection::Kept => 0,
            Connection::Fresh => {
                case.reconnect(READER).await?;
                READER
            }
        };
        let answer = case.ask(session, &query).await;
        if !case.tells(&case.world, &query, &answer) {
            missing.push(query);
        }
    }
    Ok(missing)
}

/// Asks everything until it is as it must be, or the longest bound has passed.
async fn until_shown(case: &mut Case<'_>, connection: Connection) -> Result<(), Unreachable> {
    let lab = case.lab;
    let bound = lab.engine.target.describe().promises.longest_bound();
    let end = lab.engine.clock.now().saturating_add(bound);
    let mut wait = PAUSE;
    for turn in 0.. {
        let over = lab.engine.clock.now() >= end || lab.over();
        if reads(case, connection, turn).await?.is_empty() || over {
            break;
        }
        pause(lab, wait).await;
        wait = (wait * 2).min(LONGEST_PAUSE);
    }
    Ok(())
}

async fn pause(lab: &Lab, so_long: Duration) {
    let clock = &lab.engine.clock;
    clock.until(clock.now().saturating_add(so_long)).await;
}
