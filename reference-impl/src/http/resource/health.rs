//! `/health`: whether the server takes requests. Nobody has to say who they are for that.

use axum::http::Method;
use axum::routing::get;
use serde::Serialize;

use crate::http::answer::{Answer, Reply};
use crate::http::operation::{Operation, Success};

pub(in crate::http) static HEALTH: Operation = Operation {
    id: "health",
    method: Method::GET,
    path: "/health",
    summary: "Whether the server takes requests",
    parameters: &[],
    body: None,
    successes: &[Success::ok("Health", &[])],
    problems: &[],
    route: || get(health),
};

#[derive(Debug, Serialize)]
struct Health {
    status: &'static str,
}

async fn health() -> Reply {
    Answer::ok().json(&Health { status: "ok" })
}
