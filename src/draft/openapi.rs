use super::documents::{Documents, Node, NotADescription};
use super::scalar::default;
use super::schema::{Reader, Way};
use super::service::{Access, Member, Operation, Parameter, ParameterPlace, Service, Shape};
use crate::value::Value;

/// More operations are left out.
const MOST_OPERATIONS: usize = 2_000;

const METHODS: [&str; 5] = ["post", "put", "patch", "delete", "get"];

/// Reads an OpenAPI 3 document, in JSON or YAML, by itself: what it refers to beside it leads nowhere.
pub fn read(text: &[u8]) -> Result<Service, NotADescription> {
    Ok(Documents::parse(text)?.service())
}

impl Documents {
    /// What the document tells. What in it isn't as it should be is passed over: a first draft can do without.
    pub fn service(&self) -> Service {
        let root = self.root();
        let mut reader = Reader::new(self);
        let title = root.get("info").and_then(|info| info.text("title"));
        let (mut operations, more) = operations(&mut reader, root);
        let media = media(&mut operations);
        Service {
            title: title.unwrap_or_default().to_owned(),
            prefix: prefix(root),
            operations,
            media,
            more,
            access: access(root.value),
        }
    }
}

/// The type of all bodies, where it is one and not the usual one. A profile says it once.
fn media(operations: &mut [Operation]) -> Option<String> {
    let sent = |one: &&mut Operation| one.method != "GET" && one.body.is_some();
    let mut types = operations.iter_mut().filter(sent).map(|one| one.media.clone());
    let first = types.next()?.filter(|media| media.chars().all(|c| c.is_ascii_graphic() || c == ' '))?;
    if !types.all(|other| other.as_ref() == Some(&first)) {
        return None;
    }
    for operation in operations {
        operation.media = None;
    }
    Some(first)
}

/// The path of the first server, where it has one, with its variables as they are by default.
fn prefix(root: Node<'_>) -> String {
    let Some(server) = root.list("servers").next() else { return String::new() };
    let mut url = server.text("url").unwrap_or_default().to_owned();
    for (name, variable) in server.get("variables").into_iter().flat_map(Node::fields).take(20) {
        let default = variable.value.get("default");
        let default = default.map(|value| value.as_text().map_or_else(|| value.to_string(), str::to_owned));
        url = url.replace(&format!("{{{name}}}"), &default.unwrap_or_default());
    }
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => &url,
    };
    let usable =
        path.starts_with('/') && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if usable { path.trim_end_matches('/').to_owned() } else { String::new() }
}

/// The operations, and those that are more than a draft takes or whose paths no profile can say.
fn operations<'a>(reader: &mut Reader<'a>, root: Node<'a>) -> (Vec<Operation>, Vec<String>) {
    let (mut operations, mut more) = (Vec::new(), Vec::new());
    for (path, item) in root.get("paths").into_iter().flat_map(Node::fields) {
        let Some(item) = reader.follow(item) else {
            reader.noted();
            more.push(format!("{path}: its reference leads nowhere"));
            continue;
        };
        for method in METHODS {
            let Some(found) = item.get(method).filter(|found| found.value.as_record().is_some()) else {
                continue;
            };
            let name = format!("{} {path}", method.to_ascii_uppercase());
            // Documents that are split over files have operations elsewhere, too.
            let Some(found) = reader.follow(found) else {
                more.push(format!("{name}: its reference leads nowhere"));
                continue;
            };
            if !usable(path) {
                more.push(format!("{name}: its path has parts that no profile can say"));
            } else if operations.len() == MOST_OPERATIONS {
                more.push(format!("{name}: behind the first {MOST_OPERATIONS} operations"));
            } else {
                operations.push(operation(reader, method, path, item, found));
            }
        }
    }
    (operations, more)
}

fn operation<'a>(
    reader: &mut Reader<'a>,
    method: &str,
    path: &str,
    item: Node<'a>,
    found: Node<'a>,
) -> Operation {
    let mut operation = Operation {
        method: method.to_ascii_uppercase(),
        path: path.to_owned(),
        id: found.text("operationId").map(str::to_owned),
        ..Operation::default()
    };
    reader.noted();
    for place in [found, item] {
        parameters_of(reader, place, &mut operation.parameters);
    }
    if let Some(body) = found.get("requestBody").and_then(|body| reader.follow(body)) {
        requested(reader, body, &mut operation);
    }
    operation.notes = reader.noted();
    answers(reader, found, &mut operation);
    // Whoever sends a command needs to know little of its answer.
    let shown = reader.noted();
    operation.notes.extend(shown.into_iter().filter(|_| method == "get"));
    operation
}

/// Whether a path can be put into a profile.
fn usable(path: &str) -> bool {
    path.starts_with('/')
        && path.len() <= 500
        && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~{}:@!,;=+".contains(c))
        && path.split('/').all(|part| {
            let holes = part.matches('{').count();
            holes == 0 && !part.contains('}') || holes == 1 && part.starts_with('{') && part.ends_with('}')
        })
}

fn parameters_of<'a>(reader: &mut Reader<'a>, place: Node<'a>, out: &mut Vec<Parameter>) {
    for parameter in place.list("parameters").take(100) {
        let Some(parameter) = reader.follow(parameter) else { continue };
        let place = match parameter.text("in") {
            Some("path") => ParameterPlace::Path,
            Some("query") => ParameterPlace::Query,
            Some("header") => ParameterPlace::Header,
            _ => continue,
        };
        let Some(name) = parameter.text("name") else { continue };
        if out.iter().any(|known| known.name == name && known.place == place) {
            continue;
        }
        // Header fields are written where the profile says, whatever they look like.
        let schema = parameter.get("schema").filter(|_| place != ParameterPlace::Header);
        let shape = schema.map_or(Shape::Any, |schema| reader.parameter(name, schema));
        let default = schema.and_then(|schema| default(schema, &shape));
        let required = parameter.value.get("required").and_then(Value::as_bool).unwrap_or(false);
        out.push(Parameter { name: name.to_owned(), place, required, shape, default });
    }
}

/// The type and the schema of what stands under `content`, where it is JSON.
fn json(holder: Node<'_>) -> Option<(&str, Option<Node<'_>>)> {
    let json = |name: &str| name.to_ascii_lowercase().contains("json") || name == "*/*";
    let content = holder.get("content")?;
    let (name, media) = content.fields().find(|(name, _)| json(name))?;
    Some((name, media.get("schema")))
}

/// What an operation takes as its body.
fn requested<'a>(reader: &mut Reader<'a>, body: Node<'a>, operation: &mut Operation) {
    let Some((media, schema)) = json(body) else {
        let other = body.get("content").and_then(|content| content.fields().next());
        let needed = body.value.get("required").and_then(Value::as_bool) == Some(true);
        // Nothing else has fields to tell an empty body from.
        operation.unsendable = other.map(|(media, _)| media.to_owned());
        if needed && other.is_none() {
            operation.unsendable = Some("an unknown type".to_owned());
        }
        return;
    };
    let plain = media.split(';').next().unwrap_or_default().trim();
    operation.media = Some(media.to_owned()).filter(|_| plain != "application/json" && plain != "*/*");
    let mut shape = schema.map_or(Shape::Any, |schema| reader.begin(schema, Way::Sent));
    // A record with nothing in it but another one is a wrapper.
    loop {
        match shape {
            Shape::Record(mut members) if wraps(&members) => {
                let Some(inner) = members.pop() else { break };
                operation.around.push(inner.name);
                shape = inner.shape;
            }
            other => {
                operation.body = Some(other);
                break;
            }
        }
    }
}

fn wraps(members: &[Member]) -> bool {
    matches!(members, [Member { shape: Shape::Record(inner), .. }] if !inner.is_empty())
}

fn answers<'a>(reader: &mut Reader<'a>, found: Node<'a>, operation: &mut Operation) {
    for (status, answer) in found.get("responses").into_iter().flat_map(Node::fields).take(100) {
        let Some(answer) = reader.follow(answer) else { continue };
        let good = status.starts_with('2');
        if let Ok(status) = status.parse() {
            operation.statuses.push(status);
        }
        let schema = json(answer).and_then(|(_, schema)| schema);
        if let Some(schema) = schema.filter(|_| good && operation.answer.is_none()) {
            operation.answer = Some(reader.begin(schema, Way::Shown));
        }
        if let Some(schema) = schema.filter(|_| status.starts_with('4')) {
            let shape = reader.begin(schema, Way::Shown);
            codes(&shape, operation);
        }
        for (name, _) in answer.get("headers").filter(|_| good).into_iter().flat_map(Node::fields) {
            operation.tells.push(name.to_ascii_lowercase());
        }
    }
}

/// Where a no has its code, which codes there are, and where it has its words.
fn codes(shape: &Shape, operation: &mut Operation) {
    let first = |name: &str| match shape.member(name).map(|member| &member.shape) {
        Some(Shape::List(element, _)) => element,
        _ => &Shape::Any,
    };
    let within = shape.member("error").map_or(&Shape::Any, |error| &error.shape);
    let places = [("$", shape), ("$.error", within), ("$.errors[0]", first("errors"))];
    let find = |names: &[&str]| {
        places.into_iter().find_map(|(at, shape)| {
            let told = |member: &&Member| matches!(member.shape, Shape::Text { .. } | Shape::Choice(_));
            let member = names.iter().find_map(|name| shape.member(name).filter(told))?;
            Some((format!("{at}.{}", member.name), &member.shape))
        })
    };
    if let Some((place, _)) = find(&["detail", "message", "error_description", "title", "error", "msg"]) {
        operation.worded.get_or_insert(place);
    }
    let Some((place, shape)) = find(&["code", "error_code", "errorCode"]) else { return };
    operation.coded.get_or_insert(place);
    let words = if let Shape::Choice(words) = shape { &**words } else { &[] };
    for word in words {
        if !operation.codes.contains(word) {
            operation.codes.push(word.clone());
        }
    }
}

/// What has to be shown, by what the document demands in general or, where it doesn't, of the first operation that says so.
fn access(json: &Value) -> Access {
    let paths = json.get("paths").and_then(Value::as_record);
    let each = paths.into_iter().flat_map(|paths| paths.iter().filter_map(|(_, item)| item.as_record()));
    let operations = each.flat_map(|item| item.iter().map(|(_, operation)| operation));
    let demands = operations.filter_map(|operation| operation.get("security"));
    let demand = json.get("security").into_iter().chain(demands).find_map(|demand| {
        let list = demand.as_list()?;
        (!list.is_empty()).then_some(list)
    });
    let Some(demand) = demand else { return Access::Open };
    if demand.iter().any(|one| one.as_record().is_some_and(crate::value::Record::is_empty)) {
        return Access::Optional;
    }
    let name = demand.first().and_then(Value::as_record).and_then(|one| one.names().next());
    let schemes = json.get("components").and_then(|components| components.get("securitySchemes"));
    let Some((name, scheme)) = name.and_then(|name| Some((name, schemes?.get(name)?))) else {
        return Access::Open;
    };
    let of = |field: &str| scheme.get(field).and_then(Value::as_text).unwrap_or_default();
    let header = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !name.is_empty();
    match (of("type"), &*of("scheme").to_ascii_lowercase()) {
        ("http", "basic") => Access::Basic,
        ("http", "bearer") | ("oauth2" | "openIdConnect", _) => Access::Bearer,
        ("apiKey", _) if of("in") == "header" && header(of("name")) => Access::Header(of("name").to_owned()),
        _ => Access::Other(name.to_owned()),
    }
}
