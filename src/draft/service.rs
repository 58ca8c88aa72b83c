/// A service as a description tells of it.
#[derive(Clone, Debug, Default)]
pub struct Service {
    /// What it is called.
    pub title: String,
    /// A path that stands in front of all others, without a slash at its end.
    pub prefix: String,
    /// What can be asked of it, in the document's order.
    pub operations: Vec<Operation>,
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
    /// What goes into its body.
    pub body: Option<Shape>,
    /// What a 2xx brings.
    pub answer: Option<Shape>,
    /// The statuses that are declared.
    pub statuses: Vec<u16>,
    /// The header fields of a 2xx, in small letters.
    pub tells: Vec<String>,
    /// Whether the body of a 4xx has a text called `code`.
    pub coded: bool,
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
#[derive(Clone, PartialEq, Debug)]
pub enum Shape {
    /// Text. `sample` is one that will do, where not any will.
    Text {
        /// A whole value that fits.
        sample: Option<String>,
        /// The most characters.
        most: Option<u64>,
        /// Whether it is a UUID.
        uuid: bool,
    },
    /// A whole number within bounds.
    Whole(Option<i64>, Option<i64>),
    /// A number; its least value, as JSON has it.
    Decimal {
        /// The least value.
        least: Option<String>,
        /// Whether it is text on the wire.
        text: bool,
    },
    /// A truth value.
    Truth,
    /// One of these words.
    Choice(Vec<String>),
    /// A list; and the fewest elements.
    List(Box<Shape>, u64),
    /// Named values.
    Record(Vec<Member>),
    /// Anything, or nothing that is known of.
    Any,
}

/// A field of a record.
#[derive(Clone, PartialEq, Debug)]
pub struct Member {
    /// Its name on the wire.
    pub name: String,
    /// What it may be.
    pub shape: Shape,
    /// Whether it must be there, and not be null.
    pub required: bool,
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
    /// The fields, if it is a record.
    pub fn members(&self) -> &[Member] {
        if let Self::Record(members) = self { members } else { &[] }
    }

    /// The field of that name.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }
}
