//! JSON (RFC 8259), read and written without touching a number's meaning.

mod read;
mod text;
mod write;

use std::fmt;

/// How much JSON is read before it is refused. Memory grows with the values and the bytes: a record takes some 250 bytes,
/// whatever else some 50, and texts and long numbers their length besides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// How deep lists and records may be nested; never more than [`Limits::MAX_DEPTH`].
    pub depth: usize,
    /// Bytes.
    pub size: usize,
    /// Lists, records and all that is in them, each counted by itself.
    pub values: usize,
    /// Digits of one number, with those of its exponent: comparing numbers takes the longer, the more they have.
    pub digits: usize,
}

impl Limits {
    /// Deeper values than this are never made, so that walking one by recursion is safe.
    pub const MAX_DEPTH: usize = 512;
}

impl Default for Limits {
    /// 128 levels, 16 MiB, two million values, numbers of 10,000 digits.
    fn default() -> Self {
        Self { depth: 128, size: 16 << 20, values: 2_000_000, digits: 10_000 }
    }
}

/// Why a text is no JSON, or none that is read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{what} at byte {offset}")]
pub struct JsonError {
    /// Byte offset into the text.
    pub offset: usize,
    /// What is wrong there.
    pub what: JsonProblem,
}

/// What a [`JsonError`] found.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum JsonProblem {
    /// More bytes than [`Limits::size`], which is given here.
    TooLarge(usize),
    /// More levels than [`Limits::depth`], which is given here.
    TooDeep(usize),
    /// More values than [`Limits::values`], which is given here.
    TooManyValues(usize),
    /// A number of more digits than [`Limits::digits`], which is given here.
    TooManyDigits(usize),
    /// Not UTF-8.
    NotUtf8,
    /// The text ends in the midst of a value.
    Ended,
    /// Something else should stand here; the description says what.
    Expected(&'static str),
    /// A control character inside a text, unescaped.
    ControlCharacter,
    /// A backslash with something unknown behind it.
    UnknownEscape,
    /// `\ud800` to `\udfff` without its other half.
    LoneSurrogate,
    /// Not a number in JSON's syntax, or one with an exponent beyond ±10^18.
    BadNumber,
    /// The record has another field of this name.
    DuplicateName(Box<str>),
    /// Text behind the value.
    LeftOver,
}

impl fmt::Display for JsonProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "more than {limit} bytes"),
            Self::TooDeep(limit) => write!(f, "nested more than {limit} levels deep"),
            Self::TooManyValues(limit) => write!(f, "more than {limit} values"),
            Self::TooManyDigits(limit) => write!(f, "a number of more than {limit} digits"),
            Self::NotUtf8 => f.write_str("not UTF-8"),
            Self::Ended => f.write_str("the text ends too early"),
            Self::Expected(what) => write!(f, "expected {what}"),
            Self::ControlCharacter => f.write_str("a control character inside a text"),
            Self::UnknownEscape => f.write_str("unknown escape"),
            Self::LoneSurrogate => f.write_str("half a surrogate pair"),
            Self::BadNumber => f.write_str("bad number"),
            Self::DuplicateName(name) => {
                write!(f, "the name {} appears twice", super::Value::from(&**name).brief(60))
            }
            Self::LeftOver => f.write_str("something stands behind the value"),
        }
    }
}
