use std::sync::Arc;

use crate::language::syntax::Expr;
use crate::language::syntax::contract::Lasts;
use crate::text::Span;
use crate::value::Number;

/// How many members of an enum are listed in a message.
const MEMBERS_TOLD: usize = 6;

/// The type of a value.
#[derive(Clone, Debug)]
pub enum Type {
    /// `id`: text that names something; how it looks is the service's business.
    Id,
    /// `string 2..8 [a-z]`.
    Text {
        /// How many characters it has.
        length: Range,
        /// The ranges of characters it is made of, both ends included; nothing for any.
        alphabet: Option<Arc<[(char, char)]>>,
    },
    /// `int 1..100`.
    Int(Range),
    /// `decimal 0.01..`.
    Decimal(Range),
    /// `bool`.
    Bool,
    /// `instant`: a moment as RFC 3339 text.
    Instant,
    /// `absent | pending`: one of these words.
    Enum(Arc<[Arc<str>]>),
    /// `[T]`.
    List(Arc<Type>),
    /// `bag of T`: a list in any order.
    Bag(Arc<Type>),
    /// `T?`: null, too.
    Optional(Arc<Type>),
    /// A record.
    Record(Arc<RecordType>),
    /// The id of an aggregate of this name.
    Reference(Arc<str>),
    /// Not known; every value fits.
    Unknown,
}

impl Type {
    /// A text of any length.
    pub fn text() -> Self {
        Self::Text { length: Range::default(), alphabet: None }
    }

    /// An integer without limits.
    pub fn int() -> Self {
        Self::Int(Range::default())
    }

    /// A decimal without limits.
    pub fn decimal() -> Self {
        Self::Decimal(Range::default())
    }

    /// The type of a list's elements, if it is one.
    pub fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Bag(element) => Some(element),
            Self::Optional(inner) => inner.element(),
            _ => None,
        }
    }

    /// What a list is made of, and what may be left out, through all layers.
    pub fn innermost(&self) -> &Self {
        match self {
            Self::Optional(of) | Self::List(of) | Self::Bag(of) => of.innermost(),
            other => other,
        }
    }

    /// What it is in a few words, with its article.
    pub fn in_words(&self) -> String {
        match self {
            Self::Id => "an id".into(),
            Self::Text { .. } => "a text".into(),
            Self::Int(_) => "an integer".into(),
            Self::Decimal(_) => "a number".into(),
            Self::Bool => "`true` or `false`".into(),
            Self::Instant => "an instant, as RFC 3339 text with a zone".into(),
            Self::Enum(members) => {
                let mut words: Vec<String> =
                    members.iter().take(MEMBERS_TOLD).map(|member| format!("`{member}`")).collect();
                if members.len() > MEMBERS_TOLD {
                    words.push("…".into());
                }
                format!("one of {}", words.join(", "))
            }
            Self::List(_) | Self::Bag(_) => "a list".into(),
            Self::Optional(inner) => inner.in_words(),
            Self::Record(record) => match &record.name {
                Some(name) => format!("a record `{name}`"),
                None => "a record".into(),
            },
            Self::Reference(aggregate) => format!("the id of `{aggregate}`"),
            Self::Unknown => "anything".into(),
        }
    }
}

/// Limits, both included.
#[derive(Clone, Default, Debug)]
pub struct Range {
    /// The least; nothing for no limit.
    pub min: Option<Number>,
    /// The greatest; nothing for no limit.
    pub max: Option<Number>,
}

/// The fields of a record.
#[derive(Clone, Debug)]
pub struct RecordType {
    /// Its name, if it was declared with one.
    pub name: Option<Arc<str>>,
    /// Its fields, in the order of the file.
    pub fields: Vec<FieldDef>,
    /// Whether it may have fields that are not listed: what a query shows is only the least.
    pub open: bool,
}

impl RecordType {
    /// The field called `name`.
    pub fn field(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| &*field.name == name)
    }
}

/// A field of a command, a query, an event or a record.
#[derive(Clone, Debug)]
pub struct FieldDef {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub ty: Type,
    /// What it is when it is not given.
    pub default: Option<Expr>,
    /// What to generate, where that differs from the type's own limits; of instants, in milliseconds since 1970.
    pub try_range: Option<Range>,
    /// Whether the service chooses it.
    pub chosen: bool,
    /// How long its value lasts, where the service chooses it in an answer.
    pub lasts: Lasts,
    /// Where the contract declares it.
    pub span: Span,
}

impl FieldDef {
    /// Whether it has to be given.
    pub fn is_required(&self) -> bool {
        self.default.is_none() && !self.chosen && !matches!(self.ty, Type::Optional(_))
    }
}
