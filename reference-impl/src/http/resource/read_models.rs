//! `/read-models`: how far each is, waiting for one, building one anew.

use std::time::Duration;

use axum::http::Method;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::http::answer::{Answer, Reply};
use crate::http::body::NoFields;
use crate::http::caller::Caller;
use crate::http::operation::{DATA, Operation, Success};
use crate::http::parameters::{Asked, Text};
use crate::http::problem::{
    BODY_TIMEOUT, CONTENT_TOO_LARGE, NOT_CAUGHT_UP, Problem, READ_MODEL_NOT_FOUND, UNAUTHORIZED,
    UNSUPPORTED_MEDIA_TYPE,
};
use crate::http::wire;
use crate::store::Position;

/// How long a wait lasts unless told otherwise, and at most.
const DEFAULT_TIMEOUT_MS: u64 = 5_000;
const MAX_TIMEOUT_MS: u64 = 30_000;

pub(in crate::http) static LIST: Operation = Operation {
    id: "listReadModels",
    method: Method::GET,
    path: "/read-models",
    summary: "The read models, and up to where in the log each is",
    parameters: &[],
    body: None,
    successes: &[Success::ok("ReadModels", &["X-Position"])],
    problems: &[&[&UNAUTHORIZED]],
    route: || get(list),
};

async fn list(caller: Caller) -> Reply {
    let read_models = caller.system.read_models();
    let all: Vec<_> = read_models
        .iter()
        .map(|status| wire::ReadModel { name: status.name, position: status.position.get() })
        .collect();
    let least = read_models.iter().map(|status| status.position).min().unwrap_or_default();
    Answer::ok().at(least).json(&all)
}

pub(in crate::http) static WAIT: Operation = Operation {
    id: "waitForReadModel",
    method: Method::GET,
    path: "/read-models/{name}/wait",
    summary: "Waits until a read model reflects a position; without one, all that has happened so far",
    parameters: &["name", "position", "timeout_ms"],
    body: None,
    successes: &[Success::ok("ReadModel", &["X-Position"])],
    problems: &[DATA, &[&READ_MODEL_NOT_FOUND, &NOT_CAUGHT_UP]],
    route: || get(wait),
};

#[derive(Debug, Deserialize)]
struct WaitQuery {
    position: Option<u64>,
    timeout_ms: Option<u64>,
}

async fn wait(caller: Caller, Text(name): Text, Asked(query): Asked<WaitQuery>) -> Reply {
    let timeout_ms = query.timeout_ms.unwrap_or(DEFAULT_TIMEOUT_MS);
    if timeout_ms > MAX_TIMEOUT_MS {
        return Err(Problem::malformed(format!(
            "timeout_ms must be at most {MAX_TIMEOUT_MS}, not {timeout_ms}"
        )));
    }
    let position = match query.position {
        Some(position) => Position::new(position),
        None => caller.system.head().await?,
    };
    caller.system.wait_for_one(&name, position, Duration::from_millis(timeout_ms)).await?;
    Answer::ok().at(position).json(&wire::ReadModel { name: &name, position: position.get() })
}

pub(in crate::http) static REBUILD: Operation = Operation {
    id: "rebuildReadModel",
    method: Method::POST,
    path: "/admin/read-models/{name}/rebuild",
    summary: "Builds a read model anew from the event log; queries are answered meanwhile",
    parameters: &["name"],
    body: None,
    successes: &[Success::ok("ReadModel", &["X-Position"])],
    problems: &[DATA, &[&READ_MODEL_NOT_FOUND, &BODY_TIMEOUT, &CONTENT_TOO_LARGE, &UNSUPPORTED_MEDIA_TYPE]],
    route: || post(rebuild),
};

async fn rebuild(caller: Caller, Text(name): Text, NoFields: NoFields) -> Reply {
    let rebuilt = caller.system.rebuild(&name).await?;
    let position = rebuilt.position;
    Answer::ok().at(position).json(&wire::ReadModel { name: rebuilt.read_model, position: position.get() })
}
