use super::names::{field, place, singular, snake, title, unused};
use super::service::{Access, Member, Operation, Parameter, ParameterPlace, Service, Shape};

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
    pub required: bool,
    /// Where it goes; `None` is the body.
    pub place: Option<ParameterPlace>,
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
    /// Whether a no has a `code` in its body.
    pub coded: bool,
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
    let paths: Vec<Vec<&str>> = service.operations.iter().map(|one| pieces(&one.path)).collect();
    let mut used = vec![false; service.operations.len()];
    let mut outline = Outline {
        contract: snake(&service.title, "service"),
        title: service.title.clone(),
        base: format!("{}{}", url.trim_end_matches('/'), service.prefix),
        access: service.access.clone(),
        ..Outline::default()
    };
    for (index, operation) in service.operations.iter().enumerate() {
        let here = &paths[index];
        let item = |path: &Vec<&str>| {
            path.len() == here.len() + 1 && path.starts_with(here) && hole(path[here.len()])
        };
        // Something that is created in a collection, and then has a path of its own or stands in a list.
        let asked =
            |at: usize| service.operations[at].method == "GET" && (item(&paths[at]) || paths[at] == *here);
        let creates = operation.method == "POST" && here.iter().all(|piece| !hole(piece)) && !here.is_empty();
        if creates && (0..paths.len()).any(asked) {
            aggregate(service, &paths, index, &mut used, &mut outline);
        }
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

fn pieces(path: &str) -> Vec<&str> {
    path.split('/').filter(|piece| !piece.is_empty()).collect()
}

fn hole(piece: &str) -> bool {
    piece.starts_with('{')
}

fn aggregate(
    service: &Service,
    paths: &[Vec<&str>],
    creator: usize,
    used: &mut [bool],
    outline: &mut Outline,
) {
    let here = &paths[creator];
    let last = here.last().copied().unwrap_or_default();
    let name = title(&singular(last), "Thing");
    let name = unused(name, &|name| outline.aggregates.iter().any(|known| known.name == name));
    let find = |method: &str, path: &dyn Fn(&Vec<&str>) -> bool| {
        (0..paths.len()).find(|at| service.operations[*at].method == method && path(&paths[*at]))
    };
    let item =
        |path: &Vec<&str>| path.len() == here.len() + 1 && path.starts_with(here) && hole(path[here.len()]);
    let get = find("GET", &item);
    let creating = &service.operations[creator];
    let mut made = Aggregate {
        variable: snake(&name, "thing"),
        own_id: None,
        taken: Vec::new(),
        id_form: "string",
        kept: Vec::new(),
        phase: String::new(),
        commands: Vec::new(),
        queries: Vec::new(),
        name,
    };
    let param = get.map(|get| paths[get][here.len()].trim_matches(['{', '}']).to_owned());
    identify(&mut made, creating, get.map(|get| &service.operations[get]), param.as_deref());
    for at in 0..paths.len() {
        let (operation, path) = (&service.operations[at], &paths[at]);
        let below = path.len() > here.len() && path.starts_with(here) && hole(path[here.len()]);
        let rest = if below { &path[here.len() + 1..] } else { &[] };
        let own = below || path == here;
        if used[at] || operation.method == "GET" && !rest.is_empty() {
            continue;
        }
        let is_get = operation.method == "GET";
        if own && !is_get && (below || at == creator) {
            used[at] = true;
            let taken = |name: &str| {
                let others = outline.aggregates.iter().chain([&made]).flat_map(|known| &known.commands);
                others.into_iter().any(|known| known.name == name)
            };
            let command = command(&made, operation, path, here.len(), rest, &taken);
            note(outline, operation);
            made.commands.push(command);
        } else if is_get && (own || path.last() == here.last() && !path.contains(&"search")) {
            let taken = |name: &str| {
                let others = outline.aggregates.iter().chain([&made]).flat_map(|known| &known.queries);
                others.into_iter().any(|known| known.name == name)
            };
            if let Some(query) = query(&made, operation, path, here.len(), below, last, &taken) {
                used[at] = true;
                outline.versioned |= below && operation.tells.iter().any(|name| name == "etag");
                made.queries.push(query);
            }
        }
    }
    // A version that no command takes is of no use here.
    keep(&mut made);
    outline.aggregates.push(made);
}

/// What the header parameters of a command tell of the service.
fn note(outline: &mut Outline, operation: &Operation) {
    for parameter in operation.parameters.iter().filter(|one| one.place == ParameterPlace::Header) {
        let header = parameter.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if header && parameter.name.to_ascii_lowercase().contains("idempotency-key") {
            let required = outline.key.as_ref().is_some_and(|(_, required)| *required) || parameter.required;
            outline.key = Some((parameter.name.clone(), required));
        }
    }
}

/// Where ids come from.
fn identify(made: &mut Aggregate, creating: &Operation, get: Option<&Operation>, param: Option<&str>) {
    let names = id_names(made, param);
    let is_id = |member: &&Member| names.contains(&member.name);
    let body = creating.body.as_ref().map(Shape::members).unwrap_or_default();
    let own = body
        .iter()
        .filter(is_id)
        .find(|member| member.required && matches!(member.shape, Shape::Text { .. }));
    let mut form = own.map(|own| own.shape.clone());
    if let Some(own) = own {
        made.own_id = Some(own.name.clone());
    } else {
        let answer = creating.answer.as_ref();
        match answer {
            Some(scalar @ (Shape::Text { .. } | Shape::Whole(..))) => {
                made.taken.push("$".to_owned());
                form = Some(scalar.clone());
            }
            Some(answer) => {
                let inside = answer.members().iter().filter(|member| !member.shape.members().is_empty());
                let within = inside.map(|member| (place(&member.name), &member.shape));
                for (at, shape) in [("$".to_owned(), answer)].into_iter().chain(within) {
                    let found = names.iter().find_map(|name| shape.member(name));
                    if let Some(member) = found.filter(|_| made.taken.is_empty()) {
                        made.taken.push(format!("{at}{}", &place(&member.name)[1..]));
                        form = Some(member.shape.clone());
                    }
                }
            }
            None => {}
        }
        let of_path = get.and_then(|get| get.parameters.iter().find(|one| Some(&*one.name) == param));
        form = of_path.map(|one| one.shape.clone()).filter(|shape| *shape != Shape::Any).or(form);
        if made.taken.is_empty() {
            made.taken.push("$.id".to_owned());
        }
        let number = if matches!(form, Some(Shape::Whole(..))) { " | number" } else { "" };
        if made.taken.first().is_none_or(|first| first == "$.id")
            || creating.tells.iter().any(|name| name == "location")
        {
            made.taken.push(format!("header Location ~ /([^\\/?]+)\\/?$/{number}"));
        }
    }
    made.id_form = match form {
        Some(Shape::Whole(..)) => "int",
        Some(Shape::Text { uuid: true, .. }) => "uuid",
        _ => "string",
    };
}

fn id_names(made: &Aggregate, param: Option<&str>) -> Vec<String> {
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

fn fields_of(operation: &Operation, skip: &dyn Fn(&str) -> bool, places: &[ParameterPlace]) -> Vec<Field> {
    let body = operation.body.as_ref().map(Shape::members).unwrap_or_default().iter();
    let body = body.map(|one| (&one.name, &one.shape, one.required, None));
    let parameters = operation.parameters.iter().filter(|one| places.contains(&one.place));
    let parameters = parameters.map(|one: &Parameter| (&one.name, &one.shape, one.required, Some(one.place)));
    let mut fields: Vec<Field> = Vec::new();
    for (wire, shape, required, place) in body.chain(parameters).filter(|(wire, ..)| !skip(wire)) {
        let name = unused(field(wire), &|name| fields.iter().any(|known| known.name == name));
        fields.push(Field { name, wire: wire.clone(), shape: shape.clone(), required, place });
    }
    fields
}

/// The request of an operation: its holes are fields, but for the one at `own`.
fn request(operation: &Operation, own: Option<usize>, fields: &[Field], query: bool) -> String {
    let mut at = 0;
    let filled = operation.path.split('/').map(|piece| {
        let index = at;
        at += usize::from(!piece.is_empty());
        if !hole(piece) {
            return piece.to_owned();
        }
        let wire = piece.trim_matches(['{', '}']);
        let known = fields.iter().find(|one| one.place == Some(ParameterPlace::Path) && one.wire == wire);
        match known {
            _ if own == Some(index) => "${on}".to_owned(),
            Some(known) => format!("${{.{}}}", known.name),
            None => format!("${{.{}}}", field(wire)),
        }
    });
    let filled: Vec<String> = filled.collect();
    let mut text = format!("{} {}", operation.method, filled.join("/"));
    let asked = fields.iter().filter(|one| query && one.place == Some(ParameterPlace::Query));
    for (index, one) in asked.enumerate() {
        let mark = if one.required { "" } else { "?" };
        text.push_str(if index == 0 { "?" } else { "&" });
        text.push_str(&format!("{}=${{.{}{mark}}}", one.wire, one.name));
    }
    text
}

fn command(
    made: &Aggregate,
    operation: &Operation,
    path: &[&str],
    own: usize,
    rest: &[&str],
    taken: &dyn Fn(&str) -> bool,
) -> Changed {
    let creates = path.len() == own;
    let (kind, name) = match (&*operation.method, rest) {
        ("POST", []) if creates => (Kind::Create, format!("Create{}", made.name)),
        ("PUT", []) => (Kind::Replace, format!("Replace{}", made.name)),
        ("PATCH", []) => (Kind::Change, format!("Change{}", made.name)),
        ("DELETE", []) => (Kind::Delete, format!("Delete{}", made.name)),
        (method, rest) => {
            let word = rest.iter().rev().find(|piece| !hole(piece)).copied().unwrap_or_default();
            let one = singular(word);
            let verb = match method {
                "DELETE" => "Remove",
                "POST" if one == word => "",
                "POST" => "Add",
                _ => "Set",
            };
            let name = if verb.is_empty() {
                format!("{}{}", title(word, "Do"), made.name)
            } else {
                format!("{verb}{}", title(&one, &made.name))
            };
            (Kind::Other, name)
        }
    };
    let param = path.get(own).map(|piece| piece.trim_matches(['{', '}']));
    let names = id_names(made, None);
    // An id that the path says already, or that the service makes up, is no field.
    let in_body = |wire: &str| kind != Kind::Other && names.iter().any(|name| name == wire);
    let skip = |wire: &str| param == Some(wire) || made.own_id.as_deref() == Some(wire) || in_body(wire);
    let mut fields = fields_of(operation, &skip, &[ParameterPlace::Path, ParameterPlace::Query]);
    fields.retain(|one| one.required || one.shape != Shape::Any);
    for hole in path.iter().skip(own + 1).filter(|piece| hole(piece)) {
        let wire = hole.trim_matches(['{', '}']);
        if fields.iter().all(|one| one.wire != wire || one.place.is_none()) {
            let (name, wire) = (field(wire), wire.to_owned());
            let shape = Shape::Text { sample: None, most: None, uuid: false };
            fields.push(Field { name, wire, shape, required: true, place: Some(ParameterPlace::Path) });
        }
    }
    let request = request(operation, (!creates).then_some(own), &fields, true);
    let name = unused(name, taken);
    Changed { name, request, fields, kind, statuses: operation.statuses.clone(), coded: operation.coded }
}

fn query(
    made: &Aggregate,
    operation: &Operation,
    path: &[&str],
    own: usize,
    one: bool,
    last: &str,
    taken: &dyn Fn(&str) -> bool,
) -> Option<Asked> {
    let (rows, shape) = inside(operation.answer.as_ref().unwrap_or(&Shape::Any), one)?;
    let param = path.get(own).filter(|_| one).map(|piece| piece.trim_matches(['{', '}']));
    let names = id_names(made, param);
    let id = names.iter().find(|name| shape.member(name).is_some()).cloned();
    let mut shown = Vec::<Field>::new();
    for member in
        shape.members().iter().filter(|member| Some(&member.name) != id.as_ref() && known(&member.shape))
    {
        let name =
            unused(field(&member.name), &|name| shown.iter().any(|known| known.name == name) || name == "id");
        let (wire, shape, required) = (member.name.clone(), member.shape.clone(), member.required);
        shown.push(Field { name, wire, shape, required, place: None });
    }
    let page = page(operation).filter(|_| !one);
    let paging =
        ["page", "size", "page_size", "pageSize", "per_page", "limit", "offset", "skip", "cursor", "sort"];
    let places: &[ParameterPlace] =
        if one { &[ParameterPlace::Path] } else { &[ParameterPlace::Path, ParameterPlace::Query] };
    let skip = |wire: &str| param == Some(wire) || paging.contains(&wire);
    let mut filters = fields_of(operation, &skip, places);
    filters.retain(|one| one.place.is_some());
    let plain = |wire: &str| wire.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    filters.retain(|one| {
        one.required
            || plain(&one.wire) && !matches!(one.shape, Shape::List(..) | Shape::Record(_) | Shape::Any)
    });
    if filters.iter().any(|one| !plain(&one.wire)) {
        return None;
    }
    let name = if one { format!("Get{}", made.name) } else { format!("List{}", title(last, "All")) };
    let request = request(operation, one.then_some(own), &filters, true);
    let says_absent = operation.statuses.contains(&404);
    Some(Asked {
        name: unused(name, taken),
        view: !one,
        request,
        rows,
        filters,
        shown,
        id,
        page,
        says_absent,
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
    let first = if matches!(number.shape, Shape::Whole(Some(0), _)) { 0 } else { 1 };
    let most = if let Shape::Whole(_, Some(most)) = size.shape { most.clamp(1, 1_000) } else { 20 };
    Some((number.name.clone(), size.name.clone(), first, most))
}

/// What is sent and shown alike is kept.
fn keep(made: &mut Aggregate) {
    let created = made.commands.iter().find(|command| command.kind == Kind::Create);
    let sent = created.map(|command| &*command.fields).unwrap_or_default();
    let shown =
        |one: &&Field| made.queries.iter().any(|query| query.shown.iter().any(|other| same(one, other)));
    made.kept = sent
        .iter()
        .filter(|one| one.place.is_none() && one.shape != Shape::Any)
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
        (Shape::Decimal { text: sent, .. }, Shape::Decimal { text: shown, .. }) => sent == shown,
        (sent, shown) => std::mem::discriminant(sent) == std::mem::discriminant(shown) && *sent != Shape::Any,
    }
}
