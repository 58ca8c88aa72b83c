use std::fmt;
use std::sync::Arc;

use super::Version;
use crate::value::{Record, Value, inert_within};

/// Longest text of a target's own that a message shows, in characters.
const SHOWN: usize = 400;

/// How a command ended, as far as the client can know.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// The target said yes.
    Accepted(Receipt),
    /// A business "no": the target understood and refused.
    Rejected(Rejection),
    /// It may or may not have taken effect.
    Unknown(Unknown),
    /// The connection was refused: the only proof that nothing happened. Holds the reason.
    NotSent(String),
}

/// Which outcome a command had, without what came with it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum OutcomeKind {
    /// [`Outcome::Accepted`].
    Accepted,
    /// [`Outcome::Rejected`], by its code.
    Rejected(Option<Arc<str>>),
    /// [`Outcome::Unknown`].
    Unknown(Doubt),
    /// [`Outcome::NotSent`].
    NotSent,
}

impl Outcome {
    /// Which outcome it is.
    pub fn kind(&self) -> OutcomeKind {
        match self {
            Self::Accepted(_) => OutcomeKind::Accepted,
            Self::Rejected(rejection) => OutcomeKind::Rejected(rejection.code.clone()),
            Self::Unknown(unknown) => OutcomeKind::Unknown(unknown.doubt),
            Self::NotSent(_) => OutcomeKind::NotSent,
        }
    }

    /// Whether the target said yes.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }

    /// Whether the target said what became of the command.
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Accepted(_) | Self::Rejected(_))
    }

    /// Whether two outcomes of one command say the same: the same reason, or the same effect as far as it is told. An
    /// effect is told by id, version and position; where an answer has none of them, by its body. `None`: not at all.
    pub fn is_same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Accepted(first), Self::Accepted(second)) => {
                let told =
                    |receipt: &Receipt| (receipt.id.clone(), receipt.version.clone(), receipt.position);
                let nothing = (None, None, None);
                if told(first) != nothing || told(second) != nothing {
                    return Some(told(first) == told(second));
                }
                let bodies = !first.body.is_empty() || !second.body.is_empty();
                bodies.then(|| first.body == second.body)
            }
            (Self::Rejected(first), Self::Rejected(second)) => Some(first.code == second.code),
            _ => Some(false),
        }
    }
}

/// What came with a yes.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Receipt {
    /// The id of the aggregate, where the target names it.
    pub id: Option<Value>,
    /// The aggregate's version behind the command.
    pub version: Option<Version>,
    /// The global position of the command's last event.
    pub position: Option<u64>,
    /// Whatever else the answer held.
    pub body: Record,
}

impl Receipt {
    /// The receipt as scenarios see it: `id`, `version`, `position`, then the body's fields.
    pub fn to_value(&self) -> Value {
        let told = [
            ("id", self.id.clone()),
            ("version", self.version.as_ref().map(Version::to_value)),
            ("position", self.position.map(Value::from)),
        ];
        with_body(told, &self.body)
    }
}

/// What came with a business "no".
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Rejection {
    /// The contract's name for the reason; `None` where the target's answer could not be named.
    pub code: Option<Arc<str>>,
    /// The reason in the target's words.
    pub detail: Option<Arc<str>>,
    /// Whatever else the answer held.
    pub body: Record,
}

/// What every contract calls a refusal because somebody else has written in between.
pub(crate) const CONFLICT: &str = "ConcurrencyConflict";

/// What every contract calls the refusal of a command that demands no version, by a service that wants one.
pub(crate) const PRECONDITION: &str = "PreconditionRequired";

impl Rejection {
    /// A "no" with this code of the contract, and nothing more to say.
    pub fn named(code: impl Into<Arc<str>>) -> Self {
        Self { code: Some(code.into()), ..Self::default() }
    }

    /// Whether it says that somebody else has written in between.
    pub fn is_conflict(&self) -> bool {
        self.code.as_deref() == Some(CONFLICT)
    }

    /// Whether it says that the command has to demand a version.
    pub fn wants_a_version(&self) -> bool {
        self.code.as_deref() == Some(PRECONDITION)
    }

    /// The rejection as scenarios see it: `code`, `detail`, then the body's fields.
    pub fn to_value(&self) -> Value {
        let told =
            [("code", self.code.clone().map(Value::Text)), ("detail", self.detail.clone().map(Value::Text))];
        with_body(told, &self.body)
    }
}

/// The fields a target told, in front of what else its answer held.
fn with_body<const N: usize>(told: [(&str, Option<Value>); N], body: &Record) -> Value {
    let told = told.into_iter().filter_map(|(name, value)| Some((Arc::from(name), value?)));
    let mut record: Record = told.collect();
    for (name, value) in body.iter() {
        if record.get(name).is_none() {
            record.insert(name, value.clone());
        }
    }
    Value::Record(record)
}

/// Why it can't be known whether a command took effect.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unknown {
    /// The kind of doubt.
    pub doubt: Doubt,
    /// The HTTP status, where there was one.
    pub status: Option<u16>,
    /// What was seen, in a sentence.
    pub detail: String,
}

/// Kinds of doubt about a command.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doubt {
    /// No answer within the deadline.
    Timeout,
    /// The target failed while answering (HTTP 5xx).
    ServerError,
    /// The connection was lost after sending.
    Lost,
    /// The connection had not been used for a while, and ended without a byte: the service may have closed it before anything came (RFC 9112
    /// section 9.3.1).
    Idle,
    /// There was an answer that could not be read.
    Unreadable,
}

impl Doubt {
    /// The word that histories use.
    pub fn word(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::ServerError => "5xx",
            Self::Lost => "lost",
            Self::Idle => "idle",
            Self::Unreadable => "unreadable",
        }
    }

    /// What that word stands for.
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        let all = [Self::Timeout, Self::ServerError, Self::Lost, Self::Idle, Self::Unreadable];
        all.into_iter().find(|doubt| doubt.word() == word)
    }
}

impl fmt::Display for Outcome {
    /// The outcome in words: `accepted as version 3`, `rejected OrderNotPending (…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Accepted(Receipt { version: Some(version), .. }) => {
                write!(f, "accepted as version {version}")
            }
            Self::Accepted(_) => f.write_str("accepted"),
            Self::Rejected(rejection) => {
                match &rejection.code {
                    Some(code) => write!(f, "rejected {}", inert_within(code, SHOWN))?,
                    None => f.write_str("rejected, but with a reason that has no name in the contract")?,
                }
                match &rejection.detail {
                    Some(detail) => write!(f, " ({})", inert_within(detail, SHOWN)),
                    None => Ok(()),
                }
            }
            Self::Unknown(unknown) => {
                write!(
                    f,
                    "unknown: {}, it may or may not have taken effect",
                    inert_within(&unknown.detail, SHOWN)
                )
            }
            Self::NotSent(why) => write!(f, "not sent: {}", inert_within(why, SHOWN)),
        }
    }
}
