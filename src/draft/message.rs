use std::fmt::Write as _;

use super::aggregate::{hole, hole_name, id_names, inner};
use super::names::{capitals as words, field, place, shown, singular, title, unused};
use super::outline::{Aggregate, Asked, Body, Changed, Field, Kind};
use super::paging;
use super::service::{Member, Note, Operation, ParameterPlace, Shape};

/// Where an operation stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Its path.
    pub(super) path: &'a [&'a str],
    /// Where the id of the aggregate is in it.
    pub(super) own: Option<usize>,
    /// The path of what creates one.
    pub(super) collection: &'a [&'a str],
    /// Whether it makes a new one.
    pub(super) creates: bool,
}

impl Place<'_> {
    /// The owner that the hole at `at` stands for.
    fn owner<'m>(&self, made: &'m Aggregate, at: usize) -> Option<&'m Field> {
        // Only in the path of the collection do the holes have the places that they have there.
        let within = self.path.len() >= self.collection.len()
            && self
                .path
                .iter()
                .zip(self.collection)
                .all(|(one, other)| one == other || hole(one) && hole(other));
        let nth = self.path[..at].iter().filter(|piece| hole(piece)).count();
        made.owners.get(nth).filter(|_| within && at < self.collection.len())
    }

    /// The fields that the holes of the path are, but for the aggregate's own.
    fn holes(&self, made: &Aggregate, operation: &Operation) -> Vec<Field> {
        let mut fields: Vec<Field> = Vec::new();
        let holes = self.path.iter().enumerate().filter(|(at, piece)| hole(piece) && Some(*at) != self.own);
        for (at, piece) in holes {
            let wire = inner(piece).to_owned();
            let owner = self.owner(made, at).cloned().map(|owner| Field { wire: wire.clone(), ..owner });
            let told =
                operation.parameters.iter().find(|one| one.place == ParameterPlace::Path && one.name == wire);
            let shape = told.map(|one| one.shape.clone()).filter(|shape| *shape != Shape::Any);
            let other = || Field {
                name: hole_name(self.path, at),
                wire,
                shape: shape.unwrap_or_else(Shape::text),
                needed: true,
                null: false,
                default: None,
                place: Some(ParameterPlace::Path),
                refers: None,
            };
            let mut one = owner.unwrap_or_else(other);
            one.name = unused(one.name, &|name| fields.iter().any(|known| known.name == name));
            fields.push(one);
        }
        fields
    }
}

/// A field for a member of a body.
fn of_member(member: &Member, fields: &[Field]) -> Field {
    let name = unused(field(&member.name), &|name| fields.iter().any(|known| known.name == name));
    Field {
        name,
        wire: member.name.clone(),
        shape: member.shape.clone(),
        needed: member.needed,
        null: member.null,
        default: member.default.clone(),
        place: None,
        refers: None,
    }
}

/// The fields of the body, and how it is made of them.
fn sent(operation: &Operation, skip: &dyn Fn(&str) -> bool, fields: &mut Vec<Field>) -> (Body, Vec<String>) {
    let mut notes: Vec<String> = operation.notes.iter().map(told).collect();
    let mut body = Body { around: operation.around.clone(), ..Body::default() };
    let Some(shape) = &operation.body else { return (body, notes) };
    if let Some(media) = &operation.media {
        notes.push(format!("the document wants the type {}; it is sent as application/json", shown(media)));
    }
    let whole = |name: &str| Member {
        name: name.to_owned(),
        shape: shape.clone(),
        needed: true,
        ..Member::default()
    };
    let one = match shape {
        Shape::List(..) => Some(whole("items")),
        Shape::Map(_) => Some(whole("entries")),
        Shape::Any => {
            notes.push("its body may be anything, says the document: which fields has it?".to_owned());
            None
        }
        Shape::Record(_) | Shape::Lost => None,
        _ => Some(whole("value")),
    };
    body.there = matches!(shape, Shape::Record(_)) || one.is_some();
    body.whole = one.is_some();
    for member in one.iter().chain(shape.members()).filter(|member| !skip(&member.name)) {
        match &member.shape {
            Shape::Record(members) if members.is_empty() => {
                body.constants.extend(Some((member.name.clone(), None)).filter(|_| member.needed));
            }
            Shape::Choice(words) if words.len() == 1 && member.required() && !body.whole => {
                body.constants.push((member.name.clone(), Some(words[0].clone())));
            }
            _ => fields.push(of_member(member, fields)),
        }
    }
    (body, notes)
}

/// A note in words: `` `items.[].price` has two forms ``.
fn told(note: &Note) -> String {
    let at = shown(&note.at);
    let place = if at.is_empty() { "the body".to_owned() } else { format!("`{at}`") };
    format!("{place} {}", shown(&note.what))
}

/// The fields of the query.
fn asked(operation: &Operation, skip: &dyn Fn(&str) -> bool, fields: &mut Vec<Field>) {
    let parameters = operation.parameters.iter().filter(|one| one.place == ParameterPlace::Query);
    for one in parameters.filter(|one| !skip(&one.name)) {
        let name = unused(field(&one.name), &|name| fields.iter().any(|known| known.name == name));
        fields.push(Field {
            name,
            wire: one.name.clone(),
            shape: one.shape.clone(),
            needed: one.required,
            null: false,
            default: one.default.clone(),
            place: Some(one.place),
            refers: None,
        });
    }
}

/// The request of an operation, its path and its query filled with fields.
fn request(operation: &Operation, at: Place<'_>, fields: &[Field]) -> String {
    let mut index = 0;
    let mut holes = fields.iter().filter(|one| one.place == Some(ParameterPlace::Path));
    let filled = operation.path.split('/').map(|piece| {
        let here = index;
        index += usize::from(!piece.is_empty());
        match () {
            () if !hole(piece) => piece.to_owned(),
            () if at.own == Some(here) => "${on}".to_owned(),
            // They are in the order of the path.
            () => holes.next().map_or_else(String::new, |one| format!("${{.{}}}", one.name)),
        }
    });
    let filled: Vec<String> = filled.collect();
    let mut text = format!("{} {}", operation.method, filled.join("/"));
    let asked = fields.iter().filter(|one| one.place == Some(ParameterPlace::Query));
    for (index, one) in asked.enumerate() {
        let mark = if one.needed { "" } else { "?" };
        text.push_str(if index == 0 { "?" } else { "&" });
        let _ = write!(text, "{}=${{.{}{mark}}}", one.wire, one.name);
    }
    text
}

/// A parameter's name that can stand in a profile as it is.
fn plain(wire: &str) -> bool {
    !wire.is_empty() && wire.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}

/// What can be done to an aggregate.
pub(super) fn command(
    made: &Aggregate,
    operation: &Operation,
    at: Place<'_>,
    taken: &dyn Fn(&str) -> bool,
) -> Changed {
    let rest = at.own.map_or(&[][..], |own| &at.path[own + 1..]);
    let (kind, name) = match (&*operation.method, rest) {
        ("PUT", _) if at.creates => (Kind::Create, format!("Put{}", made.name)),
        _ if at.creates => (Kind::Create, format!("Create{}", made.name)),
        _ if at.own.is_none() => (Kind::Other, bare(made, operation, at.path)),
        ("PUT", []) => (Kind::Replace, format!("Replace{}", made.name)),
        ("PATCH", []) => (Kind::Change, format!("Change{}", made.name)),
        ("DELETE", []) => (Kind::Delete, format!("Delete{}", made.name)),
        (method, rest) => (Kind::Other, verb(made, method, rest)),
    };
    let names = id_names(made, None);
    // An id that the path says already, or that the service makes up, is no field.
    let in_body = |wire: &str| kind != Kind::Other && names.iter().any(|name| name == wire);
    let own = at.own.map(|own| inner(at.path[own]));
    let skip = |wire: &str| own == Some(wire) || made.own_id.as_deref() == Some(wire) || in_body(wire);
    let mut fields = at.holes(made, operation);
    let (body, notes) = sent(operation, &skip, &mut fields);
    asked(operation, &skip, &mut fields);
    fields.retain(|one| one.place != Some(ParameterPlace::Query) || plain(&one.wire) && scalar(&one.shape));
    let request = request(operation, at, &fields);
    let name = said(made, operation).unwrap_or(name);
    Changed {
        name: unused(name, taken),
        request,
        fields,
        kind,
        statuses: operation.statuses.clone(),
        coded: operation.coded.clone(),
        codes: operation.codes.clone(),
        worded: operation.worded.clone(),
        body,
        notes,
        off: None,
        needs: None,
    }
}

/// Whether a value has a place in the query of a URL.
fn scalar(shape: &Shape) -> bool {
    !matches!(shape, Shape::List(..) | Shape::Record(_) | Shape::Map(_) | Shape::Any | Shape::Lost)
}

/// What words of an `operationId` are the doing of a tool, or of HTTP.
const NOISE: [&str; 14] = [
    "Controller",
    "Post",
    "Put",
    "Patch",
    "Delete",
    "Api",
    "V1",
    "V2",
    "V3",
    "Using",
    "Endpoint",
    "Handler",
    "Route",
    "Async",
];

/// Words at the end of names that begin with the thing: `volumeActionsList`.
const TAILS: [&str; 12] = [
    "Get", "List", "Create", "Update", "Delete", "Destroy", "Remove", "Add", "Show", "Retrieve", "Index",
    "Search",
];

/// The name that the document has for an operation, where it is one of the business: `openAccount`, not `accounts_create_1` or
/// `create_order_orders_post`.
fn said(made: &Aggregate, operation: &Operation) -> Option<String> {
    let id = operation.id.as_deref()?;
    let name = title(id, "");
    let words = words(&name);
    let noise = words.iter().any(|word| NOISE.contains(&&**word))
        || words.last().is_some_and(|word| TAILS.contains(&&**word));
    let first = words.first()?;
    // A name that begins with the thing, such as `orders.create`, is one of a list, not of the language.
    let thing = singular(first) == *first && !made.name.starts_with(&**first);
    let short = (2..=4).contains(&words.len()) && name.len() < 40;
    let plain = !name.ends_with(|c: char| c.is_ascii_digit())
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    (short && plain && thing && !noise).then_some(name)
}

/// `ConfirmOrder`, `AddItem`, `RemoveItem`, by what stands behind the id.
fn verb(made: &Aggregate, method: &str, rest: &[&str]) -> String {
    let word = rest.iter().rev().find(|piece| !hole(piece)).copied().unwrap_or_default();
    let one = singular(word);
    let verb = match method {
        "DELETE" => "Remove",
        "POST" if one == word => return format!("{}{}", title(word, "Do"), made.name),
        "POST" => "Add",
        _ => "Set",
    };
    format!("{verb}{}", title(&one, &made.name))
}

/// `SearchOrders`, `ReplaceOrders`: what is done without saying to which one.
fn bare(made: &Aggregate, operation: &Operation, path: &[&str]) -> String {
    let word = path.iter().rev().find(|piece| !hole(piece)).copied().unwrap_or_default();
    let verb = match &*operation.method {
        "POST" => "Do",
        "PUT" => "Replace",
        "PATCH" => "Change",
        _ => "Delete",
    };
    format!("{verb}{}", title(word, &made.name))
}

/// What can be asked of an aggregate, or of all of them; `None` where the answer shows no such thing.
pub(super) fn query(
    made: &Aggregate,
    operation: &Operation,
    at: Place<'_>,
    taken: &dyn Fn(&str) -> bool,
) -> Option<Asked> {
    let one = at.own.is_some();
    let (rows, shape) = inside(operation.answer.as_ref().unwrap_or(&Shape::Any), one)?;
    let param = at.own.map(|own| inner(at.path[own]));
    let names = id_names(made, param);
    let id = names.iter().find(|name| shape.member(name).is_some()).cloned();
    let mut shown = Vec::<Field>::new();
    for member in
        shape.members().iter().filter(|member| Some(&member.name) != id.as_ref() && known(&member.shape))
    {
        let name =
            unused(field(&member.name), &|name| shown.iter().any(|known| known.name == name) || name == "id");
        let (wire, shape) = (member.name.clone(), member.shape.clone());
        let (needed, null) = (member.needed, member.null);
        shown.push(Field { name, wire, shape, needed, null, default: None, place: None, refers: None });
    }
    let pages = paging::page(operation).filter(|_| !one);
    let mut filters = at.holes(made, operation);
    if !one {
        asked(operation, &|wire| paging::is_word(wire), &mut filters);
    }
    if filters.iter().any(|one| one.place == Some(ParameterPlace::Query) && one.needed && !plain(&one.wire)) {
        return None;
    }
    filters.retain(|one| {
        one.needed && one.place.is_some()
            || one.place == Some(ParameterPlace::Query) && plain(&one.wire) && scalar(&one.shape)
    });
    let last = at.collection.last().copied().unwrap_or_default();
    let name = if one { format!("Get{}", made.name) } else { format!("List{}", title(last, "All")) };
    let name = said(made, operation).unwrap_or(name);
    let total = rows
        .as_ref()
        .filter(|_| !one)
        .and_then(|_| paging::total(operation.answer.as_ref()?))
        .filter(|_| id.is_some() || !shown.is_empty());
    Some(Asked {
        name: unused(name, taken),
        view: !one,
        request: request(operation, at, &filters),
        rows,
        filters,
        shown,
        id,
        page: pages,
        total,
        notes: operation.notes.iter().map(told).collect(),
        says_absent: operation.statuses.contains(&404),
    })
}

/// Where in an answer the record, or the list of records, is.
fn inside(answer: &Shape, one: bool) -> Option<(Option<String>, Shape)> {
    let fits = |shape: &Shape| match shape {
        Shape::Record(_) => one.then(|| shape.clone()),
        Shape::List(element, _) if !one => Some((**element).clone()),
        _ => None,
    };
    let members = answer.members();
    let mut wrapped = members.iter().filter_map(|member| Some((member, fits(&member.shape)?)));
    let usual = |name: &str| ["data", "result", "item", "items", "results", "value"].contains(&name);
    match answer {
        Shape::Any | Shape::Lost if one => Some((None, Shape::Any)),
        // A record with one record in it and little else is a wrapper.
        Shape::Record(_) if one => match (wrapped.next(), wrapped.next()) {
            (Some((member, shape)), None) if members.len() == 1 || usual(&member.name) => {
                Some((Some(place(&member.name)), shape))
            }
            _ => Some((None, answer.clone())),
        },
        Shape::Record(_) => {
            wrapped.next().map(|(member, shape)| (Some(place(&member.name)), shape)).or_else(|| {
                // `{"data": {"items": […]}}`
                members.iter().find_map(|outer| {
                    let (member, shape) = outer
                        .shape
                        .members()
                        .iter()
                        .find_map(|member| Some((member, fits(&member.shape)?)))?;
                    Some((Some(format!("{}{}", place(&outer.name), &place(&member.name)[1..])), shape))
                })
            })
        }
        _ => fits(answer).map(|shape| (None, shape)),
    }
}

/// Whether a contract has a type for it.
fn known(shape: &Shape) -> bool {
    match shape {
        // Whatever stands in a map would have to be a field of its own.
        Shape::Any | Shape::Lost | Shape::Map(_) => false,
        Shape::List(element, _) => known(element),
        Shape::Record(members) => members.iter().any(|member| known(&member.shape)),
        _ => true,
    }
}
