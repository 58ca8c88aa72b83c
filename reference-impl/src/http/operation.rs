//! One operation of the API: all that the router and the OpenAPI document have to know of it.

use std::fmt;

use axum::http::{Method, StatusCode};
use axum::routing::MethodRouter;

use super::Api;
use super::problem::{
    BODY_TIMEOUT, CONTENDED, CONTENT_TOO_LARGE, HEADERS_TOO_LARGE, KEY_REUSED, Kind, MALFORMED,
    PRECONDITION_REQUIRED, STALE, UNAUTHORIZED, UNSUPPORTED_MEDIA_TYPE, URI_TOO_LONG,
};

/// An operation: a method on a path.
pub struct Operation {
    /// Its name, for those who generate clients.
    pub id: &'static str,
    /// The method.
    pub method: Method,
    /// The path, with `{placeholders}`.
    pub path: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// The names of its parameters: in the path, the query and the header.
    pub parameters: &'static [&'static str],
    /// The name of its body's schema.
    pub body: Option<&'static str>,
    /// How it ends well.
    pub successes: &'static [Success],
    /// What clients can do wrong.
    pub(super) problems: &'static [&'static [&'static Kind]],
    pub(super) route: fn() -> MethodRouter<Api>,
}

/// A way to end well.
#[derive(Debug, Clone, Copy)]
pub struct Success {
    /// The status.
    pub status: StatusCode,
    /// What it means here.
    pub means: &'static str,
    /// The name of the body's schema.
    pub schema: Option<&'static str>,
    /// The header fields that matter.
    pub headers: &'static [&'static str],
}

impl Success {
    /// 200 with a body of that schema.
    pub(super) const fn ok(schema: &'static str, headers: &'static [&'static str]) -> Self {
        Self { status: StatusCode::OK, means: "Here it is", schema: Some(schema), headers }
    }
}

impl Operation {
    /// Every problem that a client can bring about, each once.
    pub fn problems(&self) -> Vec<&'static Kind> {
        let mut all: Vec<&'static Kind> = Vec::new();
        for kind in self.problems.iter().copied().chain([EVERYWHERE]).flatten() {
            if !all.contains(kind) {
                all.push(kind);
            }
        }
        all
    }
}

impl fmt::Debug for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ({})", self.method, self.path, self.id)
    }
}

/// What any request can run into.
static EVERYWHERE: &[&Kind] = &[&URI_TOO_LONG, &HEADERS_TOO_LARGE];

/// What any request for data can run into.
pub(super) static DATA: &[&Kind] = &[&MALFORMED, &UNAUTHORIZED];

/// What any command can run into.
pub(super) static COMMAND: &[&Kind] = &[
    &MALFORMED,
    &UNAUTHORIZED,
    &BODY_TIMEOUT,
    &STALE,
    &CONTENDED,
    &CONTENT_TOO_LARGE,
    &UNSUPPORTED_MEDIA_TYPE,
    &KEY_REUSED,
    &PRECONDITION_REQUIRED,
];

/// The answer to an accepted command on an order that was there.
pub(super) static ACCEPTED: &[Success] = &[Success {
    status: StatusCode::OK,
    means: "Accepted",
    schema: Some("Receipt"),
    headers: &["ETag", "X-Position", "Idempotency-Replayed"],
}];
