use std::fmt::Write as _;

use super::aggregate::{hole, hole_name, id_names, inner};
use super::names::{field, place, singular, title, unused};
use super::outline::{Aggregate, Asked, Changed, Field, Kind};
use super::service::{Operation, ParameterPlace, Shape};

/// Where an operation stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Its path.
    pub(super) path: &'a [&'a str],
    /// Where the id of the aggregate is in it.
    pub(super) own: Option<usize>,
    /// The path of what creates one.
    pub(super) collection: &'a [&'a str],
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

/// The fields of the body, and of the query.
fn others(operation: &Operation, skip: &dyn Fn(&str) -> bool, fields: &mut Vec<Field>) {
    let body = operation.body.as_ref().map(Shape::members).unwrap_or_default().iter();
    let body = body.map(|one| (&one.name, &one.shape, (one.needed, one.null), &one.default, None));
    let parameters = operation.parameters.iter().filter(|one| one.place == ParameterPlace::Query);
    let parameters =
        parameters.map(|one| (&one.name, &one.shape, (one.required, false), &one.default, Some(one.place)));
    for (wire, shape, (needed, null), default, place) in
        body.chain(parameters).filter(|(wire, ..)| !skip(wire))
    {
        let name = unused(field(wire), &|name| fields.iter().any(|known| known.name == name));
        let (wire, shape, default) = (wire.clone(), shape.clone(), default.clone());
        fields.push(Field { name, wire, shape, needed, null, default, place, refers: None });
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
        _ if at.own.is_none() => (Kind::Create, format!("Create{}", made.name)),
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
    others(operation, &skip, &mut fields);
    fields.retain(|one| {
        let known = one.needed || one.shape != Shape::Any;
        known && (one.place != Some(ParameterPlace::Query) || plain(&one.wire))
    });
    let request = request(operation, at, &fields);
    Changed {
        name: unused(name, taken),
        request,
        fields,
        kind,
        statuses: operation.statuses.clone(),
        coded: operation.coded.clone(),
        codes: operation.codes.clone(),
    }
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
    let page = page(operation).filter(|_| !one);
    let paging =
        ["page", "size", "page_size", "pageSize", "per_page", "limit", "offset", "skip", "cursor", "sort"];
    let mut filters = at.holes(made, operation);
    if !one {
        others(operation, &|wire| paging.contains(&wire), &mut filters);
    }
    filters.retain(|one| {
        one.needed && one.place.is_some()
            || one.place == Some(ParameterPlace::Query)
                && plain(&one.wire)
                && !matches!(one.shape, Shape::List(..) | Shape::Record(_) | Shape::Any)
    });
    if filters.iter().any(|one| one.place == Some(ParameterPlace::Query) && !plain(&one.wire)) {
        return None;
    }
    let last = at.collection.last().copied().unwrap_or_default();
    let name = if one { format!("Get{}", made.name) } else { format!("List{}", title(last, "All")) };
    Some(Asked {
        name: unused(name, taken),
        view: !one,
        request: request(operation, at, &filters),
        rows,
        filters,
        shown,
        id,
        page,
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
        Shape::Any if one => Some((None, Shape::Any)),
        // A record with one record in it and little else is a wrapper.
        Shape::Record(_) if one => match (wrapped.next(), wrapped.next()) {
            (Some((member, shape)), None) if members.len() == 1 || usual(&member.name) => {
                Some((Some(place(&member.name)), shape))
            }
            _ => Some((None, answer.clone())),
        },
        Shape::Record(_) => wrapped.next().map(|(member, shape)| (Some(place(&member.name)), shape)),
        _ => fits(answer).map(|shape| (None, shape)),
    }
}

/// Whether a contract has a type for it.
fn known(shape: &Shape) -> bool {
    match shape {
        Shape::Any => false,
        Shape::List(element, _) => known(element),
        Shape::Record(members) => members.iter().any(|member| known(&member.shape)),
        _ => true,
    }
}

fn page(operation: &Operation) -> Option<(String, String, i64, i64)> {
    let find = |names: &[&str]| {
        operation
            .parameters
            .iter()
            .find(|one| one.place == ParameterPlace::Query && names.contains(&&*one.name))
    };
    let (number, size) = (find(&["page"])?, find(&["page_size", "pageSize", "per_page", "size", "limit"])?);
    let first = i64::from(!matches!(number.shape, Shape::Whole(Some(0), _)));
    let most = if let Shape::Whole(_, Some(most)) = size.shape { most.clamp(1, 1_000) } else { 20 };
    Some((number.name.clone(), size.name.clone(), first, most))
}
