//! `/events`: the feed of all that has happened, in its one order, or of one order's part in it.

use axum::http::Method;
use axum::routing::get;
use serde::Deserialize;
use uuid::Uuid;

use crate::application::{GetOrderAuditTrail, Reflecting};
use crate::domain::OrderId;
use crate::http::answer::{Answer, Reply};
use crate::http::caller::Caller;
use crate::http::operation::{DATA, Operation, Success};
use crate::http::parameters::Asked;
use crate::http::problem::Problem;
use crate::http::wire::{self, Event};
use crate::store::Position;

/// How many events are given unless told otherwise, and at most.
const DEFAULT_LIMIT: usize = 100;
const MAX_LIMIT: usize = 1000;

pub(in crate::http) static FEED: Operation = Operation {
    id: "readEvents",
    method: Method::GET,
    path: "/events",
    summary: "The event feed after a position, oldest first; read on from `next`",
    parameters: &["after", "limit", "order"],
    body: None,
    successes: &[Success::ok("Feed", &["X-Position"])],
    problems: &[DATA],
    route: || get(feed),
};

#[derive(Debug, Deserialize)]
struct FeedQuery {
    #[serde(default)]
    after: u64,
    limit: Option<usize>,
    order: Option<Uuid>,
}

async fn feed(caller: Caller, Asked(query): Asked<FeedQuery>) -> Reply {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::malformed(format!("limit must be 1 to {MAX_LIMIT}, not {limit}")));
    }
    let after = Position::new(query.after);
    match query.order {
        Some(order) => of_one_order(&caller, order, after, limit).await,
        None => of_all(&caller, after, limit).await,
    }
}

async fn of_all(caller: &Caller, after: Position, limit: usize) -> Reply {
    let recorded = caller.system.events(after, limit).await?;
    let events = recorded.iter().map(|event| Event::from(&**event)).collect();
    // Asked last: it is never behind the events.
    let head = caller.system.head().await?;
    answer(events, recorded.last().map(|last| last.position), after, head)
}

async fn of_one_order(caller: &Caller, order: Uuid, after: Position, limit: usize) -> Reply {
    let query = GetOrderAuditTrail { order: OrderId::new(order) };
    let Reflecting { value, position: head, .. } = caller.system.ask(query).await?;
    let wanted: Vec<_> = value.iter().filter(|entry| entry.position > after).take(limit).collect();
    let events = wanted.iter().map(|entry| Event::of(order, entry)).collect();
    answer(events, wanted.last().map(|last| last.position), after, head)
}

/// A part of the feed reflects the log up to its last event; one without events, up to where it was
/// asked for.
fn answer(events: Vec<Event<'_>>, last: Option<Position>, after: Position, head: Position) -> Reply {
    let position = last.unwrap_or(after.min(head));
    let feed = wire::Feed { events, next: last.unwrap_or(after).get(), head: head.get() };
    Answer::ok().at(position).json(&feed)
}
