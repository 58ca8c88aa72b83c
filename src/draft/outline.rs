use super::aggregate::{Path, aggregate, hole, item_of, pieces};
use super::names::snake;
use super::service::{Access, ParameterPlace, Service, Shape};
use crate::value::Value;

/// More aggregates are left out: nobody reads a first draft that long.
const MOST_AGGREGATES: usize = 50;

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
    /// The header field of an idempotency key, and whether it must be there.
    pub key: Option<(String, bool)>,
    /// Whether there are entity tags, and commands that take them.
    pub versioned: bool,
    /// What commands change.
    pub aggregates: Vec<Aggregate>,
    /// Operations that have no place here, such as `GET /metrics`.
    pub left: Vec<String>,
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
    /// Where its id stands in the body that creates it; `None` where the service makes it up.
    pub own_id: Option<String>,
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
    /// Paging: the parameters for number and size, the first number, and the largest size.
    pub page: Option<(String, String, i64, i64)>,
    /// Whether the document says that 404 is an answer.
    pub says_absent: bool,
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
        ..Outline::default()
    };
    let creators = creators(service, &paths);
    for index in creators.iter().take(MOST_AGGREGATES) {
        aggregate(service, &paths, *index, &creators, &mut used, &mut outline);
    }
    let free = |path: &str| ["/health", "/healthz", "/ready", "/readyz", "/livez"].contains(&path);
    for (operation, used) in service.operations.iter().zip(&used) {
        if operation.method == "GET" && free(&operation.path) {
            outline.ready.get_or_insert_with(|| operation.path.clone());
        } else if !used {
            outline.left.push(format!("{} {}", operation.method, operation.path));
        }
    }
    outline
}

/// What creates something in a collection that then has a path of its own or, at the top, stands in a list. Owners come before
/// what belongs to them.
fn creators(service: &Service, paths: &[Path<'_>]) -> Vec<usize> {
    let asks = |at: &usize| service.operations[*at].method == "GET";
    let posts =
        (0..paths.len()).filter(|at| service.operations[*at].method == "POST" && !paths[*at].is_empty());
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
            };
            !hole(last) && (0..paths.len()).filter(asks).any(shown)
        })
        .collect();
    found.sort_by_key(|at| paths[*at].len());
    found
}
