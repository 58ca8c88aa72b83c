use std::fmt;
use std::sync::Arc;

use crate::value::{Record, Value, inert_within};

/// Longest version that a message shows, in characters.
const SHOWN: usize = 80;

/// Who is speaking. Adapters keep the credentials; this only says whose.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub enum Actor {
    /// The one actor of a scenario that names none.
    #[default]
    Default,
    /// One that a scenario names: `as alice`.
    Named(Arc<str>),
    /// Somebody without credentials.
    Nobody,
}

impl Actor {
    /// The actor of this name.
    pub fn named(name: impl Into<Arc<str>>) -> Self {
        Self::Named(name.into())
    }

    /// The name, of one who has it.
    pub fn name(&self) -> Option<&str> {
        if let Self::Named(name) = self { Some(name) } else { None }
    }

    /// Whether it is somebody without credentials.
    pub fn is_nobody(&self) -> bool {
        *self == Self::Nobody
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("the default actor"),
            Self::Named(name) => write!(f, "the actor {}", inert_within(name, SHOWN)),
            Self::Nobody => f.write_str("somebody without credentials"),
        }
    }
}

/// The version of an aggregate, as a target tells it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Version {
    /// Versions that are ordered.
    Number(u64),
    /// Versions that can only be told apart, such as content hashes.
    Opaque(Arc<str>),
}

impl Version {
    /// The version as scenarios see it: a number or text.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Number(number) => Value::from(*number),
            Self::Opaque(text) => Value::Text(text.clone()),
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Opaque(text) => f.write_str(&inert_within(text, SHOWN)),
        }
    }
}

/// One of the versions that a target told of an aggregate. Where it told none, none is demanded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Told {
    /// The first.
    First,
    /// The last.
    Last,
}

/// What a command demands of its aggregate's version (optimistic concurrency).
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// Nothing.
    Any,
    /// This very version. `Number(0)` is an aggregate that does not exist yet.
    Exactly(Version),
}

/// A request to change something.
#[derive(Clone, PartialEq, Debug)]
pub struct Command {
    /// Its name in the contract.
    pub name: Arc<str>,
    /// The aggregate it is for; `None` for a command without one.
    pub on: Option<Value>,
    /// Its fields.
    pub fields: Record,
    /// The idempotency key; `None` sends none.
    pub key: Option<Arc<str>>,
    /// The version it demands.
    pub expected: Expected,
    /// Names the command in the history. A retry has the id of the first attempt.
    pub id: Arc<str>,
}

/// A request to see something.
#[derive(Clone, PartialEq, Debug)]
pub struct Query {
    /// Its name in the contract.
    pub name: Arc<str>,
    /// The aggregate it asks about; `None` for a view.
    pub on: Option<Value>,
    /// Its parameters.
    pub fields: Record,
}
