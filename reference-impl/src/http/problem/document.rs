//! One problem, as it is sent.

use std::borrow::Cow;
use std::fmt;

use axum::body::Bytes;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::kind::{Kind, MALFORMED};
use crate::http::answer;
use crate::store::Position;

/// The media type of a problem document.
pub(in crate::http) const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// How long a client should leave an unavailable server alone.
const RETRY_AFTER_S: HeaderValue = HeaderValue::from_static("1");

/// What stands behind a 5xx, on its way to whoever runs the server; no client gets to see it.
#[derive(Debug, Clone)]
pub(in crate::http) struct Reason(pub(in crate::http) String);

/// The document itself, on its way to whatever it passes on its way out.
#[derive(Debug, Clone)]
pub(in crate::http) struct Written(pub(in crate::http) Bytes);

/// Why a request got no better answer.
#[derive(Debug)]
pub(in crate::http) struct Problem {
    kind: &'static Kind,
    detail: Cow<'static, str>,
    headers: Vec<(HeaderName, HeaderValue)>,
    reason: Option<Reason>,
}

/// As RFC 9457 writes it. The type is a path that this server answers: what the code means.
#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
}

impl Problem {
    /// A problem of that kind, with what is particular about this one.
    pub(in crate::http) fn new(kind: &'static Kind, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, detail: detail.into(), headers: Vec::new(), reason: None }
    }

    /// Something in the request can't be read.
    pub(in crate::http) fn malformed(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(&MALFORMED, detail)
    }

    /// A failure of the server's own. The reason is not for clients: it may say too much.
    pub(in crate::http) fn failure(kind: &'static Kind, reason: &impl fmt::Display) -> Self {
        Self { reason: Some(Reason(reason.to_string())), ..Self::new(kind, kind.means) }
    }

    /// The same with one more header field.
    pub(in crate::http) fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The same, saying up to where in the log it reflects what has happened.
    pub(in crate::http) fn reflecting(self, position: Position) -> Self {
        self.with(answer::POSITION, HeaderValue::from(position.get()))
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { kind, detail, headers, reason } = self;
        let status = kind.status;
        let document = Document {
            r#type: format!("/problems/{}", kind.code),
            title: kind.title,
            status: status.as_u16(),
            detail: &detail,
            code: kind.code,
        };
        // A struct of texts and a number can't fail to be written.
        let body = Bytes::from(serde_json::to_vec(&document).unwrap_or_default());
        let mut response = (status, body.clone()).into_response();
        response.extensions_mut().insert(Written(body));
        response.headers_mut().insert(CONTENT_TYPE, MEDIA_TYPE);
        response.headers_mut().extend(headers);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_S);
        }
        if let Some(reason) = reason {
            response.extensions_mut().insert(reason);
        }
        response
    }
}
