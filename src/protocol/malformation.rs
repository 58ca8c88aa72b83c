use crate::value::{Value, quote};

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

    /// Texts that are data and nothing else, and that much has been made of: markup, SQL, templates, formats, paths, odd Unicode.
    pub const HOSTILE_TEXTS: [&str; 8] = [
        "<script>alert(1)</script>",
        "'; DROP TABLE orders; --",
        "${7*7}{{7*7}}#{7*7}",
        "%s%n%x%00",
        "../../../../etc/passwd",
        "a\r\nX-Injected: 1\r\n\r\n",
        "\u{202e}\u{200b}\u{fffe}\u{1f4a5}e\u{301}",
        "__proto__",
    ];

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
            Self::HostileText(text) => format!("with {} in a text field", quote(text)),
            Self::UnknownCommand => "under a name that no command has".into(),
            Self::HugeNumber => "with a number of 400 digits".into(),
            Self::LongPath(bytes) => format!("with {bytes} bytes more in its path"),
            Self::ManyHeaders(count) => format!("with {count} header fields more"),
        }
    }

    /// Its word in a history, and what belongs to it.
    pub(crate) fn to_word(&self) -> (&'static str, Option<Value>) {
        let size = |size: &usize| Some(Value::from(u64::try_from(*size).unwrap_or(u64::MAX)));
        match self {
            Self::Unparsable => ("unparsable", None),
            Self::Truncated => ("truncated", None),
            Self::WrongContentType => ("media-type", None),
            Self::NoBody => ("no-body", None),
            Self::DeepNesting(depth) => ("nesting", size(depth)),
            Self::Oversized(bytes) => ("oversized", size(bytes)),
            Self::InvalidUtf8 => ("utf-8", None),
            Self::NullByte => ("null-byte", None),
            Self::HostileText(text) => ("text", Some(Value::from(text.as_str()))),
            Self::UnknownCommand => ("unknown-command", None),
            Self::HugeNumber => ("huge-number", None),
            Self::LongPath(bytes) => ("path", size(bytes)),
            Self::ManyHeaders(count) => ("headers", size(count)),
        }
    }

    /// What that word and what belongs to it stand for.
    pub(crate) fn of_word(word: &str, of: Option<&Value>) -> Option<Self> {
        let size = || of?.as_number()?.to_u64().and_then(|size| usize::try_from(size).ok());
        let text = || of?.as_text().map(str::to_owned);
        Some(match word {
            "unparsable" => Self::Unparsable,
            "truncated" => Self::Truncated,
            "media-type" => Self::WrongContentType,
            "no-body" => Self::NoBody,
            "nesting" => Self::DeepNesting(size()?),
            "oversized" => Self::Oversized(size()?),
            "utf-8" => Self::InvalidUtf8,
            "null-byte" => Self::NullByte,
            "text" => Self::HostileText(text()?),
            "unknown-command" => Self::UnknownCommand,
            "huge-number" => Self::HugeNumber,
            "path" => Self::LongPath(size()?),
            "headers" => Self::ManyHeaders(size()?),
            _ => return None,
        })
    }
}
