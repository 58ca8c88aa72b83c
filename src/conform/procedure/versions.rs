//! Commands that demand a version: an old one, none, and one that several demand at the same time.

use std::collections::HashMap;
use std::sync::Arc;

use super::choice::{Change, at, behind, changes, graph, in_turn};
use super::lanes::in_lanes;
use crate::adapter::Unreachable;
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::rest::Rest;
use crate::contract::explore::Graph;
use crate::history::Act;
use crate::protocol::{ClauseId, Command, Expected, Outcome, Query, Rejection, Version};
use crate::value::Value;

/// Experiments of each kind; somewhat more than the least that clauses ask for, since some prove nothing.
const STALE: u64 = 30;
const WITHOUT: u64 = 6;
const RACES: u64 = 54;
/// Experiments at the same time. Their races take turns.
const LANES: usize = 12;
/// Commands of one experiment that are sent without a version.
const COURSE: usize = 3;
/// Changes that are looked at for one that leaves something to be done.
const LOOKED_AT: usize = 12;

const REQUIRED: &str = "PreconditionRequired";

/// What is sent one by one.
pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    if lab.wants(ClauseId::Oc1) {
        in_lanes(&lab, (LANES, STALE), &[ClauseId::Oc1], |lab, n| async move { stale(&lab, n).await })
            .await?;
    }
    if lab.wants(ClauseId::Oc2) {
        let mut met = HashMap::new();
        for number in 0..WITHOUT {
            if lab.over() {
                break;
            }
            without(&lab, number, &mut met).await?;
        }
    }
    Ok(())
}

/// What is sent at the same time.
pub(super) async fn gather_bursts(lab: Arc<Lab>) -> Result<(), Unreachable> {
    in_lanes(&lab, (LANES, RACES), &[ClauseId::Oc3], |lab, n| async move { race(&lab, n).await }).await
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

/// OC-1.
async fn stale(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "stale", number).await?;
    if !case.set_up(graph, at(number, 3)).await {
        return Ok(());
    }
    let Some((on, old)) = told(&mut case).await else {
        lab.ledger.doubt(ClauseId::Oc1, "neither answers nor reads tell the version of an aggregate");
        return Ok(());
    };
    // What changes it, and what could be done behind that if it were not for the version.
    let before = case.world.clone();
    let mut found = changes_on(&case, graph, &on);
    found.truncate(LOOKED_AT);
    let mut courses = Vec::new();
    for (change, world) in found {
        case.world = world.clone();
        if let Some((stale, _)) = in_turn(changes_on(&case, graph, &on), number) {
            courses.push(((change, world), stale));
        }
    }
    case.world = before;
    if courses.is_empty() {
        return Ok(());
    }
    let ((change, world), stale) = courses.swap_remove(at(number, courses.len()));
    if !matches!(case.send(0, &change).await, Outcome::Accepted(_)) {
        return Ok(());
    }
    if told(&mut case).await.is_none_or(|(_, new)| new == old) {
        lab.ledger.doubt(ClauseId::Oc1, "the version that is told stays the same behind a change");
        return Ok(());
    }
    let mut worlds = vec![world.clone()];
    worlds.extend(behind(&case, &world, &stale));
    if case.rest_for(ClauseId::Oc1, &worlds[..1]).await != Rest::Shows(0) {
        return Ok(());
    }
    let sent = demanding(&mut case, &stale, &old);
    match case.submit(0, sent, 0).await {
        Outcome::Accepted(_) => {
            let wrong = format!(
                "{} demanded version {old}, which was not the last one, and was accepted",
                stale.name
            );
            let first = "look at where the demanded version is compared with the stored one, in the same transaction as the append";
            lab.broken(ClauseId::Oc1, case.example(wrong, first));
        }
        Outcome::Rejected(_) => match case.rest_for(ClauseId::Oc1, &worlds).await {
            Rest::Shows(0) => lab.ledger.count(ClauseId::Oc1, Unit::Commands, 1),
            Rest::Shows(_) => {
                let wrong =
                    format!("{} was refused for its version, and took effect all the same", stale.name);
                lab.broken(
                    ClauseId::Oc1,
                    case.example(wrong, "look at what is done before versions are compared"),
                );
            }
            Rest::Other | Rest::Restless => {}
        },
        Outcome::Unknown(_) | Outcome::NotSent(_) => {}
    }
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

/// OC-3.
async fn race(lab: &Lab, number: u64) -> Result<(), Unreachable> {
    let graph = graph(lab, number);
    let mut case = Case::open(lab, "one-version", number).await?;
    let newborn = number.is_multiple_of(3);
    let (changes, version) = if newborn {
        let all = changes(&case, graph);
        let on = all.first().and_then(|(command, _)| command.on.clone());
        let Some(on) = on else { return Ok(()) };
        (changes_on(&case, graph, &on), Version::Number(0))
    } else {
        if !case.set_up(graph, at(number, 3)).await {
            return Ok(());
        }
        let Some((on, version)) = told(&mut case).await else {
            lab.ledger.doubt(ClauseId::Oc3, "neither answers nor reads tell the version of an aggregate");
            return Ok(());
        };
        (changes_on(&case, graph, &on), version)
    };
    if changes.is_empty() {
        return Ok(());
    }
    let count = 2 + at(number, 3);
    let writers: Vec<&Change> = (0..count)
        .map(|writer| &changes[at(number.wrapping_add(writer as u64 * 7), changes.len())])
        .collect();
    let bound = writers.iter().map(|(command, _)| demanding(&mut case, command, &version)).collect();
    let (outcomes, overlapped) = case.burst(bound).await?;
    if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_))) {
        return Ok(());
    }
    let won = outcomes.iter().map(|outcome| matches!(outcome, Outcome::Accepted(_)));
    let winners: Vec<usize> = won.enumerate().filter(|(_, won)| *won).map(|(writer, _)| writer).collect();
    let what = if newborn { "the first event" } else { "one version" };
    let [winner] = winners[..] else {
        let conflict =
            |outcome: &Outcome| matches!(outcome, Outcome::Rejected(rejection) if rejection.is_conflict());
        let (wrong, first) = if winners.is_empty() {
            if !outcomes.iter().all(conflict) {
                lab.ledger
                    .doubt(ClauseId::Oc3, "commands that demand a version were refused for another reason");
                return Ok(());
            }
            (
                format!("{count} writers raced for {what}, and none won"),
                "look at what happens to the one that comes first: it has no conflict",
            )
        } else {
            let won = winners.len();
            (
                format!("{count} writers raced for {what}, and {won} won"),
                "compare versions where the events are appended, not before: a unique key on stream and version does it",
            )
        };
        lab.broken(ClauseId::Oc3, case.example(wrong, first));
        return Ok(());
    };
    let world = writers[winner].1.clone();
    let mut worlds = vec![world.clone()];
    for (_, (loser, alone)) in writers.iter().enumerate().filter(|(writer, _)| *writer != winner) {
        worlds.extend(behind(&case, &world, loser));
        worlds.push(alone.clone());
    }
    case.world = world;
    match case.rest_for(ClauseId::Oc3, &worlds).await {
        Rest::Shows(0) if overlapped => lab.ledger.count(ClauseId::Oc3, Unit::Bursts, 1),
        Rest::Shows(more) if more > 0 => {
            let wrong = format!("{count} writers raced for {what}; one that was refused took effect");
            lab.broken(ClauseId::Oc3, case.example(wrong, "look at what a writer that loses leaves behind"));
        }
        _ => {}
    }
    Ok(())
}
