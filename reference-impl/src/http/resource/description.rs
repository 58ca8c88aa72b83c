//! `/openapi.json`: the API, described.

use axum::http::Method;
use axum::routing::get;

use crate::http::answer::{Answer, Reply};
use crate::http::openapi::document;
use crate::http::operation::{Operation, Success};

pub(in crate::http) static DESCRIBE: Operation = Operation {
    id: "describe",
    method: Method::GET,
    path: "/openapi.json",
    summary: "This API, as an OpenAPI 3.1 document",
    parameters: &[],
    body: None,
    successes: &[Success::ok("OpenApi", &[])],
    problems: &[],
    route: || get(describe),
};

async fn describe() -> Reply {
    Answer::ok().json(document())
}
