use crate::text::Span;

/// A piece of text that means something.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    /// Whether it is the first token on its line: steps and clauses end by that.
    pub(crate) first: bool,
    pub(crate) span: Span,
}

/// What a [`Token`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum TokenKind {
    /// `CreateOrder`, `given`: keywords are names, the parser tells them apart. What stands in backticks is no keyword; they belong to the
    /// token.
    Name,
    /// `$o`
    Variable,
    /// `@EC-1`
    Tag,
    /// `"text"`
    Text,
    /// A text without its closing quote, up to the end of the line. Reported.
    OpenText,
    /// `~/regex/`
    Regex,
    /// `29.99`
    Number,
    /// `500ms`
    Duration,
    /// `| 3 | 0.10 |`: a whole line of an outline's examples.
    Row,
    BraceOpen,
    BraceClose,
    BracketOpen,
    BracketClose,
    ParenOpen,
    ParenClose,
    Comma,
    Colon,
    Semicolon,
    Bar,
    Question,
    Dot,
    /// `..`
    Range,
    /// `->`
    Arrow,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Plus,
    Minus,
    Star,
    /// `±`
    PlusMinus,
    /// Something that was reported: the parser need not complain of it again.
    Broken,
    /// Behind the last token.
    End,
}

impl TokenKind {
    /// Whether it opens a bracket.
    pub(crate) fn opens(self) -> bool {
        matches!(self, Self::BraceOpen | Self::BracketOpen | Self::ParenOpen)
    }

    /// Whether it closes a bracket.
    pub(crate) fn closes(self) -> bool {
        matches!(self, Self::BraceClose | Self::BracketClose | Self::ParenClose)
    }

    /// The bracket that closes what this one opens.
    pub(crate) fn closing(self) -> Self {
        match self {
            Self::BraceOpen => Self::BraceClose,
            Self::BracketOpen => Self::BracketClose,
            _ => Self::ParenClose,
        }
    }
}
