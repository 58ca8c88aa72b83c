//! Commands that demand a version: an old one, none, and one that several demand at the same time.

use std::sync::Arc;

use super::choice::{Change, at, changes, graph, in_turn};
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::experiment::{Control, Experiment, PLAIN};
use crate::contract::explore::Graph;
use crate::history::Act;
use crate::protocol::{Command, Expected, Outcome, Query, Version};
use crate::value::Value;

/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Commands of one experiment that are sent without a version.
const COURSE: u64 = 3;
/// Changes that are looked at for one that leaves something to be done.
const LOOKED_AT: usize = 12;

const UNTOLD: &str = "neither answers nor reads tell the version of an aggregate";

/// What is sent one by one.
pub(super) static ONE_BY_ONE: &[Experiment] = &[
    Experiment {
        name: "stale",
        cases: 30,
        lanes: LANES,
        act: |case, number| Box::pin(stale(case, number)),
        ..PLAIN
    },
    Experiment {
        name: "without",
        cases: 6,
        lanes: LANES / 4,
        act: |case, number| Box::pin(without(case, number)),
        ..PLAIN
    },
];

/// What is sent at the same time.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "one-version",
    cases: 54,
    lanes: LANES,
    act: |case, number| Box::pin(race(case, number)),
    control: Control::Alone,
    ..PLAIN
}];

/// What the rules accept now on one aggregate, and reads can show.
fn changes_on(case: &Case<'_>, graph: &Graph, on: &Value) -> Vec<Change> {
    changes(case, graph).into_iter().filter(|(command, _)| command.on.as_ref() == Some(on)).collect()
}

/// The aggregate of the last accepted command by its name, and its version: as the answer told it, or else a read at rest.
async fn told(case: &mut Case<'_>) -> Option<(Value, Version)> {
    let accepted = case.operations.iter().rev().find_map(|operation| match &operation.act {
        Act::Submit { command, outcome: Outcome::Accepted(receipt), .. } => {
            Some((command.on.clone()?, receipt.version.clone()))
        }
        _ => None,
    });
    let (on, version) = accepted?;
    let on = case.named(&on);
    let version = match version {
        Some(version) => version,
        None => read_version(case, &on).await?,
    };
    Some((on, version))
}

async fn read_version(case: &mut Case<'_>, on: &Value) -> Option<Version> {
    if !case.calm().await {
        return None;
    }
    let reads: Vec<Query> = case.reads().into_iter().filter(|query| query.on.as_ref() == Some(on)).collect();
    for query in reads {
        if let Some(version) = case.ask(0, &query).await.version {
            return Some(version);
        }
    }
    None
}

/// The command as it is sent, with the version it demands.
fn demanding(case: &mut Case<'_>, command: &Command, version: &Version) -> Arc<Command> {
    Arc::new(Command { expected: Expected::Exactly(version.clone()), ..case.bound(command) })
}

/// A command at an old version, behind one that changed the aggregate.
async fn stale(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    if !case.set_up(graph, at(number, 3)).await {
        return Ok(());
    }
    let Some((on, old)) = told(case).await else {
        case.gives_up(UNTOLD);
        return Ok(());
    };
    // What changes it, and what could be done behind that if it were not for the version.
    let before = case.world.clone();
    let mut found = changes_on(case, graph, &on);
    found.truncate(LOOKED_AT);
    let mut courses = Vec::new();
    for (change, world) in found {
        case.world = world.clone();
        if let Some((stale, _)) = in_turn(changes_on(case, graph, &on), number) {
            courses.push((change, stale));
        }
    }
    case.world = before;
    if courses.is_empty() {
        return Ok(());
    }
    let (change, stale) = courses.swap_remove(at(number, courses.len()));
    if !matches!(case.send(0, &change).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    if told(case).await.is_none_or(|(_, new)| new == old) {
        case.gives_up("the version that is told stays the same behind a change");
        return Ok(());
    }
    if number.is_multiple_of(2) && !case.settle().await {
        return Ok(());
    }
    let sent = demanding(case, &stale, &old);
    case.submit(0, sent, 0).await;
    case.look().await;
    Ok(())
}

/// Commands without a version; one that is refused is sent again with it.
async fn without(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    let mut last = None;
    for step in 0..COURSE {
        let all = changes(case, graph);
        let own = all.into_iter().filter(|(command, _)| last.is_none() || command.on == last);
        let Some((command, _)) = in_turn(own.collect(), number + step) else { return Ok(()) };
        let exists = last.is_some();
        last.clone_from(&command.on);
        let mut outcome = case.send(0, &command).await;
        if matches!(&outcome, Outcome::Rejected(rejection) if !rejection.wants_a_version()) {
            // Whatever was in its way may be gone at rest; a version that is missing is missing then, too.
            if !case.calm().await {
                return Ok(());
            }
            outcome = case.send(0, &command).await;
        }
        match outcome {
            Outcome::Accepted(_) => {
                case.lab
                    .remark("commands are accepted without an expected version: the service requires none");
                continue;
            }
            Outcome::Rejected(_) => {}
            Outcome::Unknown(_) | Outcome::NotSent(_) => return Ok(()),
        }
        let version =
            if exists { told(case).await.map(|(_, version)| version) } else { Some(Version::Number(0)) };
        let Some(version) = version else {
            case.gives_up(UNTOLD);
            return Ok(());
        };
        let sent = demanding(case, &command, &version);
        if !matches!(case.submit(0, sent, 0).await, Outcome::Accepted(_)) {
            return Ok(());
        }
        case.follow(&command);
    }
    Ok(())
}

/// Several writers at one version, or at the very beginning.
async fn race(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let graph = graph(case.lab, number);
    let newborn = number.is_multiple_of(3);
    let (changes, version) = if newborn {
        let all = changes(case, graph);
        let on = all.first().and_then(|(command, _)| command.on.clone());
        let Some(on) = on else { return Ok(()) };
        (changes_on(case, graph, &on), Version::Number(0))
    } else {
        if !case.set_up(graph, at(number, 3)).await {
            return Ok(());
        }
        let Some((on, version)) = told(case).await else {
            case.gives_up(UNTOLD);
            return Ok(());
        };
        (changes_on(case, graph, &on), version)
    };
    if changes.is_empty() {
        return Ok(());
    }
    let count = 2 + at(number, 3);
    let writers: Vec<&Change> = (0..count)
        .map(|writer| &changes[at(number.wrapping_add(writer as u64 * 7), changes.len())])
        .collect();
    if case.is_in_turn() {
        // What they bring one by one, whatever the version, is no race's doing.
        for (command, _) in writers {
            case.send(0, command).await;
        }
        case.look().await;
        return Ok(());
    }
    let bound = writers.iter().map(|(command, _)| demanding(case, command, &version)).collect();
    let (outcomes, _) = case.burst(bound).await?;
    let won = |(_, outcome): &(_, &Outcome)| matches!(outcome, Outcome::Accepted(_));
    if let Some(((_, world), _)) = writers.into_iter().zip(&outcomes).find(won) {
        case.world = world.clone();
    }
    case.look().await;
    Ok(())
}
