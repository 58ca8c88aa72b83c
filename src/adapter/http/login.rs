use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderValue};

use super::ask::Ask;
use super::auth;
use super::capture::Reply;
use super::error::{Failed, RequestError};
use super::fill::{Filler, Values, encode};
use super::lines::Line;
use super::redact::{Redacted, Redactor};
use super::send::{once, tries};
use super::target::{Shared, secret_part};
use crate::profile::{Credential, Login, LoginBody, Place, text};
use crate::value::Value;

/// Shorter tokens can't be kept out of what is printed without garbling it.
const SHORTEST_TOKEN: usize = 4;

/// A login that is ready to go.
pub(super) struct LogIn {
    ask: Ask,
    login: Arc<Login>,
}

/// Why a login brought no token.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the login ({method} {path}) {why}")]
pub(super) struct LoginError {
    method: Method,
    path: String,
    #[source]
    why: NoToken,
}

/// What was wrong with a login.
#[derive(Clone, Debug, thiserror::Error)]
enum NoToken {
    /// There was no answer.
    #[error("failed: {0}")]
    Failed(#[source] Box<Failed>),
    /// Its status says no.
    #[error("was answered with {0}")]
    Answered(u16),
    /// Its answer holds none.
    #[error("was answered, but the token is not where the profile says")]
    NotThere,
    /// So short a token would be taken for other things.
    #[error("brought a token of fewer than {0} characters, which can't be kept out of reports")]
    TooShort(usize),
}

/// The tokens that logins have brought, by what was asked: the same account logs in once.
#[derive(Default)]
pub(super) struct Tokens {
    slots: Mutex<HashMap<String, Slot>>,
}

/// Held while somebody logs in, so that others wait for the token instead of fetching one each.
type Slot = Arc<tokio::sync::Mutex<Option<Arc<str>>>>;

impl LogIn {
    /// The login of a credential, if it is one.
    pub(super) fn of(filler: &Filler<'_>, credential: &Credential) -> Result<Option<Self>, RequestError> {
        let Credential::Login(login) = credential else { return Ok(None) };
        let ask = Ask::new(filler, &login.request, &Credential::None, &[])?.repeatable(true);
        let ask = match &login.body {
            None => ask,
            Some(LoginBody::Json(body)) => ask.with_body(filler.body(body)?.as_ref()),
            Some(LoginBody::Form(pairs)) => {
                let mut form = Vec::new();
                for (name, template) in pairs {
                    if let Some(value) = filler.text(template)? {
                        form.push(format!("{}={}", encode(name), encode(&value)));
                    }
                }
                let mut ask = Ask { body: Some(form.join("&")), ..ask };
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                ask.headers.insert(CONTENT_TYPE, kind);
                ask
            }
        };
        Ok(Some(Self { ask: Ask { secret: true, ..ask }, login: login.clone() }))
    }

    /// The request with the token in its place.
    pub(super) fn signed(&self, shared: &Shared, ask: &Ask, token: &str) -> Result<Ask, RequestError> {
        let filler = Filler { shared, values: Values { token: Some(token), ..Values::default() } };
        let value = filler.text(&self.login.value)?.unwrap_or_default();
        if let Some(part) = secret_part(&value) {
            shared.redactor.learn(&part);
        }
        let mut ask = Ask { login: None, ..ask.clone() };
        ask.headers.insert(auth::header_name(&self.login.header)?, auth::value(&value)?);
        Ok(ask)
    }

    /// The token for it: the one that is known unless that is `stale`, or a new one.
    pub(super) async fn token(
        &self,
        shared: &Shared,
        line: &Line,
        stale: Option<&str>,
    ) -> Result<Arc<str>, Redacted<LoginError>> {
        let slot = shared.tokens.slot(self.key());
        let mut held = slot.lock().await;
        if let Some(known) = held.as_ref().filter(|known| stale != Some(&***known)) {
            return Ok(known.clone());
        }
        let token: Arc<str> = self.fetch(shared, line).await?.into();
        *held = Some(token.clone());
        Ok(token)
    }

    fn key(&self) -> String {
        format!("{} {}\n{}", self.ask.method, self.ask.url, self.ask.body.as_deref().unwrap_or_default())
    }

    async fn fetch(&self, shared: &Shared, line: &Line) -> Result<String, Redacted<LoginError>> {
        let told = |why| {
            let (method, path) = (self.ask.method.clone(), self.ask.url.path().to_owned());
            Redacted::new(LoginError { method, path, why }, &shared.redactor)
        };
        // A cookie often comes with an answer that leads on to a page.
        let (raw, most) = match self.login.take.place {
            Place::Header { .. } => (once(shared, line, &self.ask).await, 400),
            Place::Body(_) => (tries(shared, line, &self.ask, |_| false).await, 300),
        };
        let raw = raw.map_err(|failed| told(NoToken::Failed(failed.into())))?;
        if !(200..most).contains(&raw.status) {
            return Err(told(NoToken::Answered(raw.status)));
        }
        // What comes is a secret that nobody knows yet: nothing of this answer is quoted.
        let reply = Reply::read(raw, &shared.profile.limits, &Redactor::default());
        let found = reply.take(&self.login.take).ok().flatten();
        let Some(token) = found.filter(|found| matches!(found, Value::Text(_) | Value::Number(_))) else {
            return Err(told(NoToken::NotThere));
        };
        let token = text(&token);
        if token.chars().count() < SHORTEST_TOKEN {
            return Err(told(NoToken::TooShort(SHORTEST_TOKEN)));
        }
        shared.redactor.learn(&token);
        // Of a cookie, what counts stands behind its name (RFC 6265, section 4.1.1).
        for pair in token.split(';') {
            if let Some((_, value)) = pair.split_once('=')
                && value.trim().chars().count() >= SHORTEST_TOKEN
            {
                shared.redactor.learn(value.trim());
            }
        }
        Ok(token)
    }
}

impl Tokens {
    fn slot(&self, key: String) -> Slot {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.entry(key).or_default().clone()
    }
}
