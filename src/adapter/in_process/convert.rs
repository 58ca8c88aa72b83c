use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::protocol::{
    Actor, Answer, Command, Doubt, Expected, Outcome, Query, Receipt, Rejection, Seen, Unknown,
};
use crate::value::{MessageError, Record, Value, read_message};

/// A command as it reaches the system: `C` is the system's own type of commands, `I` of ids.
#[derive(Clone, PartialEq, Debug)]
pub struct Sent<C, I = String> {
    /// What is asked for.
    pub command: C,
    /// The aggregate it is for. A command without one reads as `null`: let `I` be an `Option` where there are such.
    pub on: I,
    /// The idempotency key.
    pub key: Option<Arc<str>>,
    /// The version it demands.
    pub expected: Expected,
    /// Who is speaking.
    pub actor: Actor,
    /// Names the command. A retry has the id of the first attempt.
    pub id: Arc<str>,
}

/// A query as it reaches the system.
#[derive(Clone, PartialEq, Debug)]
pub struct Asked<Q, I = Option<String>> {
    /// What is asked.
    pub query: Q,
    /// The aggregate it is about; `null` for a view.
    pub on: I,
    /// Who is speaking.
    pub actor: Actor,
}

/// A message that did not become one of the system's own.
pub(super) enum Misread {
    /// The system would refuse it.
    Malformed(String),
    /// It was never sent: the target is not set up for it.
    NotSent(String),
}

pub(super) fn sent<C: DeserializeOwned, I: DeserializeOwned>(
    command: &Command,
    actor: &Actor,
    tag: Option<&str>,
) -> Result<Sent<C, I>, Misread> {
    Ok(Sent {
        command: message(&command.name, &command.fields, tag)?,
        on: id(command.on.as_ref())?,
        key: command.key.clone(),
        expected: command.expected.clone(),
        actor: actor.clone(),
        id: command.id.clone(),
    })
}

pub(super) fn asked<Q: DeserializeOwned, I: DeserializeOwned>(
    query: &Query,
    actor: &Actor,
    tag: Option<&str>,
) -> Result<Asked<Q, I>, Misread> {
    let query_of = message(&query.name, &query.fields, tag)?;
    Ok(Asked { query: query_of, on: id(query.on.as_ref())?, actor: actor.clone() })
}

fn message<T: DeserializeOwned>(name: &str, fields: &Record, tag: Option<&str>) -> Result<T, Misread> {
    read_message(name, fields, tag).map_err(|error| match error {
        MessageError::Fields(error) => Misread::Malformed(error.to_string()),
        error => Misread::NotSent(format!("{name}: {error}")),
    })
}

fn id<I: DeserializeOwned>(on: Option<&Value>) -> Result<I, Misread> {
    on.unwrap_or(&Value::Null)
        .read()
        .map_err(|error| Misread::Malformed(format!("the aggregate's id: {error}")))
}

/// The rejection of what can't be read.
pub(super) fn malformed(why: &str) -> Rejection {
    Rejection { code: Some("Malformed".into()), detail: Some(why.into()), ..Rejection::default() }
}

impl From<Result<Receipt, Rejection>> for Outcome {
    fn from(result: Result<Receipt, Rejection>) -> Self {
        match result {
            Ok(receipt) => Self::Accepted(receipt),
            Err(rejection) => Self::Rejected(rejection),
        }
    }
}

/// Accepted, with nothing more to tell.
impl From<Result<(), Rejection>> for Outcome {
    fn from(result: Result<(), Rejection>) -> Self {
        result.map(|()| Receipt::default()).into()
    }
}

/// `None` is the declared absence.
impl<T: Serialize> From<Option<T>> for Answer {
    fn from(found: Option<T>) -> Self {
        Self::new(match found.map(|found| Value::of(&found)) {
            None => Seen::Absent,
            Some(Ok(value)) => Seen::Found(value),
            Some(Err(error)) => {
                let detail = format!("the answer is no exact value: {error}");
                Seen::Broken(Unknown { doubt: Doubt::Unreadable, status: None, detail })
            }
        })
    }
}

impl<T: Serialize> From<Result<Option<T>, Rejection>> for Answer {
    fn from(result: Result<Option<T>, Rejection>) -> Self {
        match result {
            Ok(found) => found.into(),
            Err(rejection) => Self::new(Seen::Refused(rejection)),
        }
    }
}
