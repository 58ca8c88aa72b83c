//! `/orders/{id}/confirm` and `/orders/{id}/cancel`: what an order ends with.

use axum::http::Method;
use axum::routing::post;
use serde::Deserialize;

use crate::domain::{CancelOrder, ConfirmOrder};
use crate::http::answer::Reply;
use crate::http::body::{Json, NoFields};
use crate::http::operation::{ACCEPTED, COMMAND, Operation};
use crate::http::parameters::InPath;
use crate::http::problem::{ORDER_NOT_FOUND, ORDER_NOT_PENDING};
use crate::http::sender::Sender;

pub(in crate::http) static CONFIRM: Operation = Operation {
    id: "confirmOrder",
    method: Method::POST,
    path: "/orders/{id}/confirm",
    summary: "Confirms a pending order",
    parameters: &["id", "If-Match", "If-None-Match-any", "Idempotency-Key", "X-Command-Id", "X-Causation-Id"],
    body: None,
    successes: ACCEPTED,
    problems: &[COMMAND, &[&ORDER_NOT_FOUND, &ORDER_NOT_PENDING]],
    route: || post(confirm),
};

async fn confirm(sender: Sender, InPath(order): InPath, NoFields: NoFields) -> Reply {
    sender.send(order, ConfirmOrder {}).await
}

pub(in crate::http) static CANCEL: Operation = Operation {
    id: "cancelOrder",
    method: Method::POST,
    path: "/orders/{id}/cancel",
    summary: "Cancels a pending order",
    parameters: &["id", "If-Match", "If-None-Match-any", "Idempotency-Key", "X-Command-Id", "X-Causation-Id"],
    body: Some("CancelOrder"),
    successes: ACCEPTED,
    problems: &[COMMAND, &[&ORDER_NOT_FOUND, &ORDER_NOT_PENDING]],
    route: || post(cancel),
};

#[derive(Debug, Deserialize)]
struct CancelBody {
    reason: String,
}

async fn cancel(
    sender: Sender,
    InPath(order): InPath,
    Json(CancelBody { reason }): Json<CancelBody>,
) -> Reply {
    sender.send(order, CancelOrder { reason }).await
}
