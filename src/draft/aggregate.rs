use super::message::{Place, command, query};
use super::names::{field, place, singular, snake, title, unused};
use super::outline::{Aggregate, Field, Kind, Outline};
use super::service::{self, Operation, ParameterPlace, Service, Shape};
use super::types::choosable;

/// The pieces of a path.
pub(super) type Path<'a> = Vec<&'a str>;

pub(super) fn pieces(path: &str) -> Path<'_> {
    path.split('/').filter(|piece| !piece.is_empty()).collect()
}

pub(super) fn hole(piece: &str) -> bool {
    piece.starts_with('{')
}

/// What a hole is called on the wire.
pub(super) fn inner(piece: &str) -> &str {
    piece.trim_matches(['{', '}'])
}

/// Whether `path` begins as `here` does. What its holes are called makes no difference.
fn begins(path: &[&str], here: &[&str]) -> bool {
    path.len() >= here.len()
        && path.iter().zip(here).all(|(one, other)| one == other || hole(one) && hole(other))
}

/// Whether `path` is that of one in the collection `here`, or below it.
pub(super) fn item_of(here: &[&str], path: &[&str]) -> bool {
    path.len() > here.len() && begins(path, here) && hole(path[here.len()])
}

/// Whether `path` shows one of the collection `here` on a side of its own for reads: `/views/accounts/{id}` for `/accounts`.
pub(super) fn reads(here: &[&str], path: &[&str]) -> bool {
    let (Some(last), Some((hole_at, before))) = (here.last(), path.split_last()) else { return false };
    let plain = |pieces: &[&str]| !pieces.iter().any(|piece| hole(piece));
    let same = before.last().is_some_and(|word| singular(word) == singular(last));
    // `/accounts/{id}` behind the same pieces is no other side but the item itself.
    plain(here) && plain(before) && hole(hole_at) && same && before != here
}

/// The aggregate that `service.operations[creator]` creates, with all that can be done with it.
pub(super) fn aggregate(
    service: &Service,
    paths: &[Path<'_>],
    creator: usize,
    creators: &[usize],
    used: &mut [bool],
    outline: &mut Outline,
) {
    let by_path = service.operations[creator].method == "PUT";
    let here = &collection(&paths[creator], by_path).to_vec();
    let last = here[here.len() - 1];
    let nested = here.iter().any(|piece| hole(piece));
    // One of these may also be asked for without saying whose it is.
    let flat = nested && !creators.iter().any(|other| paths[*other] == [last]);
    // Another collection may have the same name, on the same side as this one.
    let others = |path: &[&str]| creators.iter().any(|other| item_of(&paths[*other], path));
    let place_of = |path: &[&str]| match () {
        () if item_of(here, path) => Some(here.len()),
        () if flat && item_of(&[last], path) => Some(1),
        () if reads(here, path) && !others(path) => Some(path.len() - 1),
        () => None,
    };
    // What is created below this one has a place of its own.
    let inner_ones = below(paths, here, creator, creators);
    let elsewhere = |path: &[&str]| inner_ones.iter().any(|inner| begins(path, inner));
    let mut made = begun(service, paths, creator, &place_of, outline);
    for (at, path) in paths.iter().enumerate() {
        let operation = &service.operations[at];
        if used[at] || elsewhere(path) && at != creator {
            continue;
        }
        let own = place_of(path);
        let rest = own.map_or(&[][..], |own| &path[own + 1..]);
        let whole = path.len() == here.len() && begins(path, here);
        if operation.method != "GET" {
            if own.is_none() && at != creator {
                continue;
            }
            let taken = |name: &str| outline.has(name) || made.has(name);
            let command = command(
                &made,
                operation,
                Place { path, own, collection: here, creates: at == creator },
                &taken,
            );
            used[at] = true;
            note(outline, operation);
            made.commands.push(command);
        } else if rest.is_empty()
            && (own.is_some() || whole || path.last() == here.last() && !path.contains(&"search"))
        {
            let taken = |name: &str| outline.has(name) || made.has(name);
            if let Some(query) =
                query(&made, operation, Place { path, own, collection: here, creates: false }, &taken)
            {
                used[at] = true;
                made.queries.push(query);
            }
        }
    }
    // Where a life begins is where a reader begins.
    made.commands.sort_by_key(|command| command.kind != Kind::Create);
    keep(&mut made);
    outline.aggregates.push(made);
}

/// The paths that create something below one of the collection `here`.
fn below<'p, 'a>(
    paths: &'p [Path<'a>],
    here: &[&str],
    creator: usize,
    creators: &[usize],
) -> Vec<&'p Path<'a>> {
    let others = creators.iter().filter(|at| **at != creator).map(|at| &paths[*at]);
    others.filter(|path| path.len() > here.len() + 1 && item_of(here, path)).collect()
}

/// Its name, its owners, and where its id comes from.
fn begun(
    service: &Service,
    paths: &[Path<'_>],
    creator: usize,
    place_of: &dyn Fn(&[&str]) -> Option<usize>,
    outline: &Outline,
) -> Aggregate {
    let by_path = service.operations[creator].method == "PUT";
    let here = collection(&paths[creator], by_path);
    let name = title(&singular(here[here.len() - 1]), "Thing");
    let name = unused(name, &|name| outline.aggregates.iter().any(|known| known.name == name));
    let mut made = Aggregate {
        variable: snake(&name, "thing"),
        collection: here.iter().map(|piece| (*piece).to_owned()).collect(),
        own_id: None,
        chosen: by_path,
        taken: Vec::new(),
        id_form: "string",
        kept: Vec::new(),
        owners: owners(here, &service.operations[creator], outline),
        phase: String::new(),
        commands: Vec::new(),
        queries: Vec::new(),
        name,
    };
    let get = paths.iter().zip(&service.operations).find_map(|(path, operation)| {
        let own = place_of(path).filter(|own| operation.method == "GET" && path.len() == own + 1)?;
        Some((operation, inner(path[own])))
    });
    identify(&mut made, &service.operations[creator], get);
    made
}

/// The path of the collection that something is created in: `PUT` names the new one behind it.
fn collection<'p, 'a>(path: &'p [&'a str], by_path: bool) -> &'p [&'a str] {
    match path.split_last() {
        Some((_, before)) if by_path => before,
        _ => path,
    }
}

/// What the holes in the path of a collection stand for.
fn owners(here: &[&str], creating: &Operation, outline: &Outline) -> Vec<Field> {
    let mut owners: Vec<Field> = Vec::new();
    for (at, piece) in here.iter().enumerate().filter(|(_, piece)| hole(piece)) {
        let collection = &here[..at];
        let known = outline.aggregates.iter().find(|known| {
            let theirs: Vec<&str> = known.collection.iter().map(|piece| &**piece).collect();
            theirs.len() == at && begins(&theirs, collection)
        });
        let name = known.map_or_else(|| hole_name(here, at), |known| field(&known.variable));
        let name = unused(name, &|name| owners.iter().any(|owner| owner.name == name));
        let wire = inner(piece).to_owned();
        let told =
            creating.parameters.iter().find(|one| one.place == ParameterPlace::Path && one.name == wire);
        let shape =
            told.map(|one| one.shape.clone()).filter(|shape| !matches!(shape, Shape::Any | Shape::Lost));
        owners.push(Field {
            name,
            wire,
            shape: shape.unwrap_or_else(Shape::text),
            needed: true,
            null: false,
            default: None,
            place: Some(ParameterPlace::Path),
            refers: known.map(|known| known.name.clone()),
        });
    }
    owners
}

/// What a hole in a path is called here: `{id}` behind `users` is `user_id`.
pub(super) fn hole_name(path: &[&str], at: usize) -> String {
    let wire = inner(path[at]);
    let before = path[..at].iter().rev().find(|piece| !hole(piece));
    match before.filter(|_| ["id", "uuid"].contains(&wire)) {
        Some(before) => field(&format!("{}_{wire}", snake(&singular(before), "thing"))),
        None => field(wire),
    }
}

/// What the header parameters of a command tell of the service.
pub(super) fn note(outline: &mut Outline, operation: &Operation) {
    for parameter in operation.parameters.iter().filter(|one| one.place == ParameterPlace::Header) {
        let header = parameter.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if header && parameter.name.to_ascii_lowercase().contains("idempotency-key") {
            let required = outline.key.as_ref().is_some_and(|(_, required)| *required) || parameter.required;
            outline.key = Some((parameter.name.clone(), required));
        }
    }
}

/// Where ids come from.
fn identify(made: &mut Aggregate, creating: &Operation, get: Option<(&Operation, &str)>) {
    let param = get.map(|(_, param)| param);
    let names = id_names(made, param);
    let body = creating.body.as_ref().map(Shape::members).unwrap_or_default();
    let own = body
        .iter()
        .filter(|member| names.contains(&member.name))
        .find(|member| member.required() && matches!(member.shape, Shape::Text { .. } | Shape::Whole(..)));
    let mut form = own.map(|own| own.shape.clone());
    if made.chosen {
        let of_path = get.and_then(|(get, param)| get.parameters.iter().find(|one| one.name == param));
        form = of_path.map(|one| one.shape.clone()).filter(|shape| *shape != Shape::Any).or(form);
    } else if let Some(own) = own {
        made.own_id = Some(own.name.clone());
        made.chosen = true;
    } else {
        form = taken(made, creating, &names);
        let of_path = get.and_then(|(get, param)| get.parameters.iter().find(|one| one.name == param));
        form = of_path.map(|one| one.shape.clone()).filter(|shape| *shape != Shape::Any).or(form);
        if made.taken.is_empty() {
            made.taken.push("$.id".to_owned());
        }
        let number = if whole(form.as_ref()) { " | number" } else { "" };
        if made.taken.first().is_none_or(|first| first == "$.id")
            || creating.tells.iter().any(|name| name == "location")
        {
            made.taken.push(format!("header Location ~ /([^\\/?]+)\\/?$/{number}"));
        }
    }
    made.id_form = match form {
        form if whole(form.as_ref()) => "int",
        Some(Shape::Text { kind: service::Kind::Uuid, .. }) => "uuid",
        _ => "string",
    };
}

/// Whether ids are numbers. Some documents know no other than `number`.
fn whole(form: Option<&Shape>) -> bool {
    matches!(form, Some(Shape::Whole(..) | Shape::Decimal { text: false, .. }))
}

/// Looks where the answer has the id, and what it looks like there.
fn taken(made: &mut Aggregate, creating: &Operation, names: &[String]) -> Option<Shape> {
    let answer = creating.answer.as_ref()?;
    if let scalar @ (Shape::Text { .. } | Shape::Whole(..)) = answer {
        made.taken.push("$".to_owned());
        return Some(scalar.clone());
    }
    let inside = answer.members().iter().filter(|member| !member.shape.members().is_empty());
    let within = inside.map(|member| (place(&member.name), &member.shape));
    let mut places = [("$".to_owned(), answer)].into_iter().chain(within);
    let (at, member) =
        places.find_map(|(at, shape)| Some((at, names.iter().find_map(|name| shape.member(name))?)))?;
    made.taken.push(format!("{at}{}", &place(&member.name)[1..]));
    Some(member.shape.clone())
}

/// What its id may be called.
pub(super) fn id_names(made: &Aggregate, param: Option<&str>) -> Vec<String> {
    let camel = made.variable.split('_').enumerate().map(|(index, word)| match index {
        0 => word.to_owned(),
        _ => title(word, ""),
    });
    let camel: String = camel.collect();
    let mut names = vec!["id".to_owned(), format!("{}_id", made.variable), format!("{camel}Id")];
    names.extend(param.map(str::to_owned));
    names.extend(["uuid".to_owned(), "_id".to_owned()]);
    names
}

/// What is sent and shown alike is kept, if what is shown can be told from what is sent.
fn keep(made: &mut Aggregate) {
    let created = made.commands.iter().find(|command| command.kind == Kind::Create);
    let sent = created.map(|command| &*command.fields).unwrap_or_default();
    // What need not be sent, and yet is always shown, is something that the service makes up.
    let told = |one: &Field, shown: &Field| one.required() || one.default.is_some() || !shown.required();
    let shown = |one: &&Field| {
        let mut shown =
            made.queries.iter().flat_map(|query| &query.shown).filter(|other| same(one, other)).peekable();
        shown.peek().is_some() && shown.all(|other| told(one, other))
    };
    made.kept = sent
        .iter()
        .filter(|one| one.place.is_none() && !matches!(one.shape, Shape::Any | Shape::Lost))
        .filter(shown)
        .cloned()
        .collect();
    let all = |name: &str| sent.iter().any(|one| one.name == name);
    made.phase = unused("phase".to_owned(), &all);
}

/// Whether a field that is sent and one that is shown mean the same.
pub(super) fn same(sent: &Field, shown: &Field) -> bool {
    sent.name == shown.name && alike(&sent.shape, &shown.shape)
}

fn alike(sent: &Shape, shown: &Shape) -> bool {
    match (sent, shown) {
        (Shape::List(sent, _), Shape::List(shown, _)) => alike(sent, shown),
        (Shape::Record(sent), Shape::Record(shown)) => sent
            .iter()
            .all(|one| shown.iter().any(|other| other.name == one.name && alike(&one.shape, &other.shape))),
        (Shape::Choice(sent), Shape::Choice(shown)) => sent == shown,
        // Both are texts here.
        (Shape::Choice(sent), Shape::Text { kind: service::Kind::Plain, .. }) => !choosable(sent),
        (Shape::Map(sent), Shape::Map(shown)) => sent == shown || alike(sent, shown),
        (Shape::Among(numbers), Shape::Whole(..)) => numbers.iter().all(|number| number.to_i64().is_some()),
        (Shape::Among(_), Shape::Decimal { text: false, .. }) => true,
        (Shape::Decimal { text: sent, .. }, Shape::Decimal { text: shown, .. }) => sent == shown,
        (sent, shown) => {
            let known = !matches!(sent, Shape::Any | Shape::Lost);
            known && std::mem::discriminant(sent) == std::mem::discriminant(shown)
        }
    }
}
