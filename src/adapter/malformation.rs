//! Requests that no client would send, for judges.

use crate::protocol::{Exchange, Outcome};

/// What came of a request that is wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Reaction {
    /// What was sent and answered, as it was.
    pub exchange: Exchange,
    /// What that answer means for the command. One that is only taken in (202) is unknown.
    pub outcome: Outcome,
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
