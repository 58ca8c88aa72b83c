use std::sync::Arc;

use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};

use super::auth;
use super::connection::{Message, message};
use super::error::{Refused, RequestError};
use super::fill::Filler;
use super::login::LogIn;
use crate::profile::{Credential, Request};
use crate::value::Value;

/// A request that is ready to go, but for the token of a login.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<String>,
    /// Whether doing it twice does no harm: a query, or a command with a key.
    pub(super) repeatable: bool,
    /// What brings the token that it is sent with.
    pub(super) login: Option<Arc<LogIn>>,
    /// Whether its answer is nobody's business: a token comes with it.
    pub(super) secret: bool,
}

impl Ask {
    /// A request of the profile with the header fields that every request has, and the credentials where they may go.
    pub(super) fn new(
        filler: &Filler<'_>,
        asked: &Request,
        credential: &Credential,
        parameters: &[(String, String)],
    ) -> Result<Self, RequestError> {
        let trusted = filler.shared.trusts(asked.base.as_deref());
        let credential = if trusted { credential } else { &Credential::None };
        let login = LogIn::of(filler, credential)?.map(Arc::new);
        Ok(Self {
            method: Method::from_bytes(asked.method.as_bytes()).unwrap_or(Method::GET),
            url: filler.url(asked, parameters)?,
            headers: headers(filler, credential, trusted)?,
            body: None,
            repeatable: false,
            login,
            secret: false,
        })
    }

    /// The same without anything but what says who asks.
    pub(super) fn bare(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: HeaderMap::new(),
            body: None,
            repeatable: true,
            login: None,
            secret: false,
        }
    }

    pub(super) fn with_body(mut self, body: Option<&Value>) -> Self {
        if body.is_some() && !self.headers.contains_key(CONTENT_TYPE) {
            self.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        self.body = body.map(Value::to_json);
        self
    }

    /// It as it goes over a connection.
    pub(super) fn message(&self) -> Result<Message, Refused> {
        let body = self.body.clone().unwrap_or_default();
        message(&self.method, &self.url, self.headers.clone(), body)
    }

    pub(super) fn repeatable(self, repeatable: bool) -> Self {
        Self { repeatable, ..self }
    }
}

/// The header fields that every request has, and those of the profile.
fn headers(filler: &Filler<'_>, credential: &Credential, trusted: bool) -> Result<HeaderMap, RequestError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    // Nothing is unpacked, so that a small answer can't become a huge one.
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    for (name, template) in &filler.shared.profile.headers {
        if !trusted && filler.holds_secret(template) {
            continue;
        }
        if let Some(text) = filler.text(template)? {
            headers.insert(auth::header_name(name)?, auth::value(&text)?);
        }
    }
    if let Some((name, value)) = auth::field(filler, credential)? {
        headers.insert(name, value);
    }
    Ok(headers)
}
