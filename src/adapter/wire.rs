//! The wire beneath commands and queries, for judges: answers as they were, and requests that no client would send.

use std::fmt;
use std::time::Duration;

use super::port::BoxFuture;
use crate::protocol::{Actor, Command, Doubt, Outcome, Rejection};
use crate::value::inert;

/// One request and what came of it, as it was: classified by nobody, without secrets.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Exchange {
    /// The request as a command for a POSIX shell.
    pub request: String,
    /// What came of it.
    pub came: Came,
    /// From sending it to the end of its answer, or to giving up.
    pub elapsed: Duration,
    /// What every request of the same operation was answered with, in order: those that were sent again because the target was
    /// busy, redirects, pages, look-ups. `None` where no whole answer came.
    pub statuses: Vec<Option<u16>>,
}

impl Exchange {
    /// The answer, if a whole one came.
    pub fn response(&self) -> Option<&Response> {
        match &self.came {
            Came::Answer(response) => Some(response),
            Came::NotSent(_) | Came::Lost { .. } => None,
        }
    }
}

/// What came of a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Came {
    /// A whole answer.
    Answer(Response),
    /// Nothing was sent: the connection was refused, or the login before it. Says why.
    NotSent(String),
    /// It was sent, or may have been, and no whole answer came.
    Lost {
        /// Whether time ran out, the connection was lost, or the answer was too much to read.
        doubt: Doubt,
        /// The status, where that came.
        status: Option<u16>,
        /// What happened, in a sentence.
        why: String,
    },
}

/// An answer as it was, as far as judges need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// The body's beginning as text, at most [`Response::MOST`] bytes of it; what is no UTF-8 is U+FFFD.
    pub body: String,
    /// Whether that is all of it.
    pub whole: bool,
}

impl Response {
    /// How many bytes of a body are kept.
    pub const MOST: usize = 64 * 1024;
}

/// A way to send what no client should: a world's access to the wire beneath its commands.
pub trait Wire: Send + Sync {
    /// Sends the request for `command` with this wrong with it, once, within the adapter's deadline, and says what was answered.
    /// Nothing is tried again, no redirect is followed, nothing is polled and nothing is learned from the answer.
    ///
    /// A server may answer and close before it has read a large request. Whether such an answer arrives is up to the network, so a
    /// lost connection behind [`Malformation::Oversized`] says little by itself: see whether the target still answers.
    fn send<'a>(
        &'a self,
        actor: &'a Actor,
        command: &'a Command,
        how: &'a Malformation,
    ) -> BoxFuture<'a, Result<Reaction, NotMade>>;
}

/// What came of a request that is wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Reaction {
    /// What was sent and answered, as it was.
    pub exchange: Exchange,
    /// What that answer means for the command. One that is only taken in (202) is unknown.
    pub outcome: Outcome,
}

/// How a command stands that was only taken in (202): what its status resource says.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress {
    /// The request for it, as a command for a POSIX shell.
    pub request: String,
    /// What was answered.
    pub stands: Stands,
}

/// How an operation stands.
#[derive(Clone, PartialEq, Debug)]
pub enum Stands {
    /// It has ended, and was done.
    Done,
    /// It has ended, and was not done.
    Refused(Rejection),
    /// It has not ended. Holds its state in the service's words.
    Open(String),
    /// That can't be told from the answer, or there was none. Says why.
    Unclear(String),
}

impl fmt::Display for Stands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Done => f.write_str("done"),
            Self::Refused(rejection) => Outcome::Rejected(rejection.clone()).fmt(f),
            Self::Open(state) => write!(f, "not ended: its state is `{}`", inert(state)),
            Self::Unclear(why) => write!(f, "unclear: {}", inert(why)),
        }
    }
}

/// The command's request can't be made wrong like that; the reason is a sentence's end, such as "it has no body".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{command} can't be sent {how}: {why}")]
pub struct NotMade {
    /// The command's name.
    pub command: String,
    /// The malformation in words.
    pub how: String,
    /// Why not.
    pub why: String,
}

/// What is wrong with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Malformation {
    /// A body that is no JSON.
    Unparsable,
    /// Half of the body, with a length that fits: it ends in the middle.
    Truncated,
    /// The right body under a media type that nobody expects (`application/x-unknown`).
    WrongContentType,
    /// No body where there should be one.
    NoBody,
    /// So many lists within each other in place of a value.
    DeepNesting(usize),
    /// A text of so many bytes in place of a value.
    Oversized(usize),
    /// Bytes that are no UTF-8 (RFC 3629) in the body.
    InvalidUtf8,
    /// A text with U+0000 in a text field.
    NullByte,
    /// This text in a text field.
    HostileText(String),
    /// A command that the target can't have.
    UnknownCommand,
    /// A number of 400 digits in a field for numbers.
    HugeNumber,
    /// So many bytes more in the path.
    LongPath(usize),
    /// So many header fields more.
    ManyHeaders(usize),
}

impl Malformation {
    /// The most bytes, lists or header fields that are sent on purpose.
    pub const MOST_BYTES: usize = 64 * 1024 * 1024;
    /// The most lists within each other.
    pub const MOST_NESTING: usize = 1_000_000;
    /// The most bytes of a path: the client library can't send more than a URI of 65,534 bytes.
    pub const MOST_PATH: usize = 60_000;
    /// The most header fields.
    pub const MOST_HEADERS: usize = 10_000;

    /// Whether it is about the request as such, which a server may turn away before anybody reads what it says.
    pub fn is_of_request(&self) -> bool {
        matches!(self, Self::Oversized(_) | Self::LongPath(_) | Self::ManyHeaders(_))
    }

    /// In words that go behind "sent".
    pub fn words(&self) -> String {
        match self {
            Self::Unparsable => "with a body that is no JSON".into(),
            Self::Truncated => "with half of its body".into(),
            Self::WrongContentType => "under an unknown media type".into(),
            Self::NoBody => "without its body".into(),
            Self::DeepNesting(depth) => format!("with {depth} lists within each other"),
            Self::Oversized(bytes) => format!("with a text of {bytes} bytes"),
            Self::InvalidUtf8 => "with bytes that are no UTF-8".into(),
            Self::NullByte => "with U+0000 in a text".into(),
            Self::HostileText(text) => format!("with {} in a text field", crate::value::quote(text)),
            Self::UnknownCommand => "under a name that no command has".into(),
            Self::HugeNumber => "with a number of 400 digits".into(),
            Self::LongPath(bytes) => format!("with {bytes} bytes more in its path"),
            Self::ManyHeaders(count) => format!("with {count} header fields more"),
        }
    }
}
