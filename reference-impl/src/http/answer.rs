//! Answers that are no problem.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, LOCATION};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use axum::response::IntoResponse;
use serde::Serialize;

use super::problem::{INTERNAL_ERROR, Problem};
use crate::domain::OrderId;
use crate::store::{Position, Version};

/// Up to where in the log an answer reflects what has happened.
pub(super) const POSITION: HeaderName = HeaderName::from_static("x-position");

/// `true` on the outcome of an earlier command under the same key.
pub(super) const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TRUE: HeaderValue = HeaderValue::from_static("true");
/// A cache may keep an answer, but has to ask whether it still holds (RFC 9111, section 5.2.2.4).
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");

/// What a handler comes to.
pub(super) type Reply = Result<Response<Body>, Problem>;

/// An answer in the making.
#[derive(Debug)]
pub(super) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
}

impl Answer {
    /// An answer with that status.
    pub(super) fn new(status: StatusCode) -> Self {
        let mut headers = HeaderMap::with_capacity(8);
        headers.insert(CACHE_CONTROL, NO_CACHE);
        Self { status, headers }
    }

    /// 200.
    pub(super) fn ok() -> Self {
        Self::new(StatusCode::OK)
    }

    /// Reflects the log up to there.
    pub(super) fn at(mut self, position: Position) -> Self {
        self.headers.insert(POSITION, HeaderValue::from(position.get()));
        self
    }

    /// Is about that version of an order.
    pub(super) fn tagged(mut self, version: Version) -> Self {
        if let Ok(tag) = HeaderValue::try_from(format!("\"{version}\"")) {
            self.headers.insert(ETAG, tag);
        }
        self
    }

    /// Says where the order that was created is.
    pub(super) fn located(mut self, order: OrderId) -> Self {
        if let Ok(location) = HeaderValue::try_from(format!("/orders/{order}")) {
            self.headers.insert(LOCATION, location);
        }
        self
    }

    /// Marks it as given before, where it was.
    pub(super) fn replayed(mut self, replayed: bool) -> Self {
        if replayed {
            self.headers.insert(REPLAYED, TRUE);
        }
        self
    }

    /// The response, with that body.
    pub(super) fn json(mut self, body: &impl Serialize) -> Reply {
        let body = serde_json::to_vec(body).map_err(|error| Problem::failure(&INTERNAL_ERROR, &error))?;
        self.headers.insert(CONTENT_TYPE, JSON);
        Ok((self.status, self.headers, body).into_response())
    }

    /// The response, without a body.
    pub(super) fn empty(self) -> Response<Body> {
        (self.status, self.headers).into_response()
    }
}
