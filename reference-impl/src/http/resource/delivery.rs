//! `/orders/{id}/delivery`: when an order is to be delivered.

use axum::http::Method;
use axum::routing::post;
use serde::Deserialize;

use crate::domain::{OffsetDateTime, RequestDelivery};
use crate::http::answer::Reply;
use crate::http::body::Json;
use crate::http::operation::{ACCEPTED, COMMAND, Operation};
use crate::http::parameters::InPath;
use crate::http::problem::{ORDER_NOT_FOUND, ORDER_NOT_PENDING};
use crate::http::sender::Sender;

pub(in crate::http) static REQUEST: Operation = Operation {
    id: "requestDelivery",
    method: Method::POST,
    path: "/orders/{id}/delivery",
    summary: "Says when a pending order is to be delivered",
    parameters: &["id", "If-Match", "If-None-Match-any", "Idempotency-Key", "X-Command-Id", "X-Causation-Id"],
    body: Some("RequestDelivery"),
    successes: ACCEPTED,
    problems: &[COMMAND, &[&ORDER_NOT_FOUND, &ORDER_NOT_PENDING]],
    route: || post(request),
};

#[derive(Debug, Deserialize)]
struct DeliveryBody {
    deliver_at: OffsetDateTime,
}

async fn request(
    sender: Sender,
    InPath(order): InPath,
    Json(DeliveryBody { deliver_at }): Json<DeliveryBody>,
) -> Reply {
    sender.send(order, RequestDelivery { deliver_at }).await
}
