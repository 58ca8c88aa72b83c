//! Commands that demand a version: an old one, none, and one that several demand at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use super::choice::{Change, at, changes, graph, in_turn};
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::experiment::Experiment;
use crate::conform::lab::Lab;
use crate::contract::explore::Graph;
use crate::history::Act;
use crate::protocol::{ClauseId, Command, Expected, Outcome, Query, Rejection, Version};
use crate::value::Value;

/// Experiments without a version.
const WITHOUT: u64 = 6;
/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Commands of one experiment that are sent without a version.
const COURSE: usize = 3;
/// Changes that are looked at for one that leaves something to be done.
const LOOKED_AT: usize = 12;

const REQUIRED: &str = "PreconditionRequired";

const UNTOLD: &str = "neither answers nor reads tell the version of an aggregate";

/// What is sent one by one.
pub(super) static ONE_BY_ONE: &[Experiment] = &[Experiment {
    name: "stale",
    cases: 30,
    lanes: LANES,
    enough: None,
    controlled: false,
    shared: false,
    act: |case, number| Box::pin(stale(case, number)),
}];

/// What is sent at the same time.
pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "one-version",
    cases: 54,
    lanes: LANES,
    enough: None,
    controlled: false,
    shared: false,
    act: |case, number| Box::pin(race(case, number)),
}];

/// What is sent without a version.
pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let mut met = HashMap::new();
    for number in 0..WITHOUT {
        if lab.over() {
            break;
        }
        without(&lab, number, &mut met).await?;
    }
    Ok(())
}

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
    if number.is_multiple_of(2) && !case.look().await {
        return Ok(());
    }
    let sent = demanding(case, &stale, &old);
    case.submit(0, sent, 0).await;
    case.look().await;
    Ok(())
}

/// What commands of one kind came to without a version, on an aggregate that was there or was not.
#[derive(Default)]
struct Met {
    accepted: bool,
    required: bool,
}

/// OC-2. Where nothing is required, nothing is missing: a service that takes commands without a version keeps the clause.
async fn without(
    lab: &Lab,
    number: u64,
    met: &mut HashMap<(Arc<str>, bool), Met>,
) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "without", number).await?;
    let mut last = None;
    for step in 0..COURSE {
        let all = changes(&case, graph);
        let own = all.into_iter().filter(|(command, _)| last.is_none() || command.on == last);
        let Some((command, _)) = in_turn(own.collect(), number + step as u64) else { return Ok(()) };
        let exists = last.is_some();
        let version =
            if exists { told(&mut case).await.map(|(_, version)| version) } else { Some(Version::Number(0)) };
        last.clone_from(&command.on);
        let outcome = case.send(0, &command).await;
        let known = met.entry((command.name.clone(), exists)).or_default();
        match &outcome {
            Outcome::Accepted(_) => {
                known.accepted = true;
                lab.remark("commands are accepted without an expected version: the service requires none");
            }
            Outcome::Rejected(Rejection { code: Some(code), .. }) if **code == *REQUIRED => {
                known.required = true;
            }
            Outcome::Rejected(_) => {}
            Outcome::Unknown(_) | Outcome::NotSent(_) => return Ok(()),
        }
        if known.accepted && known.required {
            let wrong =
                format!("{} needs an expected version at one time, and at another it doesn't", command.name);
            lab.broken(ClauseId::Oc2, case.example(wrong, "look at where the precondition is asked for"));
            return Ok(());
        }
        if let Outcome::Rejected(rejection) = &outcome {
            let Some(version) = version else { return Ok(()) };
            let sent = demanding(&mut case, &command, &version);
            if !matches!(case.submit(0, sent, 0).await, Outcome::Accepted(_)) {
                return Ok(());
            }
            case.follow(&command);
            if rejection.code.as_deref() != Some(REQUIRED) {
                let wrong =
                    format!("without a version {} was {outcome}, and with it it is accepted", command.name);
                let first = "answer 428, so that the client knows that it has to read before it writes";
                lab.broken(ClauseId::Oc2, case.example(wrong, first));
                return Ok(());
            }
        }
        lab.ledger.count(ClauseId::Oc2, Unit::Commands, 1);
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
    let bound = writers.iter().map(|(command, _)| demanding(case, command, &version)).collect();
    let (outcomes, _) = case.burst(bound).await?;
    let won = |(_, outcome): &(_, &Outcome)| matches!(outcome, Outcome::Accepted(_));
    if let Some(((_, world), _)) = writers.into_iter().zip(&outcomes).find(won) {
        case.world = world.clone();
    }
    case.look().await;
    Ok(())
}
