use super::aggregate::{Path, aggregate, hole, item_of, pieces, reads};
use super::loose::loose;
use super::names::snake;
use super::references::refer;
use super::service::{Access, ParameterPlace, Service, Shape};
use super::versions::version;
use crate::value::Value;

/// What a contract and a profile could say of a service.
#[derive(Clone, Debug, Default)]
pub struct Outline {
    /// The contract's name, and that of the files.
    pub contract: String,
    /// What the service calls itself.
    pub title: String,
    /// Where it is, with the path that stands in front of all others.
    pub base: String,
    /// How it wants to know who is asking.
    pub access: Access,
    /// A path that says whether it is well.
    pub ready: Option<String>,
    /// The type of all bodies, where it isn't `application/json`.
    pub media: Option<String>,
    /// The header field of an idempotency key, and whether it must be there.
    pub key: Option<(String, bool)>,
    /// How versions are told, and expected.
    pub version: Option<Version>,
    /// What commands change.
    pub aggregates: Vec<Aggregate>,
    /// Operations that have no place here, such as `GET /metrics`, and why.
    pub left: Vec<String>,
    /// How many operations take JSON, and how many of them are commands here.
    pub bodies: (usize, usize),
}

/// How versions are told, and expected.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Version {
    /// Where an answer has it: `header ETag`, `$.version`.
    pub read: String,
    /// Whether it is a number that counts up.
    pub number: bool,
    /// The field of a body in which it is expected; `If-Match` otherwise.
    pub field: Option<String>,
}

/// Something that is created and asked for by its id.
#[derive(Clone, Debug)]
pub struct Aggregate {
    /// `OrderItem`
    pub name: String,
    /// `order_item`
    pub variable: String,
    /// The path of what creates one, in pieces.
    pub collection: Vec<String>,
    /// Where its id stands in the body that creates it.
    pub own_id: Option<String>,
    /// Whether the client chooses its id, in the body or in the path.
    pub chosen: bool,
    /// Places of the id in the answer to what creates it.
    pub taken: Vec<String>,
    /// `uuid`, `int` or `string`.
    pub id_form: &'static str,
    /// What it is known to keep: fields that are sent and shown alike.
    pub kept: Vec<Field>,
    /// The state that says whether it is there.
    pub phase: String,
    /// The ids of what it belongs to, such as the user of `POST /users/{id}/notes`.
    pub owners: Vec<Field>,
    /// What can be done to it.
    pub commands: Vec<Changed>,
    /// What can be asked.
    pub queries: Vec<Asked>,
}

impl Outline {
    /// Whether a command or query is called `name`: they have their names together.
    pub(super) fn has(&self, name: &str) -> bool {
        self.aggregates.iter().any(|aggregate| aggregate.has(name))
    }
}

impl Aggregate {
    /// Whether one of its commands or queries is called `name`.
    pub(super) fn has(&self, name: &str) -> bool {
        self.commands.iter().any(|one| one.name == name) || self.queries.iter().any(|one| one.name == name)
    }
}

/// A field of a command or query.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name here.
    pub name: String,
    /// Its name on the wire.
    pub wire: String,
    /// What it may be.
    pub shape: Shape,
    /// Whether it must be there.
    pub needed: bool,
    /// Whether it may be null.
    pub null: bool,
    /// What it is where it isn't given.
    pub default: Option<Value>,
    /// Where it goes; `None` is the body.
    pub place: Option<ParameterPlace>,
    /// The aggregate whose id it is.
    pub refers: Option<String>,
}

impl Field {
    /// Whether there is always a value.
    pub fn required(&self) -> bool {
        self.needed && !self.null
    }
}

/// A command.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Its name.
    pub name: String,
    /// `POST /orders/${on}/confirm`
    pub request: String,
    /// What it takes.
    pub fields: Vec<Field>,
    /// What kind of change it is.
    pub kind: Kind,
    /// The statuses that are declared.
    pub statuses: Vec<u16>,
    /// Where the body of a no has its code.
    pub coded: Option<String>,
    /// The codes that are listed.
    pub codes: Vec<String>,
    /// Where the body of a no has words for people.
    pub worded: Option<String>,
    /// How its body is made of its fields.
    pub body: Body,
    /// What of it is not as the document has it.
    pub notes: Vec<String>,
    /// Why it is not to be sent before somebody has looked at it.
    pub off: Option<String>,
    /// What else has to be there, as far as that is known.
    pub needs: Option<Need>,
}

/// Another aggregate that has to be there before a new one may refer to it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// The fields that refer to it.
    pub fields: Vec<String>,
    /// The state of the other one that says whether it is there.
    pub phase: String,
    /// The name of the rejection.
    pub code: String,
}

/// How a body is made of fields.
#[derive(Clone, Debug, Default)]
pub struct Body {
    /// Whether there is one.
    pub there: bool,
    /// The fields around what is sent, from the outermost.
    pub around: Vec<String>,
    /// Whether its only field is the whole of it, as a list is.
    pub whole: bool,
    /// What is always the same: the name on the wire, and a word, or nothing for a record without fields.
    pub constants: Vec<(String, Option<String>)>,
}

/// What kind of change a command is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// It makes a new one.
    Create,
    /// It replaces what is kept (PUT).
    Replace,
    /// It changes what is given (PATCH).
    Change,
    /// It takes it away.
    Delete,
    /// The document doesn't say.
    Other,
}

/// A query of one, or a view of many.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Its name.
    pub name: String,
    /// Whether it answers about many.
    pub view: bool,
    /// `GET /orders/${on}`
    pub request: String,
    /// Where the record or the rows are, if not at the top.
    pub rows: Option<String>,
    /// What can be asked for.
    pub filters: Vec<Field>,
    /// What is shown.
    pub shown: Vec<Field>,
    /// The name under which its id is shown.
    pub id: Option<String>,
    /// How its pages are asked for.
    pub page: Option<Page>,
    /// Where it tells how many rows there are on all pages.
    pub total: Option<String>,
    /// What of it is not as the document has it.
    pub notes: Vec<String>,
    /// Whether the document says that 404 is an answer.
    pub says_absent: bool,
}

/// How pages are asked for: names of parameters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// By their number.
    Number {
        /// The number of the page.
        number: String,
        /// How many rows it has.
        size: String,
        /// The number of the first page.
        first: i64,
        /// The most rows that are asked for.
        most: i64,
    },
    /// By how many rows are skipped.
    Offset {
        /// How many are skipped.
        offset: String,
        /// How many rows are taken.
        size: String,
        /// The most rows that are asked for.
        most: i64,
    },
    /// By a mark that the page before had.
    Cursor {
        /// The mark.
        cursor: String,
        /// Where an answer has the next one.
        next: String,
        /// How many rows are taken, and the most that are asked for.
        size: Option<(String, i64)>,
    },
    /// By the URL that the page before had.
    Url {
        /// Where an answer has it, if not in its `Link` header.
        next: Option<String>,
        /// How many rows are taken, and the most that are asked for.
        size: Option<(String, i64)>,
    },
}

/// Proposes names, fields and ways for what a service can do. `url` is where it is.
pub fn outline(service: &Service, url: &str) -> Outline {
    let paths: Vec<Path<'_>> = service.operations.iter().map(|one| pieces(&one.path)).collect();
    let mut used = vec![false; service.operations.len()];
    let url = url.trim_end_matches('/');
    let prefix = if url.ends_with(&*service.prefix) { "" } else { &service.prefix };
    let mut outline = Outline {
        contract: snake(&service.title, "service"),
        title: service.title.clone(),
        base: format!("{url}{prefix}"),
        access: service.access.clone(),
        media: service.media.clone(),
        ..Outline::default()
    };
    // What can't be spoken is no command.
    for (operation, used) in service.operations.iter().zip(&mut used) {
        if let Some(media) = &operation.unsendable {
            *used = true;
            let what = "which profiles can't send: only JSON";
            outline.left.push(format!("{} {}: it takes {media}, {what}", operation.method, operation.path));
        }
    }
    let creators = creators(service, &paths, &used);
    for index in &creators {
        aggregate(service, &paths, *index, &creators, &mut used, &mut outline);
    }
    loose(service, &paths, &mut used, &mut outline);
    refer(&mut outline);
    version(service, &mut outline);
    let free = |path: &str| ["/health", "/healthz", "/ready", "/readyz", "/livez"].contains(&path);
    for (operation, used) in service.operations.iter().zip(&used) {
        if operation.method == "GET" && free(&operation.path) {
            outline.ready.get_or_insert_with(|| operation.path.clone());
        } else if !used {
            let why = if operation.method == "GET" {
                "nothing here makes what it shows, or its answer is not described"
            } else {
                "it belongs to nothing that has a name here"
            };
            outline.left.push(format!("{} {}: {why}", operation.method, operation.path));
        }
    }
    outline.left.extend(service.more.iter().cloned());
    let json =
        service.operations.iter().zip(&used).filter(|(one, _)| one.method != "GET" && one.body.is_some());
    outline.bodies = (json.clone().count(), json.filter(|(_, used)| **used).count());
    outline
}

/// What creates something in a collection that then has a path of its own or, at the top, stands in a list. Owners come before
/// what belongs to them.
fn creators(service: &Service, paths: &[Path<'_>], used: &[bool]) -> Vec<usize> {
    let is = |at: usize, method: &str| service.operations[at].method == method;
    let asks = |at: &usize| is(*at, "GET");
    let posts = (0..paths.len()).filter(|at| is(*at, "POST") && !paths[*at].is_empty() && !used[*at]);
    let tops: Vec<&Path<'_>> = posts.clone().map(|at| &paths[at]).filter(|path| path.len() == 1).collect();
    let mut found: Vec<usize> = posts
        .filter(|at| {
            let here = &paths[*at];
            let last = here[here.len() - 1];
            let nested = here.iter().any(|piece| hole(piece));
            // `GET /notes/{id}` shows what `POST /users/{id}/notes` made, unless `POST /notes` makes others.
            let flat = nested && !hole(last) && !tops.contains(&&vec![last]);
            let shown = |at: usize| {
                let path = &paths[at];
                item_of(here, path) && path.len() == here.len() + 1
                    || flat && path.len() == 2 && path[0] == last && hole(path[1])
                    || !nested && path == here
                    || reads(here, path)
            };
            !hole(last) && (0..paths.len()).filter(asks).any(shown)
        })
        .collect();
    // What is made by `PUT` under an id that the client chooses.
    for at in (0..paths.len()).filter(|at| is(*at, "PUT") && !used[*at]) {
        let path = &paths[at];
        let Some((last, here)) = path.split_last().filter(|(last, here)| hole(last) && !here.is_empty())
        else {
            continue;
        };
        let made = found.iter().any(|other| item_of(&paths[*other], path)) || hole(here[here.len() - 1]);
        let shown = (0..paths.len())
            .filter(asks)
            .any(|at| paths[at].len() == path.len() && item_of(here, &paths[at]));
        if !made && shown && !last.is_empty() {
            found.push(at);
        }
    }
    found.sort_by_key(|at| paths[*at].len() - usize::from(is(*at, "PUT")));
    found
}
