//! What somebody may do is tried without credentials and with somebody else's.

use std::sync::Arc;
use std::time::Duration;

use super::choice::{at, graph};
use crate::adapter::{AnyWorld as _, Unreachable};
use crate::conform::case::Case;
use crate::conform::experiment::{Experiment, PLAIN};
use crate::conform::lab::Lab;
use crate::contract::explore::Graph;
use crate::protocol::{Actor, Capability, Command, Outcome, Query};

/// Commands by which the owner sets up what strangers try to get at.
const SET_UP: usize = 1;
/// Commands of a stranger on it.
const COMMANDS: usize = 4;
/// How long a stranger waits for the feed.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) static AT_ONCE: &[Experiment] = &[Experiment {
    name: "stranger",
    cases: 12,
    lanes: 4,
    act: |case, number| Box::pin(intrude(case, number)),
    ..PLAIN
}];

/// Everybody who is not the owner; nobody at all is one of them.
fn strangers(lab: &Lab) -> Vec<Actor> {
    let mut all = lab.engine.target.actors();
    all.retain(|actor| *actor != Actor::default());
    all.push(Actor::Nobody);
    all
}

/// One stranger at one owner's aggregate.
async fn intrude(case: &mut Case<'_>, number: u64) -> Result<(), Unreachable> {
    let strangers = strangers(case.lab);
    let stranger = &strangers[at(number, strangers.len())];
    let number = number / strangers.len() as u64;
    if strangers.len() == 1 {
        case.lab.remark("the target names no second actor: what is tried is what comes without credentials");
    }
    if case.lab.engine.target.describe().promises.private.is_empty() {
        case.lab.remark("no query is marked as private, so reads by strangers are not judged");
    }
    let graph = graph(case.lab, number);
    if !case.set_up(graph, SET_UP).await {
        case.gives_up("the owner could not set anything up");
        return Ok(());
    }
    let replayed = keyed(case, graph).await;
    // What does not show yet is hidden from everybody.
    if !case.settle().await {
        return Ok(());
    }
    if case.lab.claims(Capability::EventFeed) {
        listen(case, stranger).await;
    }
    let session = case.session_as(stranger).await?;
    let private = &case.lab.engine.target.describe().promises.private;
    let reads: Vec<Query> = case.reads().into_iter().filter(|query| private.contains(&query.name)).collect();
    for query in reads {
        case.ask(session, &query).await;
    }
    if let Some(command) = replayed {
        case.submit(session, command, 1).await;
    }
    for command in on_what_is_there(case, graph, number) {
        let bound = Arc::new(case.bound(&command));
        case.submit(session, bound, 0).await;
    }
    case.look().await;
    Ok(())
}

/// Some commands that the rules accept on what the owner has made.
fn on_what_is_there(case: &Case<'_>, graph: &Graph, number: u64) -> Vec<Command> {
    let options = case.options(graph);
    let own = options.accepted.iter().map(|(command, _)| command).filter(|command| {
        let mut entries = case.world.entries().iter();
        command.on.as_ref().is_some_and(|on| entries.any(|entry| entry.id == *on))
    });
    let mut own: Vec<Command> = own.cloned().collect();
    let first = at(number, own.len());
    own.rotate_left(first);
    own.truncate(COMMANDS);
    own
}

/// A command of the owner's under a key, for strangers to send again.
async fn keyed(case: &mut Case<'_>, graph: &Graph) -> Option<Arc<Command>> {
    if !case.lab.claims(Capability::Idempotency) {
        return None;
    }
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

/// The feed, as one stranger reads it who knows what the owner's aggregate is called.
async fn listen(case: &mut Case<'_>, stranger: &Actor) {
    let ours = case.ours();
    for on in ours.iter().map(Some).chain([None]) {
        let _ = case.lab.within(LIMIT, case.place.events_as(stranger, on, None)).await;
    }
}
