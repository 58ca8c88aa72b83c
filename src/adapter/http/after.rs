//! What takes more requests than one: how an operation ends, and which id a new aggregate has.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use tokio::time::Instant;

use super::ask::Ask;
use super::capture::{Reply, take};
use super::classify::{Meant, doubted, ended_badly, within};
use super::curl::Sent;
use super::error::{Failed, RequestError, UrlError};
use super::fill::Filler;
use super::redact::Redacted;
use super::session::{Client, Followed, Prepared};
use super::world::lock;
use crate::profile::{FormError, LookUp, Operation, Poll, text};
use crate::protocol::{Command, Doubt, Progress, Rejection, Stands, Unknown};
use crate::value::{Path, Value};

/// The first pause between two looks; it doubles.
const PAUSE: Duration = Duration::from_millis(20);

/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// How an operation ended.
pub(super) enum Ended {
    Done(Reply),
    Rejected(Rejection),
    Unknown(Unknown),
}

/// What one answer says of an operation.
enum Met {
    Done,
    Rejected(Rejection),
    Unknown(Unknown),
    /// It has not ended, in the service's words.
    State(String),
    /// It says nothing of a state.
    None,
}

/// Why nobody can be asked how an operation stands.
#[derive(Debug, thiserror::Error)]
enum StatusError {
    /// The request can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What the answer says of it has another form than the profile says.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The answer doesn't say where.
    #[error("the command was taken in, but where to ask for it is not where the profile says")]
    NoPlace,
    /// What the answer says is no place.
    #[error("where to ask for it is no URL: {0}")]
    NoUrl(#[source] UrlError),
    /// The answer leads to somebody else, whose origin this is.
    #[error("the command is to be asked for at another origin ({0}), which is never done")]
    Away(String),
}

/// Why a query doesn't tell the id of a new aggregate.
#[derive(Debug, thiserror::Error)]
pub(super) enum LookUpError {
    /// The request can't be put together.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// What the aggregate's row holds there is not known.
    #[error("there is no value to look for at `$.{0}`")]
    NoValue(Path),
    /// It may be each of so many rows.
    #[error("the look-up finds {0} rows, and one is meant")]
    Several(usize),
    /// The id has another form than the profile says.
    #[error(transparent)]
    Form(#[from] FormError),
    /// The time was up.
    #[error("{method} {path} did not tell the new id within {within:?}: {last}")]
    Late {
        /// Of the request.
        method: Method,
        /// Of the request.
        path: String,
        /// What the profile gives it.
        within: Duration,
        /// What was seen last.
        last: Box<LastLook>,
    },
}

/// What was seen of an operation when its time was up.
#[derive(Debug, thiserror::Error)]
enum LastState {
    #[error("its state is `{0}`")]
    State(String),
    #[error("{method} {path} answers {status}")]
    Answered { method: Method, path: String, status: u16 },
    #[error(transparent)]
    Failed(#[from] Redacted<Failed>),
}

/// What was seen of a new aggregate when the time for it was up.
#[derive(Debug, thiserror::Error)]
pub(super) enum LastLook {
    #[error("there is no such row")]
    NoRow,
    #[error("it answers {0}")]
    Answered(u16),
    #[error(transparent)]
    Failed(#[from] Redacted<Failed>),
}

impl Client {
    /// Asks until an operation has ended, or its time is up: then nobody knows.
    pub(super) async fn ended(
        &self,
        command: &Command,
        prepared: &Prepared<'_>,
        operation: &Operation,
        first: &Reply,
    ) -> Ended {
        let sent = match self.status_of(command, prepared, operation, first) {
            Ok(ask) => Arc::new(Sent { ask, redactor: prepared.sent.redactor.clone() }),
            Err(why) => {
                let why = prepared.sent.redactor.text(&why.to_string());
                return Ended::Unknown(doubted(Doubt::Unreadable, first, why));
            }
        };
        let Sent { ask, redactor } = &*sent;
        *self.operation.lock().unwrap_or_else(PoisonError::into_inner) = Some(Followed {
            command: command.name.to_string(),
            operation: Arc::new(operation.clone()),
            sent: sent.clone(),
        });
        let deadline = Instant::now() + operation.within;
        let mut pause = PAUSE;
        loop {
            let mut named = None;
            let last = match self.exchange(redactor, ask, &command.name, left(deadline)).await {
                Ok(reply) => {
                    let after =
                        reply.header(RETRY_AFTER.as_str()).and_then(|after| after.trim().parse().ok());
                    named = after.map(Duration::from_secs);
                    match self.stands(&command.name, operation, &reply) {
                        Met::Done => return Ended::Done(reply),
                        Met::Rejected(rejection) => return Ended::Rejected(rejection),
                        Met::Unknown(unknown) => return Ended::Unknown(unknown),
                        Met::State(state) => LastState::State(state),
                        Met::None => {
                            let (method, path) = (ask.method.clone(), ask.url.path().to_owned());
                            LastState::Answered { method, path, status: reply.status }
                        }
                    }
                }
                Err(failed) => failed.into(),
            };
            let next = named.unwrap_or(pause).min(LONGEST_PAUSE.max(pause));
            if left(deadline) > next {
                tokio::time::sleep(next).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            // A busy machine may have slept too long: what was seen before is the answer then.
            if left(deadline) <= pause.min(next) {
                let why = format!("the operation did not end within {:?}: {last}", operation.within);
                let why = prepared.sent.redactor.text(&why);
                return Ended::Unknown(Unknown {
                    doubt: Doubt::Timeout,
                    status: Some(first.status),
                    detail: why,
                });
            }
        }
    }

    /// What an answer says of how an operation stands.
    fn stands(&self, command: &str, operation: &Operation, reply: &Reply) -> Met {
        let state = reply.take(&operation.state).ok().flatten().map(|state| text(&state));
        match state {
            Some(state) if operation.done.contains(&state) => Met::Done,
            Some(state) if operation.failed.contains(&state) => {
                match ended_badly(&self.shared.profile, command, reply) {
                    Meant::Unknown(unknown) => Met::Unknown(unknown),
                    Meant::No(rejection) => {
                        self.note(&rejection, command, reply);
                        Met::Rejected(rejection)
                    }
                    Meant::Yes | Meant::Absent => Met::Rejected(Rejection::default()),
                }
            }
            Some(state) => Met::State(state),
            None => Met::None,
        }
    }

    /// Asks once how a command stands that was only taken in.
    pub(super) async fn progress(&self, followed: &Followed) -> Progress {
        let Followed { command, operation, sent } = followed;
        let total = self.shared.profile.limits.total;
        let stands = match self.exchange(&sent.redactor, &sent.ask, command, total).await {
            Err(failed) => Stands::Unclear(failed.to_string()),
            Ok(reply) => match self.stands(command, operation, &reply) {
                Met::Done => Stands::Done,
                Met::Rejected(rejection) => Stands::Refused(rejection),
                Met::State(state) => Stands::Open(state),
                Met::Unknown(unknown) => Stands::Unclear(unknown.detail),
                Met::None => Stands::Unclear(format!("it answers {} and tells no state", reply.status)),
            },
        };
        Progress { request: sent.to_string(), stands }
    }

    /// The request that asks how an operation stands. It goes to the command's own origin, or where the profile says.
    fn status_of(
        &self,
        command: &Command,
        prepared: &Prepared<'_>,
        operation: &Operation,
        first: &Reply,
    ) -> Result<Ask, StatusError> {
        let shared = &*self.shared;
        let mut values = prepared.parts.values(command);
        values.answer = first.json.as_ref().ok();
        let filler = Filler { shared, values };
        let credential = shared.credential(&self.actor);
        match &operation.poll {
            Poll::Request(request) => Ok(Ask::new(&filler, request, credential, &[])?.repeatable(true)),
            Poll::Place(place) => {
                let to = first.take(place)?.map(|to| text(&to));
                let to = to.ok_or(StatusError::NoPlace)?;
                let own = &prepared.sent.ask.url;
                let url = own.join(&shared.redactor.restored_text(&to)).map_err(StatusError::NoUrl)?;
                if url.origin() != own.origin() {
                    return Err(StatusError::Away(url.origin().ascii_serialization()));
                }
                let mut ask = Ask::new(&filler, &prepared.spoken.request, credential, &[])?.repeatable(true);
                (ask.method, ask.url) = (Method::GET, url);
                ask.headers.remove(CONTENT_TYPE);
                Ok(ask)
            }
        }
    }

    /// The id of a new aggregate, as a query tells it.
    pub(super) async fn looked_up(
        &self,
        command: &Command,
        prepared: &Prepared<'_>,
        look_up: &LookUp,
        answer: &Reply,
    ) -> Result<Value, LookUpError> {
        let shared = &*self.shared;
        let mut values = prepared.parts.values(command);
        // Until its id is known, the aggregate has none.
        (values.on, values.answer) = (None, answer.json.as_ref().ok());
        let filler = Filler { shared, values };
        let ask = Ask::new(&filler, &look_up.query, shared.credential(&self.actor), &[])?.repeatable(true);
        let mut wanted = Vec::new();
        for (path, template) in &look_up.wanted {
            let value = filler.text(template)?.ok_or_else(|| LookUpError::NoValue(path.clone()))?;
            wanted.push((path, prepared.sent.redactor.judged(&value)));
        }
        let deadline = Instant::now() + look_up.within;
        let mut pause = PAUSE;
        loop {
            let last = match self.exchange(&prepared.sent.redactor, &ask, "", left(deadline)).await {
                Ok(reply) if within(&[(200, 299)], reply.status) => {
                    // What has an id by now is not what has just been created.
                    let is_new = |id: &Value| lock(&self.known).of_scenario(id).is_none();
                    match found(look_up, &wanted, &reply, &is_new)? {
                        Some(id) => return Ok(id),
                        None => LastLook::NoRow,
                    }
                }
                Ok(reply) => LastLook::Answered(reply.status),
                Err(failed) => failed.into(),
            };
            if left(deadline) > pause {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            // A busy machine may have slept too long: what was seen before is the answer then.
            if left(deadline).is_zero() || left(deadline) <= pause {
                let path = ask.url.path().to_owned();
                return Err(LookUpError::Late {
                    method: ask.method,
                    path,
                    within: look_up.within,
                    last: last.into(),
                });
            }
        }
    }
}

/// The id in the only row that fits and is new; `None` if none is yet.
fn found(
    look_up: &LookUp,
    wanted: &[(&Path, String)],
    reply: &Reply,
    is_new: &dyn Fn(&Value) -> bool,
) -> Result<Option<Value>, LookUpError> {
    let Ok(json) = &reply.json else { return Ok(None) };
    let Some(whole) = look_up.rows.as_ref().map_or(Some(json), |path| path.get(json)) else {
        return Ok(None);
    };
    let rows = match whole {
        Value::List(rows) => rows.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    };
    let fits = |row: &&Value| {
        wanted.iter().all(|(path, wanted)| path.get(row).is_some_and(|part| text(part) == *wanted))
    };
    let mut ids = Vec::new();
    for row in rows.into_iter().filter(fits) {
        let id = take(&look_up.take, Some(row), |name| reply.headers(name))?;
        ids.extend(id.filter(|id| matches!(id, Value::Text(_) | Value::Number(_)) && is_new(id)));
    }
    match ids.len() {
        0 | 1 => Ok(ids.pop()),
        several => Err(LookUpError::Several(several)),
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
