//! What somebody may do is tried without credentials and with somebody else's.

use std::sync::Arc;

use crate::adapter::{ControlError, Unreachable};
use crate::clause::Unit;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::conform::telling::is_ours;
use crate::protocol::{Actor, Capability, ClauseId, Command, Outcome, Query, Seen};
use crate::value::Value;

/// Experiments.
const CASES: u64 = 6;
/// Commands by which the owner sets up what strangers try to get at.
const SET_UP: usize = 1;
/// Commands of a stranger on it.
const COMMANDS: usize = 4;

const CLAUSE: ClauseId = ClauseId::Se1;
const FIRST: &str =
    "look at where it is decided who may do this: it must be asked for each request and each aggregate";

pub(super) async fn gather(lab: Arc<Lab>) -> Result<(), Unreachable> {
    let mut strangers = lab.engine.target.actors();
    strangers.retain(|actor| *actor != Actor::default());
    if strangers.is_empty() {
        lab.ledger.doubt(CLAUSE, "the target names no second actor");
    }
    strangers.push(Actor::Nobody);
    if lab.engine.target.describe().promises.private.is_empty() {
        lab.remark("no query is marked as private, so reads by strangers are not judged (SE-1)");
    }
    for number in 0..CASES {
        for stranger in &strangers {
            if lab.over() {
                return Ok(());
            }
            intrude(&lab, number, stranger).await?;
        }
    }
    Ok(())
}

/// One stranger at one owner's aggregate.
async fn intrude(lab: &Lab, number: u64, stranger: &Actor) -> Result<(), Unreachable> {
    let graph = lab.graph(number);
    let name = format!("stranger {}", stranger.name().unwrap_or_default());
    let mut case = Case::open(lab, &name, number).await?;
    if !case.set_up(graph, SET_UP).await {
        lab.ledger.doubt(CLAUSE, "the owner could not set anything up");
        return Ok(());
    }
    let replayed = keyed(&mut case, number).await;
    // What is wrong without a stranger is no stranger's doing.
    if !case.settle().await || !case.judged().await.mismatches.is_empty() {
        lab.ledger.doubt(CLAUSE, "what the owner did does not show");
        return Ok(());
    }
    let session = case.session_as(stranger).await?;
    let before = case.operations.len();
    let mut tried = reads(&mut case, session, stranger).await;
    tried += feed(&mut case, stranger).await;
    if let Some(command) = replayed {
        tried += send(&mut case, session, stranger, command, 1).await;
    }
    let options = case.options(graph);
    let first = usize::try_from(number).unwrap_or(0);
    let own = options.accepted.iter().map(|(command, _)| command).filter(|command| {
        let mut entries = case.world.entries().iter();
        command.on.as_ref().is_some_and(|on| entries.any(|entry| entry.id == *on))
    });
    let mut own: Vec<Command> = own.cloned().collect();
    let count = own.len().max(1);
    own.rotate_left(first % count);
    for command in own.into_iter().take(COMMANDS) {
        let bound = Arc::new(case.bound(&command));
        tried += send(&mut case, session, stranger, bound, 0).await;
    }
    case.leave_out(before);
    if !case.settle().await {
        return Ok(());
    }
    match case.judged().await.mismatches.first() {
        Some(mismatch) => {
            let wrong = format!("what {stranger} sent had an effect: {mismatch}");
            lab.broken(CLAUSE, case.example(wrong, FIRST));
        }
        None => lab.ledger.count(CLAUSE, Unit::Intrusions, tried),
    }
    Ok(())
}

/// A command of the owner's under a key, for strangers to send again.
async fn keyed(case: &mut Case<'_>, number: u64) -> Option<Arc<Command>> {
    if !case.lab.claims(Capability::Idempotency) {
        return None;
    }
    let graph = case.lab.graph(number);
    // One that leaves something to be done.
    let options = case.options(graph);
    let open = options.accepted.iter().find(|(command, behind)| {
        let exists = case.world.entries().iter().any(|entry| Some(&entry.id) == command.on.as_ref());
        exists && *behind != case.world && !case.lab.options(graph, behind).accepted.is_empty()
    });
    let (command, _) = open?;
    let mut bound = case.bound(command);
    bound.key = Some(case.key("key1"));
    let bound = Arc::new(bound);
    if !matches!(case.submit(0, bound.clone(), 0).await, Outcome::Accepted(_)) {
        return None;
    }
    case.follow(command);
    Some(bound)
}

/// Sends a command of the owner's as a stranger, who must not be told that it is accepted.
async fn send(
    case: &mut Case<'_>,
    session: usize,
    stranger: &Actor,
    bound: Arc<Command>,
    attempt: u32,
) -> u32 {
    let (name, replay) = (bound.name.clone(), attempt > 0);
    match case.submit(session, bound, attempt).await {
        Outcome::Accepted(_) => {
            let what = if replay {
                "is answered as the owner was, by a replay of the owner's key"
            } else {
                "is accepted"
            };
            let wrong = format!("{name} by {stranger} on somebody else's aggregate {what}");
            case.lab.broken(CLAUSE, case.example(wrong, FIRST));
            0
        }
        Outcome::NotSent(_) => 0,
        _ => 1,
    }
}

/// Asks every private query as a stranger.
async fn reads(case: &mut Case<'_>, session: usize, stranger: &Actor) -> u32 {
    let mut tried = 0;
    let private = &case.lab.engine.target.describe().promises.private;
    let reads: Vec<Query> = case.reads().into_iter().filter(|query| private.contains(&query.name)).collect();
    for query in reads {
        let answer = case.ask(session, &query).await;
        let leaks = match &answer.seen {
            Seen::Found(value) => match case.named(value) {
                Value::List(rows) => rows.iter().any(is_ours),
                _ => true,
            },
            Seen::NotSent(_) => continue,
            _ => false,
        };
        if leaks {
            let wrong = format!("{} shows {} what is somebody else's", query.name, stranger);
            case.lab.broken(CLAUSE, case.example(wrong, FIRST));
        } else {
            tried += 1;
        }
    }
    tried
}

/// Reads the feed as a stranger.
async fn feed(case: &mut Case<'_>, stranger: &Actor) -> u32 {
    if !case.lab.claims(Capability::EventFeed) {
        return 0;
    }
    let place = case.place.clone();
    let ours = case.ours();
    let mut tried = 0;
    for on in ours.iter().map(Some).chain([None]) {
        let read = place.events_as(stranger, on, None);
        match case.lab.within(std::time::Duration::from_secs(30), read).await {
            Some(Ok(events)) => match events.iter().find(|event| ours.contains(&event.on)) {
                Some(event) => {
                    let wrong = format!("the feed tells {stranger} of somebody else's aggregate");
                    let mut example = case.example(wrong, FIRST);
                    example.story.push(format!("{} reads: {}", stranger, super::stream::sentence(event)));
                    case.lab.broken(CLAUSE, example);
                    return 0;
                }
                None => tried += 1,
            },
            // Any other failure says nothing about what strangers may see.
            Some(Err(ControlError::Denied(_))) => tried += 1,
            Some(Err(_)) | None => {}
        }
    }
    tried
}
