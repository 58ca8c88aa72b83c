use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use regex_lite::Regex;

use super::control::Controls;
use super::extract::Extraction;
use super::follow_up::{Login, LookUp, Operation};
use super::instant::InstantForm;
use super::sql::{Sql, Statement};
use super::template::{Hole, Origin, Template};
use super::tls::Tls;
use crate::contract::{CommandDef, Contract};
use crate::protocol::{Capability, Deviation, IdForm};
use crate::text::Span;
use crate::value::{self, Demand, Number, Path, Tolerances};

/// How one service speaks a contract over HTTP.
#[derive(Clone, Debug)]
pub struct Profile {
    pub(crate) name: String,
    pub(crate) contract: Arc<Contract>,
    /// Whether it is a system for tests, wherever it is.
    pub(crate) test: bool,
    pub(crate) base: Option<Template>,
    pub(crate) ready: Option<Request>,
    /// `[base.name]`: further addresses, for a service that is split over hosts.
    pub(crate) bases: BTreeMap<String, Base>,
    /// `[database]`: where queries with `sql` read.
    pub(crate) database: Option<Template>,
    pub(crate) auth: Auth,
    pub(crate) headers: Vec<(String, Template)>,
    pub(crate) vars: BTreeMap<String, Template>,
    pub(crate) key: Option<Key>,
    pub(crate) version: Option<Versions>,
    pub(crate) ids: BTreeMap<String, Id>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) commands: BTreeMap<String, Spoken<Command>>,
    /// `[command."*"]`: for every command without a section of its own.
    pub(crate) any_command: Option<Command>,
    pub(crate) queries: BTreeMap<String, Spoken<Query>>,
    pub(crate) types: BTreeMap<String, BTreeMap<String, Member>>,
    pub(crate) wait: Option<Request>,
    pub(crate) command_position: Option<Extraction>,
    pub(crate) query_position: Option<Extraction>,
    pub(crate) control: Controls,
    pub(crate) operation: Option<Operation>,
    /// What is claimed without a section.
    pub(crate) claims: Vec<Capability>,
    pub(crate) limits: Limits,
    pub(crate) tls: Tls,
    /// What the service can take in fields of these names.
    pub(crate) generate: BTreeMap<Arc<str>, Demand>,
    pub(crate) deviations: Vec<Deviation>,
    /// Every `${env:…}` and `${secret:…}`, with what it is for.
    pub(crate) outside: Vec<Outside>,
}

impl Profile {
    /// The service's name in reports.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The contract it speaks.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// Where the service is known to depart from the contract, and means to.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// What starts the service (`[exec]`), where it says.
    pub fn exec(&self) -> Option<&str> {
        self.control.exec.as_ref().map(|exec| &*exec.command)
    }

    /// Whether it says how the command or query called `name` is spoken.
    pub fn speaks(&self, name: &str) -> bool {
        match self.commands.get(name) {
            Some(spoken) => matches!(spoken, Spoken::As(_)),
            None if self.contract.command(name).is_some() => self.any_command.is_some(),
            None => matches!(self.queries.get(name), Some(Spoken::As(_))),
        }
    }

    /// How a command is spoken, by itself or as any is; nothing where it is not.
    pub(crate) fn spoken(&self, command: &str) -> Option<&Command> {
        match self.commands.get(command) {
            Some(Spoken::As(spoken)) => Some(spoken),
            Some(Spoken::None) => None,
            None => self.any_command.as_ref(),
        }
    }

    /// The commands that create an aggregate under an id which the service makes up.
    pub(crate) fn creations(&self) -> BTreeSet<Arc<str>> {
        let creates = |command: &&CommandDef| {
            let by = self.ids.get(&*command.aggregate).map(|id| &id.by);
            matches!(by, Some(IdBy::Captured(_) | IdBy::LookUp(_)))
                && self.spoken(&command.name).is_some_and(|spoken| !spoken.names_aggregate())
        };
        self.contract.commands().filter(creates).map(|command| command.name.clone()).collect()
    }
}

/// Something the service speaks, or says it doesn't (`none = true`).
#[derive(Clone, Debug)]
pub(crate) enum Spoken<T> {
    As(T),
    None,
}

/// A value that comes from the environment.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) variable: String,
    pub(crate) secret: bool,
    /// Needed only where no `--url` is given.
    pub(crate) for_base: bool,
    pub(crate) span: Span,
}

/// A method and where it goes.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// The further base it goes to, if not the default one.
    pub(crate) base: Option<String>,
    pub(crate) path: Template,
    /// Each `name=value` behind the `?`; one that holds an optional placeholder without a value is left out.
    pub(crate) query: Vec<Template>,
}

/// A further address of the service.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) url: Template,
    pub(crate) ready: Option<Request>,
    /// Whether credentials, and header fields with a secret, are sent there too.
    pub(crate) trusted: bool,
}

#[derive(Clone, Default, Debug)]
pub(crate) struct Auth {
    pub(crate) default: Credential,
    pub(crate) actors: BTreeMap<String, Credential>,
}

#[derive(Clone, Default, Debug)]
pub(crate) enum Credential {
    #[default]
    None,
    Basic {
        user: Template,
        password: Template,
    },
    Bearer {
        token: Template,
    },
    Header {
        name: String,
        value: Template,
    },
    Login(Arc<Login>),
}

/// Where an idempotency key goes.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) place: KeyPlace,
    /// How it looks.
    pub(crate) form: IdForm,
    /// Whether every command has one, made up where a scenario gives none.
    pub(crate) required: bool,
    /// What tells the answer to a command that was sent before.
    pub(crate) replayed: Option<Looks>,
}

#[derive(Clone, Debug)]
pub(crate) enum KeyPlace {
    Header(String),
    Field(String),
    /// Where templates have `${key}`.
    Written,
}

#[derive(Clone, Debug)]
pub(crate) struct Versions {
    pub(crate) numbers: bool,
    /// Whether reads tell the aggregate's own version; if not, it is not comparable and not kept.
    pub(crate) comparable: bool,
    /// A request of its own that tells it, where no other answer does.
    pub(crate) ask: Option<Request>,
    pub(crate) read: Option<Extraction>,
    pub(crate) write: Option<WriteVersion>,
}

#[derive(Clone, Debug)]
pub(crate) enum WriteVersion {
    Header {
        name: String,
        value: Template,
        /// The field and value for an aggregate that must not exist yet.
        none: Option<(String, Template)>,
    },
    Field(String),
}

/// How an aggregate gets its id.
#[derive(Clone, Debug)]
pub(crate) struct Id {
    pub(crate) by: IdBy,
    pub(crate) form: Form,
}

#[derive(Clone, Debug)]
pub(crate) enum IdBy {
    Client,
    /// From the answer to the command that creates it; the first place that is there counts.
    Captured(Vec<Extraction>),
    Derived(Template),
    /// From a query, once the command that creates it was accepted.
    LookUp(Box<LookUp>),
}

/// What ids look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Form {
    Uuid,
    Int,
    Text,
}

/// What an answer means: `[[answer]]`.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    /// The commands, or the query, that it is for; empty for all.
    pub(crate) messages: Vec<String>,
    pub(crate) looks: Looks,
    pub(crate) is: Meaning,
    pub(crate) code: Option<RejectionCode>,
}

/// What an answer looks like: all that is said holds.
#[derive(Clone, Debug)]
pub(crate) struct Looks {
    /// From one status up to another, both included; empty for any.
    pub(crate) statuses: Vec<(u16, u16)>,
    pub(crate) like: Option<Like>,
    /// A part of the body that must be there and not null.
    pub(crate) at: Option<Path>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Meaning {
    Accepted,
    Rejected,
    Absent,
    Unknown,
}

/// Part of a text, or a regular expression.
#[derive(Clone, Debug)]
pub(crate) enum Like {
    Part(String),
    Pattern(Regex),
}

impl Like {
    pub(crate) fn matches(&self, text: &str) -> bool {
        match self {
            Self::Part(part) => text.contains(part.as_str()),
            Self::Pattern(pattern) => pattern.is_match(text),
        }
    }

    /// Whether the whole word is meant; a pattern may fit a part.
    pub(crate) fn is(&self, word: &str) -> bool {
        match self {
            Self::Part(part) => part == word,
            Self::Pattern(pattern) => pattern.is_match(word),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) enum RejectionCode {
    Is(String),
    /// What stands there, by the first pair that fits; without one, if it is a rejection of the contract.
    From {
        from: Extraction,
        map: Vec<(Like, String)>,
    },
}

#[derive(Clone, Debug)]
pub(crate) struct Command {
    pub(crate) request: Request,
    pub(crate) body: Option<Body>,
}

impl Command {
    /// Whether its request says which aggregate it is for; one that doesn't creates it.
    pub(crate) fn names_aggregate(&self) -> bool {
        self.holes().iter().any(|hole| hole.origin == Origin::On)
    }

    /// Every placeholder of path, query and body.
    pub(crate) fn holes(&self) -> Vec<&Hole> {
        let Request { path, query, .. } = &self.request;
        let holes = path.holes().chain(query.iter().flat_map(Template::holes));
        holes.chain(self.body.iter().flat_map(Body::holes)).collect()
    }
}

/// A body to be filled.
#[derive(Clone, Debug)]
pub(crate) enum Body {
    Text(Template),
    Number(Number),
    Bool(bool),
    List(Vec<Body>),
    Record(Vec<(String, Body)>),
}

impl Body {
    /// Every placeholder in it.
    pub(crate) fn holes(&self) -> Vec<&Hole> {
        match self {
            Self::Text(template) => template.holes().collect(),
            Self::Number(_) | Self::Bool(_) => Vec::new(),
            Self::List(elements) => elements.iter().flat_map(Self::holes).collect(),
            Self::Record(fields) => fields.iter().flat_map(|(_, body)| body.holes()).collect(),
        }
    }
}

/// What answers a query.
#[derive(Clone, Debug)]
pub(crate) enum AnsweredBy {
    /// The service.
    Request(Command),
    /// The database that its read models are in.
    Statement(Sql),
}

impl AnsweredBy {
    /// Every placeholder of what is sent.
    pub(crate) fn holes(&self) -> Vec<&Hole> {
        match self {
            Self::Request(request) => request.holes(),
            Self::Statement(Sql { rows, total }) => {
                rows.holes().chain(total.iter().flat_map(Statement::holes)).collect()
            }
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) by: AnsweredBy,
    pub(crate) rows: Option<Path>,
    /// Where the answer tells how many rows there are on all pages.
    pub(crate) total: Option<Path>,
    pub(crate) absent: Vec<Absent>,
    pub(crate) fields: Vec<(String, Extraction)>,
    pub(crate) version: Option<Extraction>,
    pub(crate) bound: Option<Duration>,
    pub(crate) read_model: String,
    pub(crate) ignore: Vec<String>,
    pub(crate) keep: Vec<(Path, Template)>,
    pub(crate) page: Option<Paging>,
    pub(crate) tolerances: Tolerances,
    /// Only its owner may read it.
    pub(crate) private: bool,
    /// The parameter that makes a request one that no cache has seen.
    pub(crate) fresh: Option<String>,
}

#[derive(Clone, Debug)]
pub(crate) enum Absent {
    Status(u16, u16),
    Null(Path),
}

/// How a long answer is cut into pages, all of which are read.
#[derive(Clone, Debug)]
pub(crate) struct Paging {
    pub(crate) style: PageStyle,
    /// The parameter that says how many rows a page has, and how many that is. Without it the service decides. The URL of a next page has it
    /// already.
    pub(crate) size: Option<(String, u64)>,
}

#[derive(Clone, Debug)]
pub(crate) enum PageStyle {
    /// Pages are numbered.
    Page { number: String, first: u64 },
    /// A page begins behind so many rows.
    Offset { offset: String, first: u64 },
    /// Each page tells where the next one begins.
    Cursor { cursor: String, next: Extraction },
    /// Each page tells the URL of the next one.
    Next { next: Extraction },
    /// The same, in its `Link` header fields (RFC 8288).
    Link,
}

/// How a service calls and writes a field of a record.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) field: String,
    pub(crate) form: MemberForm,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum MemberForm {
    Same,
    /// A number as text.
    Text,
    /// A number of units as a whole number of hundredths.
    Cents,
    /// An instant in a form of the service's own.
    Instant(InstantForm),
}

/// What the service may ask of us; always on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limits {
    pub(crate) connect: Duration,
    /// For how long a connection may have been idle that is used again.
    pub(crate) idle: Duration,
    /// For one operation, tries and redirects together.
    pub(crate) total: Duration,
    /// Of one answer.
    pub(crate) bytes: usize,
    pub(crate) depth: usize,
    /// Digits of one number.
    pub(crate) digits: usize,
    /// Values of one read, on all its pages.
    pub(crate) values: usize,
    /// Rows of one read, on all its pages.
    pub(crate) rows: usize,
    /// Bytes of one read, on all its pages.
    pub(crate) read_bytes: usize,
    pub(crate) redirects: usize,
    /// How long a service may take to become ready.
    pub(crate) ready: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            // Some services hang up after a second. What is sent at that moment is lost, and nobody knows whether it was heard.
            idle: Duration::from_millis(800),
            total: Duration::from_secs(20),
            bytes: 8 << 20,
            depth: 64,
            digits: 1_000,
            values: 100_000,
            rows: 20_000,
            read_bytes: 16 << 20,
            redirects: 5,
            ready: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// Those for one answer that is JSON of `size` bytes.
    pub(crate) fn json(&self, size: usize) -> value::Limits {
        value::Limits { depth: self.depth, size, values: self.values, digits: self.digits }
    }
}
