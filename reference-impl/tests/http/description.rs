//! The OpenAPI document: true to the router, and to what is really answered.

use std::collections::BTreeSet;

use axum::http::Method;
use reference_impl::http::{document, operations, problems};
use serde_json::Value;

use super::client::{Call, accepted, add, call, cancel, create, furnished, read, remove, replace, uuid};
use super::schema::violation;

const METHODS: [Method; 7] =
    [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::OPTIONS, Method::PATCH, Method::TRACE];

#[tokio::test]
async fn it_has_every_route_and_no_other() {
    let router = furnished().await;
    let paths = document()["paths"].as_object().expect("paths");
    for (path, described) in paths {
        let target = path.replace("{id}", &uuid(1).to_string()).replace(['{', '}'], "");
        for method in METHODS {
            let reply = call(&router, Call::new(method.clone(), &target)).await;
            let known = reply.code() != "MethodNotAllowed" && reply.code() != "NotFound"
                // The only route that isn't there for want of a problem.
                || path == "/problems/{code}" && method == Method::GET;
            let documented = described.get(method.as_str().to_ascii_lowercase()).is_some();
            assert_eq!(known, documented, "{method} {path}: {reply:?}");
        }
    }
    let listed: BTreeSet<_> = operations().iter().map(|operation| operation.path).collect();
    assert_eq!(listed, paths.keys().map(String::as_str).collect());
}

/// Every reference in the document leads somewhere.
#[test]
fn it_is_whole() {
    fn walk(document: &Value, node: &Value, used: &mut BTreeSet<String>) {
        match node {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').expect("a local reference");
                    assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
                    used.insert(pointer.to_owned());
                }
                members.values().for_each(|member| walk(document, member, used));
            }
            Value::Array(elements) => elements.iter().for_each(|element| walk(document, element, used)),
            _ => {}
        }
    }
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let mut used = BTreeSet::new();
    walk(document, document, &mut used);
    for room in ["schemas", "parameters", "headers"] {
        for name in document["components"][room].as_object().expect(room).keys() {
            assert!(used.contains(&format!("/components/{room}/{name}")), "nothing uses {room}/{name}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_their_parameters() {
    let ids: BTreeSet<_> = operations().iter().map(|operation| operation.id).collect();
    assert_eq!(ids.len(), operations().len());
    for operation in operations() {
        let described = &document()["components"]["parameters"];
        let in_path = |name: &&&str| described[**name]["in"] == "path";
        let named: Vec<_> =
            operation.parameters.iter().filter(in_path).map(|name| format!("{{{name}}}")).collect();
        let found: Vec<_> = operation.path.split('/').filter(|part| part.starts_with('{')).collect();
        assert_eq!(named, found, "{operation:?}");
    }
}

#[tokio::test]
async fn answers_look_as_described() {
    let router = furnished().await;
    let orders = format!("/orders/{}", uuid(1));
    let calls = [
        ("/orders", create(9)),
        ("/orders/{id}", read(1)),
        ("/orders/{id}", Call::get(format!("{orders}?as_of=1"))),
        ("/orders/{id}/items", add(1).header("x-causation-id", &uuid(5).to_string())),
        ("/orders/{id}/items/{product}", remove(1, "p-0")),
        ("/orders/{id}/items/{product}/replace", replace(1, "p-1")),
        ("/orders/{id}/cancel", cancel(1)),
        ("/orders/{id}/audit-trail", Call::get(format!("{orders}/audit-trail"))),
        ("/customers/{customer}/orders", Call::get("/customers/c/orders")),
        ("/events", Call::get("/events")),
        ("/read-models", Call::get("/read-models")),
        ("/read-models/{name}/wait", Call::get("/read-models/customer_orders/wait")),
        ("/admin/read-models/{name}/rebuild", Call::post("/admin/read-models/order_summary/rebuild")),
        ("/health", Call::get("/health")),
        ("/problems/{code}", Call::get("/problems/ConcurrencyConflict")),
        ("/openapi.json", Call::get("/openapi.json")),
    ];
    for (path, request) in calls {
        let method = request.method.as_str().to_ascii_lowercase();
        let reply = accepted(&router, request).await;
        let answer = &document()["paths"][path][&method]["responses"][reply.status.as_str()];
        let schema = &answer["content"]["application/json"]["schema"];
        assert_eq!(violation(document(), schema, &reply.json), None, "{method} {path}");
        for header in answer["headers"].as_object().expect("headers").keys() {
            assert!(
                reply.headers.contains_key(header) || header == "Idempotency-Replayed",
                "{path}: {header}"
            );
        }
    }
    let reply = call(&router, create(1)).await;
    let answer = &document()["paths"]["/orders"]["post"]["responses"]["409"];
    let schema = &answer["content"]["application/problem+json"]["schema"];
    assert_eq!(violation(document(), schema, &reply.json), None);
}

#[tokio::test]
async fn the_type_of_a_problem_leads_to_what_it_means() {
    let router = furnished().await;
    for kind in problems() {
        let reply = accepted(&router, Call::get(format!("/problems/{}", kind.code))).await;
        let rows = reply.json.as_array().expect("a list");
        assert!(rows.iter().any(|row| row["status"] == kind.status.as_u16() && row["title"] == kind.title));
    }
}

#[test]
fn the_readme_has_every_route_and_every_problem() {
    let readme = include_str!("../../README.md");
    for operation in operations() {
        let row = format!("| `{} {}` | ", operation.method, operation.path);
        assert!(readme.contains(&row), "no row {row}");
    }
    for kind in problems() {
        let row = format!("| `{}` | {} | {} |", kind.code, kind.status.as_u16(), kind.means);
        assert!(readme.contains(&row), "no row {row}");
    }
}
