use super::schema::{BUDGET, Reader, default};
use super::service::{Access, Operation, Parameter, ParameterPlace, Service, Shape};
use crate::value::{JsonError, Limits, Value};

/// More operations are left out.
const MOST_OPERATIONS: usize = 2_000;

const METHODS: [&str; 5] = ["post", "put", "patch", "delete", "get"];

/// Why a text is no description of a service that can be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotADescription {
    /// It is a page.
    #[error("it is a page for people (HTML), not an OpenAPI document")]
    Page,
    /// It is YAML with a mistake.
    #[error("it can't be read as YAML: {0}")]
    Yaml(String),
    /// It is no JSON.
    #[error("it can't be read as JSON: {0}")]
    Json(JsonError),
    /// It is something else.
    #[error("it is no OpenAPI document: it has no `openapi: 3.…`")]
    Other,
    /// It is of a version before 3.
    #[error(
        "it is a Swagger 2 document; convert it to OpenAPI 3 first, such as with `npx swagger2openapi FILE`"
    )]
    Swagger,
}

/// Reads an OpenAPI 3 document, in JSON or YAML. What in it isn't as it should be is passed over: a first draft can do without.
pub fn read(text: &[u8]) -> Result<Service, NotADescription> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let json = match Value::from_json(text, &Limits::default()) {
        Ok(json) => json,
        Err(error) => match (text.iter().find(|byte| !byte.is_ascii_whitespace()), std::str::from_utf8(text))
        {
            (Some(b'<'), _) => return Err(NotADescription::Page),
            (Some(b'{' | b'['), _) => return Err(NotADescription::Json(error)),
            (_, Ok(text)) if text.contains("openapi") || text.contains("swagger") => {
                super::yaml::read(text).map_err(NotADescription::Yaml)?
            }
            _ => return Err(NotADescription::Json(error)),
        },
    };
    if json.get("swagger").is_some() {
        return Err(NotADescription::Swagger);
    }
    // In YAML a version of two parts is a number.
    let version = json
        .get("openapi")
        .map(|version| version.as_text().map_or_else(|| version.to_string(), str::to_owned));
    if !version.is_some_and(|version| version.starts_with("3.")) {
        return Err(NotADescription::Other);
    }
    let mut reader = Reader { root: &json, budget: BUDGET };
    let title = json.get("info").and_then(|info| info.get("title")).and_then(Value::as_text);
    Ok(Service {
        title: title.unwrap_or_default().to_owned(),
        prefix: prefix(&json),
        operations: operations(&mut reader, &json),
        access: access(&json),
    })
}

/// The path of the first server, where it has one.
fn prefix(json: &Value) -> String {
    let first = json.get("servers").and_then(Value::as_list).and_then(<[_]>::first);
    let url = first.and_then(|server| server.get("url")).and_then(Value::as_text).unwrap_or_default();
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("", |at| &rest[at..]),
        None => url,
    };
    let usable =
        path.starts_with('/') && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-_.~".contains(c));
    if usable { path.trim_end_matches('/').to_owned() } else { String::new() }
}

fn operations<'a>(reader: &mut Reader<'a>, json: &'a Value) -> Vec<Operation> {
    let mut operations = Vec::new();
    let Some(paths) = json.get("paths").and_then(Value::as_record) else { return operations };
    for (path, item) in paths.iter() {
        let Some(item) = reader.follow(item).filter(|_| usable(path)) else { continue };
        for method in METHODS {
            let Some(found) = item.get(method).filter(|found| found.as_record().is_some()) else { continue };
            if operations.len() == MOST_OPERATIONS {
                return operations;
            }
            let mut parameters = Vec::new();
            for place in [found, item] {
                parameters_of(reader, place, &mut parameters);
            }
            let mut operation = Operation {
                method: method.to_ascii_uppercase(),
                path: path.to_owned(),
                parameters,
                body: found.get("requestBody").and_then(|body| content(reader, body)),
                ..Operation::default()
            };
            answers(reader, found, &mut operation);
            operations.push(operation);
        }
    }
    operations
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

fn parameters_of<'a>(reader: &mut Reader<'a>, place: &'a Value, out: &mut Vec<Parameter>) {
    let Some(listed) = place.get("parameters").and_then(Value::as_list) else { return };
    for parameter in listed.iter().take(100) {
        let Some(parameter) = reader.follow(parameter) else { continue };
        let of = |name: &str| parameter.get(name).and_then(Value::as_text);
        let place = match of("in") {
            Some("path") => ParameterPlace::Path,
            Some("query") => ParameterPlace::Query,
            Some("header") => ParameterPlace::Header,
            _ => continue,
        };
        let Some(name) = of("name") else { continue };
        if out.iter().any(|known| known.name == name && known.place == place) {
            continue;
        }
        let schema = parameter.get("schema");
        let shape = schema.map_or(Shape::Any, |schema| reader.shape(schema, 0).0);
        let default = schema.and_then(|schema| default(schema, &shape));
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or(false);
        out.push(Parameter { name: name.to_owned(), place, required, shape, default });
    }
}

/// The shape of what stands under `content`, where it is JSON.
fn content<'a>(reader: &mut Reader<'a>, holder: &'a Value) -> Option<Shape> {
    let content = reader.follow(holder)?.get("content")?.as_record()?;
    let json = |name: &str| name.contains("json") || name == "*/*";
    let (_, media) = content.iter().find(|(name, _)| json(name))?;
    Some(reader.shape(media.get("schema")?, 0).0)
}

fn answers<'a>(reader: &mut Reader<'a>, found: &'a Value, operation: &mut Operation) {
    let Some(answers) = found.get("responses").and_then(Value::as_record) else { return };
    for (status, answer) in answers.iter().take(100) {
        let good = status.starts_with('2');
        if let Ok(status) = status.parse() {
            operation.statuses.push(status);
        }
        if good && operation.answer.is_none() {
            operation.answer = content(reader, answer);
        }
        if let Some(shape) = content(reader, answer).filter(|_| status.starts_with('4')) {
            codes(&shape, operation);
        }
        let headers = reader.follow(answer).filter(|_| good).and_then(|answer| answer.get("headers"));
        for name in headers.and_then(Value::as_record).into_iter().flat_map(crate::value::Record::names) {
            operation.tells.push(name.to_ascii_lowercase());
        }
    }
}

/// Where a no has its code, and which codes there are.
fn codes(shape: &Shape, operation: &mut Operation) {
    let within = shape.member("error").map_or(&Shape::Any, |error| &error.shape);
    let found = [("$", shape), ("$.error", within)].into_iter().find_map(|(at, shape)| {
        let named = ["code", "error_code", "errorCode"].into_iter().find_map(|name| shape.member(name));
        named.map(|member| (format!("{at}.{}", member.name), &member.shape))
    });
    let Some((place, shape)) =
        found.filter(|(_, shape)| matches!(shape, Shape::Text { .. } | Shape::Choice(_)))
    else {
        return;
    };
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
