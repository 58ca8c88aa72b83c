//! `/orders` and `/orders/{id}`: creating an order, reading it as it is, as it was, and all that
//! happened to it.

use axum::http::{HeaderMap, Method, StatusCode};
use axum::routing::{get, post};
use serde::Deserialize;
use uuid::Uuid;

use crate::application::{GetOrderAsOf, GetOrderAuditTrail, GetOrderDetails, Reflecting};
use crate::domain::{CreateOrder, OrderId};
use crate::http::answer::{Answer, Reply};
use crate::http::body::{Json, Object};
use crate::http::caller::Caller;
use crate::http::operation::{COMMAND, DATA, Operation, Success};
use crate::http::parameters::{Asked, InPath};
use crate::http::precondition::not_modified;
use crate::http::problem::{
    INVALID_PRICE, INVALID_QUANTITY, ORDER_ALREADY_EXISTS, ORDER_HAS_NO_ITEMS, ORDER_NOT_FOUND, Problem,
    STALE,
};
use crate::http::resource::items::ItemBody;
use crate::http::sender::Sender;
use crate::http::wire;
use crate::store::Version;

pub(in crate::http) static CREATE: Operation = Operation {
    id: "createOrder",
    method: Method::POST,
    path: "/orders",
    summary: "Creates an order, under an id that the client chooses",
    parameters: &["If-Match", "If-None-Match-any", "Idempotency-Key", "X-Command-Id", "X-Causation-Id"],
    body: Some("CreateOrder"),
    successes: &[Success {
        status: StatusCode::CREATED,
        means: "Created",
        schema: Some("Receipt"),
        headers: &["Location", "ETag", "X-Position", "Idempotency-Replayed"],
    }],
    problems: &[COMMAND, &[&ORDER_ALREADY_EXISTS, &ORDER_HAS_NO_ITEMS, &INVALID_QUANTITY, &INVALID_PRICE]],
    route: || post(create),
};

#[derive(Debug, Deserialize)]
struct CreateBody {
    id: Uuid,
    customer: String,
    items: Vec<Object<ItemBody>>,
}

async fn create(sender: Sender, Json(body): Json<CreateBody>) -> Reply {
    let items = body.items.into_iter().map(|Object(item)| item.into()).collect();
    sender.create(body.id.into(), CreateOrder { customer: body.customer.into(), items }).await
}

pub(in crate::http) static READ: Operation = Operation {
    id: "getOrder",
    method: Method::GET,
    path: "/orders/{id}",
    summary: "An order as it shows now, from the read model order_summary; or as of an earlier version, \
              from the event log",
    parameters: &["id", "as_of", "If-Match", "If-None-Match"],
    body: None,
    successes: &[
        Success::ok("OrderOrSnapshot", &["ETag", "X-Position"]),
        Success {
            status: StatusCode::NOT_MODIFIED,
            means: "The client has this version already",
            schema: None,
            headers: &["ETag", "X-Position"],
        },
    ],
    problems: &[DATA, &[&ORDER_NOT_FOUND, &STALE]],
    route: || get(read),
};

#[derive(Debug, Deserialize)]
struct ReadQuery {
    as_of: Option<u64>,
}

async fn read(
    caller: Caller,
    InPath(order): InPath,
    Asked(query): Asked<ReadQuery>,
    headers: HeaderMap,
) -> Reply {
    match query.as_of {
        Some(version) => read_as_of(&caller, order, Version::new(version), &headers).await,
        None => read_now(&caller, order, &headers).await,
    }
}

async fn read_now(caller: &Caller, order: OrderId, headers: &HeaderMap) -> Reply {
    let Reflecting { value, position, .. } = caller.system.ask(GetOrderDetails { order }).await?;
    let Some(found) = value else {
        let detail = format!("order {order} does not exist");
        return Err(Problem::new(&ORDER_NOT_FOUND, detail).reflecting(position));
    };
    if not_modified(headers, found.version)? {
        return Ok(Answer::new(StatusCode::NOT_MODIFIED).tagged(found.version).at(position).empty());
    }
    Answer::ok().tagged(found.version).at(position).json(&wire::Order::from(&*found))
}

async fn read_as_of(caller: &Caller, order: OrderId, version: Version, headers: &HeaderMap) -> Reply {
    let Reflecting { value, position, .. } = caller.system.ask(GetOrderAsOf { order, version }).await?;
    let Some(found) = value else {
        let detail = format!("order {order} never had version {version}");
        return Err(Problem::new(&ORDER_NOT_FOUND, detail).reflecting(position));
    };
    if not_modified(headers, version)? {
        return Ok(Answer::new(StatusCode::NOT_MODIFIED).tagged(version).at(position).empty());
    }
    Answer::ok().tagged(version).at(position).json(&wire::Snapshot::new(&found, version.get()))
}

pub(in crate::http) static AUDIT: Operation = Operation {
    id: "getOrderAuditTrail",
    method: Method::GET,
    path: "/orders/{id}/audit-trail",
    summary: "Everything that has happened to an order, from the event log",
    parameters: &["id"],
    body: None,
    successes: &[Success::ok("AuditTrail", &["ETag", "X-Position"])],
    problems: &[DATA, &[&ORDER_NOT_FOUND]],
    route: || get(audit),
};

async fn audit(caller: Caller, InPath(order): InPath) -> Reply {
    let Reflecting { value, position, version } = caller.system.ask(GetOrderAuditTrail { order }).await?;
    if value.is_empty() {
        let detail = format!("order {order} does not exist");
        return Err(Problem::new(&ORDER_NOT_FOUND, detail).reflecting(position));
    }
    let (id, version) = (order.as_uuid(), version.unwrap_or_default());
    let events = value.iter().map(|entry| wire::Event::of(id, entry)).collect();
    Answer::ok().tagged(version).at(position).json(&wire::AuditTrail { id, version: version.get(), events })
}
