//! `proofmark init` on documents that nobody wrote for it: an answer, files that lint accepts, and no panic.

use proofmark::draft;
use proofmark::value::{Limits, Value};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::check_output;
use super::init::{Directory, proofmark};
use crate::drafting::linted;

/// Whatever a document holds: an answer, files that lint accepts, and no panic.
#[test]
fn hostile_documents() {
    let deep = format!("{}{}", r#"{"items":"#.repeat(100), "}".repeat(100)).replace(":}", ":{}}");
    let wide: Vec<String> = (0..60_000)
        .map(|n| format!(r#""p{n}": {{"type": "string", "description": "{}"}}"#, "x".repeat(120)))
        .collect();
    let body = |schema: &str| {
        format!(
            r##"{{"openapi": "3.0.0", "info": {{"title": "x\"\n\u001b[31m${{env:HOME}}"}}, "paths": {{
 "/things": {{"post": {{"requestBody": {{"content": {{"application/json": {{"schema": {schema}}}}}}}, "responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}}},
 "/things/{{id}}": {{"get": {{"responses": {{"200": {{"content": {{"application/json": {{"schema": {schema}}}}}}}}}}}}},
 "/things/{{id}}/": {{"get": {{}}, "post": {{}}}}, "/things/{{id}}/do it": {{"post": {{}}}}, "/things/{{a}}/{{b}}/{{c}}": {{"post": {{}}, "delete": 7}}}},
 "components": {{"schemas": {{"A": {{"$ref": "#/components/schemas/B"}}, "B": {{"$ref": "#/components/schemas/A"}}, "C": {{"properties": {{"c": {{"$ref": "#/components/schemas/C"}}, "d": {{"$ref": "#/components/schemas/C"}}, "e": {{"allOf": [{{"$ref": "#/components/schemas/C"}}]}}}}}}}}}}}}"##
        )
    };
    let names = r#"{"properties": {"": {"type": "string"}, "self": {"type": "string"}, "a b": {"type": "string"}, "a-b": {"type": "integer"}, "é\u0000": {"type": "string"}, "${on}": {"type": "boolean"}, "phase": {"type": "string"}, "\"": {"enum": ["a", "a", "x y"]}, "id": {"type": "object"}, "n": {"type": "integer", "minimum": 9, "maximum": 1}}, "required": ["", "self", "a b", "a-b", "é\u0000", "${on}", "phase", "\""]}"#;
    let schemas = [
        r##"{"$ref": "#/components/schemas/A"}"##.to_owned(),
        r##"{"$ref": "#/components/schemas/C"}"##.to_owned(),
        r##"{"$ref": "#/~2/~"}"##.to_owned(),
        deep,
        names.to_owned(),
        "[]".to_owned(),
        format!("{{\"properties\": {{{}}}}}", wide.join(",")).chars().take(40).collect(),
    ];
    for (index, schema) in schemas.iter().enumerate() {
        survives(&format!("hostile-{index}"), &body(schema));
    }
    let wide = format!("{{\"properties\": {{{}}}}}", wide.join(","));
    survives(
        "hostile-wide",
        &body(r#"{"$ref": "SCHEMA"}"#).replace(r#"{"$ref": "SCHEMA"}"#, "{}").replacen("{}", &wide, 1),
    );
    survives("hostile-flow", &format!("openapi: 3.0.0\npaths: {}", "[".repeat(1_000_000)));
    survives("hostile-nested", &"[".repeat(1_000_000));
    survives("hostile-numbers", r#"{"openapi": 3, "paths": []}"#);
    assert!(Value::from_json(body(names), &Limits::default()).is_ok(), "the odd names are read");
}

#[track_caller]
fn survives(name: &str, document: &str) {
    let directory = Directory::new(name);
    std::fs::write(directory.0.join("openapi"), document).expect("a file");
    let made = proofmark(
        &directory.0,
        &["init", "--url", "http://127.0.0.1:9", "--openapi", "openapi", "--yes", "--name", "x"],
    );
    let said = format!("{}{}", String::from_utf8_lossy(&made.stdout), String::from_utf8_lossy(&made.stderr));
    assert!(!said.contains("panicked"), "{said}");
    match made.status.code() {
        Some(0) => {
            let linted = proofmark(&directory.0, &["lint", "x.contract", "x.toml", "x.scenario"]);
            check_output(&linted, 0, "");
            let all = std::fs::read_to_string(directory.0.join("x.contract")).expect("text");
            assert!(!all.contains('\u{1b}'), "{all:?}");
        }
        code => assert_eq!(code, Some(2), "{said}"),
    }
}

/// Names as they come, and as they shouldn't.
fn name() -> impl Strategy<Value = String> {
    const ODD: &[&str] = &[
        "id",
        "self",
        "on",
        "set",
        "state",
        "type",
        "phase",
        "absent",
        "shows",
        "null",
        "a b",
        "a-b",
        "A_B",
        "${on}",
        "\"",
        "",
        "1st",
        "é",
        "name",
        "title",
        "user",
        "userId",
        "list",
        "total",
        "paged",
        "unordered",
        "as",
        "x\ny",
        "code",
        "data",
        "items",
        "user_id",
        "noteId",
        "version",
        "page",
        "limit",
        "cursor",
        "next",
        "example",
        "message",
        "errors",
        "$ref",
    ];
    prop_oneof![3 => proptest::sample::select(ODD).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

/// Any JSON.
fn anything() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        name().prop_map(Json::from)
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Json::from),
            proptest::collection::vec((name(), inner), 0..3)
                .prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

fn schema() -> impl Strategy<Value = Json> {
    let count = 0..30_i64;
    let leaf = prop_oneof![
        (count.clone(), count.clone(), "\\^\\[[a-z0-9_-]{0,5}\\](\\+|\\*|\\{[0-9],[0-9]\\})?\\$", name()).prop_map(
            |(least, most, pattern, default)| json!({"type": "string", "minLength": least, "maxLength": most, "pattern": pattern, "default": default})
        ),
        (any::<i64>(), any::<i64>()).prop_map(|(least, most)| json!({"type": "integer", "minimum": least, "maximum": most, "default": least})),
        any::<f64>().prop_map(|least| json!({"type": "number", "minimum": least})),
        proptest::sample::select(&["uuid", "date-time", "email", "decimal"][..]).prop_map(|format| json!({"type": "string", "format": format})),
        proptest::collection::vec(name(), 0..4).prop_map(|words| json!({"enum": words, "default": words.first()})),
        proptest::collection::vec(-4..9_i64, 1..4).prop_map(|numbers| json!({"enum": numbers})),
        proptest::collection::vec(any::<f64>(), 1..3).prop_map(|numbers| json!({"enum": numbers})),
        name().prop_map(|word| json!({"const": word})),
        any::<i64>().prop_map(|number| json!({"const": number})),
        (any::<f64>(), any::<i32>(), any::<bool>()).prop_map(|(least, most, outside)| {
            let bounds = json!({"type": "number", "exclusiveMinimum": least, "exclusiveMaximum": most, "multipleOf": most});
            if outside { bounds } else { json!({"type": "number", "minimum": least, "maximum": most, "exclusiveMinimum": true}) }
        }),
        (any::<i64>(), any::<i64>()).prop_map(|(least, most)| json!({"type": "integer", "exclusiveMinimum": least, "exclusiveMaximum": most})),
        proptest::sample::select(&["#/components/schemas/A", "#/components/schemas/B", "gone.yaml", "#/gone", ""][..])
            .prop_map(|to| json!({"$ref": to})),
        Just(json!({"type": ["boolean", "null"]})),
        anything(),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        let fields = proptest::collection::vec((name(), inner.clone()), 0..5);
        prop_oneof![
            3 => (fields, proptest::collection::vec(name(), 0..4)).prop_map(|(fields, required)| {
                json!({"type": "object", "properties": Json::Object(fields.into_iter().collect()), "required": required})
            }),
            1 => inner.clone().prop_map(|items| json!({"type": "array", "items": items, "minItems": 2})),
            1 => inner.clone().prop_map(|value| json!({"type": "object", "additionalProperties": value})),
            1 => (inner.clone(), proptest::sample::select(&["readOnly", "writeOnly", "nullable"][..])).prop_map(|(mut schema, mark)| {
                if let Json::Object(fields) = &mut schema {
                    fields.insert(mark.to_owned(), Json::Bool(true));
                }
                schema
            }),
            1 => (inner.clone(), inner.clone(), name()).prop_map(|(one, other, property)| {
                json!({"oneOf": [one, {"$ref": "#/components/schemas/B"}, other], "discriminator": {"propertyName": property}, "required": [property]})
            }),
            1 => (inner.clone(), inner).prop_map(|(one, other)| json!({"allOf": [one.clone(), other.clone()], "anyOf": [one, other]})),
        ]
    })
}

fn document() -> impl Strategy<Value = Json> {
    let path = proptest::sample::select(
        &[
            "/users",
            "/users/{id}",
            "/users/{userId}/notes",
            "/users/{id}/notes/{note}",
            "/notes/{id}",
            "/users/{id}/block",
            "/a/{b}/{c}/{d}",
            "/odd path",
            "/{x}",
            "/",
            "/views/users/{id}",
            "/users",
            "/labels/{name}",
            "/login",
            "/notes",
        ][..],
    );
    let media = proptest::sample::select(
        &[
            "application/json",
            "application/json",
            "application/vnd.x+json; v=1",
            "multipart/form-data",
            "*/*",
            "\u{7}\"",
        ][..],
    );
    let method = proptest::sample::select(&["get", "post", "put", "patch", "delete"][..]);
    let parameter = (name(), proptest::sample::select(&["query", "path", "header"][..]), schema(), any::<bool>())
        .prop_map(|(name, place, schema, required)| json!({"name": name, "in": place, "schema": schema, "required": required}));
    let operation = (
        path,
        method,
        schema(),
        schema(),
        schema(),
        proptest::collection::vec(parameter, 0..3),
        (media, name(), any::<bool>()),
    );
    let paths = proptest::collection::vec(operation, 1..12).prop_map(|operations| {
        let mut paths = json!({
            "/users": {"post": {"responses": {"201": {}}}}, "/users/{id}": {"get": {"responses": {"200": {}}}}
        });
        for (path, method, body, shown, no, parameters, (media, id, wrapped)) in operations {
            let content = |schema: Json| json!({"content": {"application/json": {"schema": schema}}});
            let body = if wrapped { json!({"properties": {"data": body}}) } else { body };
            paths[path][method] = json!({
                "operationId": id, "parameters": parameters, "requestBody": {"content": {media: {"schema": body}}},
                "responses": {"200": content(shown), "409": content(no), "404": {}}
            });
        }
        paths
    });
    (paths, schema(), schema(), name(), anything()).prop_map(|(paths, a, b, title, security)| {
        json!({"openapi": "3.1.0", "info": {"title": title}, "paths": paths, "security": security, "components": {"schemas": {"A": a, "B": b}}})
    })
}

/// What is written of it passes lint, and is laid out; every operation is a command or query, or said to be none.
fn holds(document: &Json) -> Result<(), TestCaseError> {
    let service =
        draft::read(document.to_string().as_bytes()).map_err(|why| TestCaseError::fail(why.to_string()))?;
    let outline = draft::outline(&service, "http://localhost");
    let drafted: usize = outline.aggregates.iter().map(|one| one.commands.len() + one.queries.len()).sum();
    let ready = usize::from(outline.ready.is_some());
    let left = outline.left.len() - service.more.len();
    prop_assert_eq!(drafted + left + ready, service.operations.len(), "an operation is lost");
    linted(&outline).map_err(TestCaseError::fail)?;
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_documents(document in document()) {
        holds(&document)?;
    }

    #[test]
    fn random_bytes_and_random_yaml(text in "(openapi: 3\\.0\\.0\n)?[a-z:{}&*\\[\\]|>'\"#,? \n-]{0,200}") {
        if let Ok(service) = draft::read(text.as_bytes()) {
            let _ = draft::write(&draft::outline(&service, "http://localhost"), &|_| None);
        }
    }
}
