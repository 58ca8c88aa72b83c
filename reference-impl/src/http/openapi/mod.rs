//! The OpenAPI 3.1 document. Paths, statuses and problems come from the table of operations; schemas
//! and parameters are written down in `components.json`. The tests hold real answers against it.

use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::operation::{Operation, Success};
use super::problem::Kind;
use super::router::operations;

/// The document.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        // What is wrong with the file is seen by its tests; a broken one is served as null.
        let components: Value = serde_json::from_str(include_str!("components.json")).unwrap_or_default();
        json!({
            "openapi": "3.1.0",
            "info": {
                "title": "Orders",
                "version": env!("CARGO_PKG_VERSION"),
                "description": "A small event-sourced order system: commands, queries, and the log behind them."
            },
            "paths": paths(),
            "components": components,
        })
    })
}

fn paths() -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = describe(operation);
    }
    Value::Object(paths)
}

fn describe(operation: &Operation) -> Value {
    let parameters: Vec<_> = operation.parameters.iter().map(|name| reference("parameters", name)).collect();
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses(operation),
    });
    if let Some(body) = operation.body {
        let content = json!({ "application/json": { "schema": reference("schemas", body) } });
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    if operation.problems().iter().any(|kind| kind.code == "Unauthorized") {
        // Only where there are tenants.
        described["security"] = json!([{}, { "tenant": [] }]);
    }
    described
}

fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for success in operation.successes {
        responses.insert(success.status.as_str().to_owned(), succeeding(success));
    }
    let problems = operation.problems();
    let mut statuses: Vec<_> = problems.iter().map(|kind| kind.status).collect();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        let kinds = problems.iter().filter(|kind| kind.status == status);
        responses.insert(status.as_str().to_owned(), failing(kinds));
    }
    let content = problem_content(None);
    responses.insert("5XX".to_owned(), json!({ "description": "The server failed", "content": content }));
    Value::Object(responses)
}

fn succeeding(success: &Success) -> Value {
    let headers: Map<_, _> =
        success.headers.iter().map(|name| ((*name).to_owned(), reference("headers", name))).collect();
    let mut response = json!({ "description": success.means, "headers": headers });
    if let Some(schema) = success.schema {
        response["content"] = json!({ "application/json": { "schema": reference("schemas", schema) } });
    }
    response
}

fn failing<'a>(kinds: impl Iterator<Item = &'a &'static Kind>) -> Value {
    let kinds: Vec<_> = kinds.collect();
    let means: Vec<_> = kinds.iter().map(|kind| format!("{}: {}", kind.code, kind.title)).collect();
    let codes: Vec<_> = kinds.iter().map(|kind| kind.code).collect();
    json!({ "description": means.join("; "), "content": problem_content(Some(&codes)) })
}

fn problem_content(codes: Option<&[&str]>) -> Value {
    let mut schema = reference("schemas", "Problem");
    if let Some(codes) = codes {
        schema = json!({ "allOf": [schema, { "properties": { "code": { "enum": codes } } }] });
    }
    json!({ "application/problem+json": { "schema": schema } })
}

fn reference(room: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{room}/{name}") })
}
