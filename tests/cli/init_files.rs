//! `proofmark init` with documents that are spread over files, and at the places where frameworks put them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use proofmark::value::{Limits, Number, Value};

use super::check_output;
use super::init::{Directory, proofmark, start};
use crate::http::server::{answer, with};

const SPLIT: &str = "openapi: 3.0.3
info: {title: split}
paths:
  /boxes: {$ref: 'paths/boxes.yaml'}
  /boxes/{id}:
    get: {$ref: 'paths/box.json#/get'}
";
const BOXES: &str = "post:
  requestBody: {content: {application/json: {schema: {$ref: '../schemas/box.yaml#/New'}}}}
  responses: {201: {content: {application/json: {schema: {$ref: '../schemas/box.yaml#/Box'}}}}}
";
const BOX: &str = r#"{"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "../schemas/box.yaml#/Box"}}}}, "404": {}}}}"#;
const SCHEMAS: &str = "New: {required: [label], properties: {label: {type: string}, lid: {$ref: 'lid.yaml'}}}
Box: {required: [id, label], properties: {id: {type: string}, label: {type: string}}}
";

const FILES: [(&str, &str); 4] = [
    ("api.yaml", SPLIT),
    ("paths/boxes.yaml", BOXES),
    ("paths/box.json", BOX),
    ("schemas/box.yaml", SCHEMAS),
];

/// What is drafted of it, wherever it is.
#[track_caller]
fn check(directory: &Directory, openapi: &str) {
    let args = ["init", "--url", "http://127.0.0.1:9", "--openapi", openapi, "--dir", "out", "--yes"];
    let made = proofmark(&directory.0, &args);
    check_output(&made, 0, "Not as the document has it, with a comment there (1): CreateBox");
    let contract = std::fs::read_to_string(directory.0.join("out/split.contract")).expect("a file");
    for part in [
        "command CreateBox { label: string }",
        "# `lid` is left out: its reference lid.yaml leads nowhere.",
        "label: self.label",
    ] {
        assert!(contract.contains(part), "{part:?} is not in\n{contract}");
    }
}

#[test]
fn documents_beside_the_first_one() {
    let directory = Directory::new("split");
    for (name, text) in FILES {
        let path = directory.0.join("docs").join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    check(&directory, "docs/api.yaml");
}

#[test]
fn documents_beside_the_first_one_on_the_same_host() {
    let directory = Directory::new("split-served");
    let (_runtime, server) = start(|request| {
        let file = FILES.iter().find(|(name, _)| request.target == format!("/docs/{name}"));
        file.map_or_else(
            || answer(404, "{}"),
            |(_, text)| with(200, "content-type: text/plain\r\n", text.as_bytes()),
        )
    });
    check(&directory, &format!("{}/docs/api.yaml", server.url));
}

/// Where frameworks such as `NestJS`, springdoc, Swashbuckle and swag serve it.
#[test]
fn usual_places() {
    for place in ["/api-json", "/v3/api-docs", "/swagger.json", "/swagger/doc.json", "/api/schema"] {
        let directory = Directory::new(&format!("usual{}", place.replace('/', "-")));
        let (_runtime, server) = start(move |request| {
            if request.target == place {
                answer(
                    200,
                    r#"{"openapi": "3.0.0", "info": {"title": "found"}, "paths": {"/a": {"post": {}, "get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "array", "items": {"properties": {"id": {"type": "string"}}}}}}}}}}}}"#,
                )
            } else {
                answer(404, "{}")
            }
        });
        let made = proofmark(&directory.0, &["init", "--url", &server.url, "--yes"]);
        check_output(&made, 0, &format!("Found {}{place}", server.url));
    }
}

#[test]
fn what_describes_graphql_is_recognised() {
    let directory = Directory::new("graphql");
    std::fs::write(directory.0.join("schema.json"), r#"{"data": {"__schema": {"types": []}}}"#)
        .expect("a file");
    let made = proofmark(
        &directory.0,
        &["init", "--url", "http://127.0.0.1:9", "--openapi", "schema.json", "--yes"],
    );
    check_output(&made, 2, "describes GraphQL");
}

const BANK: &str = r##"{"openapi": "3.1.0", "info": {"title": "bank"}, "paths": {
 "/accounts": {"post": {
   "requestBody": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"type": "object", "required": ["owner", "limits", "tier", "kind"], "properties": {
     "id": {"type": "string", "readOnly": true}, "owner": {"type": "string"}, "limits": {"type": "object", "additionalProperties": {"type": "integer"}},
     "tier": {"enum": [1, 2, 4]}, "kind": {"const": "current"}, "pin": {"type": "string", "writeOnly": true}}}}}}}},
   "responses": {"201": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Account"}}}}}}, "400": {}}}},
 "/views/accounts/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Account"}}}}, "404": {}}}},
 "/transfers": {"post": {
   "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["from_account_id", "to_account_id", "amount"], "properties": {
     "from_account_id": {"type": "string"}, "to_account_id": {"type": "string"}, "amount": {"type": "number", "exclusiveMinimum": 0}}}}}},
   "responses": {"201": {"content": {"application/json": {"schema": {"properties": {"id": {"type": "string"}}}}}}, "400": {}, "404": {}}}},
 "/views/transfers/{id}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Transfer"}}}}, "404": {}}}}},
 "components": {"schemas": {
  "Account": {"type": "object", "required": ["id", "owner", "tier"], "properties": {"id": {"type": "string"}, "owner": {"type": "string"}, "tier": {"type": "integer"}, "pin": {"type": "string", "writeOnly": true}}},
  "Transfer": {"type": "object", "required": ["id", "from_account_id", "to_account_id", "amount"], "properties": {"id": {"type": "string"}, "from_account_id": {"type": "string"}, "to_account_id": {"type": "string"}, "amount": {"type": "number"}}}}}}"##;

/// Wrapped bodies, maps, constants, reads on a side of their own; and nothing moves between accounts that don't exist.
#[test]
fn what_is_drafted_of_a_bank_runs() {
    let kept = Mutex::new(BTreeMap::<String, Value>::new());
    let (_runtime, server) = start(move |request| {
        let mut kept = kept.lock().expect("no panic");
        if request.target == "/api-json" {
            return answer(200, BANK);
        }
        if request.method == "GET" {
            let id = request.target.rsplit('/').next().unwrap_or_default();
            return kept.get(id).map_or_else(|| answer(404, "{}"), |one| answer(200, &one.to_json()));
        }
        let sent = Value::from_json(&request.body, &Limits::default()).unwrap_or(Value::Null);
        let id = format!("n{}", kept.len() + 1);
        let account = request.target == "/accounts";
        let sent = if account { sent.get("data").cloned().unwrap_or(Value::Null) } else { sent };
        let text = |name: &str| sent.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let good = if account {
            let map = sent.get("limits").and_then(Value::as_record);
            text("kind") == "current"
                && sent.get("id").is_none()
                && map.is_some_and(|map| map.iter().all(|(_, value)| value.as_number().is_some()))
                && sent
                    .get("tier")
                    .is_some_and(|tier| [1, 2, 4].iter().any(|known| *tier == Value::from(*known)))
        } else {
            sent.get("amount").and_then(Value::as_number).is_some_and(|amount| *amount > Number::from(0))
        };
        let Value::Record(mut one) = sent.clone() else { return answer(400, "{}") };
        if !good {
            return answer(400, "{}");
        }
        if !account && ["from_account_id", "to_account_id"].iter().any(|name| !kept.contains_key(&text(name)))
        {
            return answer(404, "{}");
        }
        one.insert("id", &*id);
        let shown = Value::Record(one);
        kept.insert(id, shown.clone());
        let json = shown.to_json();
        answer(201, &if account { format!("{{\"data\": {json}}}") } else { json })
    });
    let directory = Directory::new("bank");
    let made = proofmark(&directory.0, &["init", "--url", &server.url, "--yes"]);
    check_output(&made, 0, "2 of 2 operations that take JSON are commands here");
    check_output(&proofmark(&directory.0, &["run", "bank.scenario"]), 0, "1 passed");
    let steps = "use bank

scenario \"money moves between two\"
  let   $a = new Account
  let   $b = new Account
  let   $t = new Transfer
  given CreateAccount on $a { owner: \"ann\", limits: { example: 5 }, tier: 2 }
  and   CreateAccount on $b { owner: \"bob\", limits: {}, tier: 4 }
  when  CreateTransfer on $t { from_account_id: $a, to_account_id: $b, amount: 1 }
  then  accepted
  and   eventually GetTransfer on $t shows { id: $t, from_account_id: $a, to_account_id: $b, amount: 1 }
";
    std::fs::write(directory.0.join("mine.scenario"), steps).expect("a file");
    check_output(&proofmark(&directory.0, &["run", "mine.scenario"]), 0, "1 passed");
    // All that is drafted holds for commands that are made up, too: what is refused, and what is shown.
    let generated = proofmark(&directory.0, &["generate", "--cases", "40", "--seed", "7"]);
    check_output(&generated, 0, "40 passed, 0 failed, 0 inconclusive");
    for refused in ["AccountNotFound", "Malformed"] {
        check_output(&generated, 0, refused);
    }
}
