use rust_decimal::Decimal;

use crate::value::{Number, Value};

/// A service as a description tells of it.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// What it is called.
    pub title: String,
    /// A path that stands in front of all others, without a slash at its end.
    pub prefix: String,
    /// What can be asked of it, in the document's order.
    pub operations: Vec<Operation>,
    /// The type of all bodies, where it isn't `application/json`.
    pub media: Option<String>,
    /// Operations that are left out from the start, and why.
    pub more: Vec<String>,
    /// How it wants to know who is asking.
    pub access: Access,
}

/// One method of one path.
#[derive(Clone, Debug, Default)]
pub struct Operation {
    /// In capitals.
    pub method: String,
    /// As it stands in the document, such as `/orders/{id}`.
    pub path: String,
    /// What goes into its path, query and header.
    pub parameters: Vec<Parameter>,
    /// What the document calls it.
    pub id: Option<String>,
    /// What goes into its body.
    pub body: Option<Shape>,
    /// The fields around that, from the outermost: `data` of `{"data": {…}}`.
    pub around: Vec<String>,
    /// The type of the body, where it isn't `application/json`.
    pub media: Option<String>,
    /// The type of a body that is not JSON.
    pub unsendable: Option<String>,
    /// What of its body, parameters and answer is not as the document has it.
    pub notes: Vec<Note>,
    /// What a 2xx brings.
    pub answer: Option<Shape>,
    /// The statuses that are declared.
    pub statuses: Vec<u16>,
    /// The header fields of a 2xx, in small letters.
    pub tells: Vec<String>,
    /// Where the body of a 4xx has its code, such as `$.error.code`.
    pub coded: Option<String>,
    /// The codes that are listed there.
    pub codes: Vec<String>,
    /// Where the body of a 4xx has words for people, such as `$.detail`.
    pub worded: Option<String>,
}

/// What is not as the document has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The place of the value: `items.[].price`; empty for the whole.
    pub at: String,
    /// What is to be said of it, behind its name.
    pub what: String,
}

/// An end of a range of numbers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bound {
    /// Where it is.
    pub at: Decimal,
    /// Whether the number there is outside.
    pub outside: bool,
}

/// Something that goes into a request beside its body.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name on the wire.
    pub name: String,
    /// Where it goes.
    pub place: ParameterPlace,
    /// Whether it must be there.
    pub required: bool,
    /// What it may be.
    pub shape: Shape,
    /// What it is where it isn't given.
    pub default: Option<Value>,
}

/// Where a parameter goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParameterPlace {
    /// `/orders/{id}`
    Path,
    /// `?customer=…`
    Query,
    /// A header field.
    Header,
}

/// What a value looks like.
#[derive(Clone, PartialEq, Debug, Default)]
pub enum Shape {
    /// Text. `sample` is one that will do, where not any will.
    Text {
        /// A whole value that fits.
        sample: Option<String>,
        /// The fewest characters, and the most.
        length: (Option<u64>, Option<u64>),
        /// The characters that it is made of, such as `a-z0-9`, where only these may be.
        alphabet: Option<String>,
        /// What kind of text it is.
        kind: Kind,
    },
    /// A whole number within bounds.
    Whole(Option<i64>, Option<i64>),
    /// A number.
    Decimal {
        /// The least value.
        least: Option<Bound>,
        /// The greatest value.
        most: Option<Bound>,
        /// Whether it is text on the wire.
        text: bool,
    },
    /// One of these numbers, between which others lie.
    Among(Vec<Number>),
    /// A truth value.
    Truth,
    /// One of these words.
    Choice(Vec<String>),
    /// A list; and the fewest elements.
    List(Box<Shape>, u64),
    /// Named values.
    Record(Vec<Member>),
    /// Values of one kind under any names.
    Map(Box<Shape>),
    /// Anything.
    #[default]
    Any,
    /// Nothing that is known of; a note says why.
    Lost,
}

/// What kind of text a text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Kind {
    /// Any.
    #[default]
    Plain,
    /// A UUID.
    Uuid,
    /// A moment, as RFC 3339 has it.
    Instant,
    /// A URL, or a part of one.
    Url,
}

/// A field of a record.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Member {
    /// Its name on the wire.
    pub name: String,
    /// What it may be.
    pub shape: Shape,
    /// Whether it must be there.
    pub needed: bool,
    /// Whether it may be null.
    pub null: bool,
    /// What it is where it isn't given: a text, a number or a truth value.
    pub default: Option<Value>,
}

impl Member {
    /// Whether there is always a value.
    pub fn required(&self) -> bool {
        self.needed && !self.null
    }
}

/// How a service wants to know who is asking.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Access {
    /// It doesn't.
    #[default]
    Open,
    /// It may, and need not.
    Optional,
    /// A user and a password.
    Basic,
    /// A bearer token.
    Bearer,
    /// A key in a header field.
    Header(String),
    /// In a way that profiles have no words for.
    Other(String),
}

impl Shape {
    /// Any text at all.
    pub fn text() -> Self {
        Self::Text { sample: None, length: (None, None), alphabet: None, kind: Kind::Plain }
    }

    /// The fields, if it is a record.
    pub fn members(&self) -> &[Member] {
        if let Self::Record(members) = self { members } else { &[] }
    }

    /// The field of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }
}
