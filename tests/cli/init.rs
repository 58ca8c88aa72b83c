//! `proofmark init`: what it writes passes lint and runs, against services of several shapes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

use proofmark::value::{Limits, Value};

use super::check_output;
use super::serve::Serving;
use crate::http::server::{Reaction, Request, Server, answer, with};

/// A directory that goes away with the test.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("proofmark-init-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn proofmark(at: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.args(args).current_dir(at).env("TASKS_TOKEN", "open-sesame").output().expect("it runs")
}

/// Runs init, then the commands that it prints; both have to be content.
#[track_caller]
fn check(name: &str, url: &str, parts: &[&str]) {
    let directory = Directory::new(name);
    let made = proofmark(&directory.0, &["init", "--url", url, "--yes", "--bound", "2s"]);
    check_output(&made, 0, "Next:");
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    let mut ran = 0;
    for line in told.lines().filter_map(|line| line.strip_prefix("  proofmark ")) {
        let args: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        let output = proofmark(&directory.0, &args);
        check_output(&output, 0, if args[0] == "run" { "1 passed" } else { "no mistakes" });
        ran += 1;
    }
    assert_eq!(ran, 2, "{told}");
    let all: String = std::fs::read_dir(&directory.0)
        .expect("files")
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect();
    for part in parts {
        assert!(all.contains(part), "{part:?} is not in\n{all}");
    }
    let again = proofmark(&directory.0, &["init", "--url", url, "--yes"]);
    check_output(&again, 64, "is there already, and nothing was written");
}

fn start(
    handler: impl Fn(&Request) -> Reaction + Send + Sync + 'static,
) -> (tokio::runtime::Runtime, Server) {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let server = runtime.block_on(Server::start(handler));
    (runtime, server)
}

#[test]
fn the_built_in_order_system() {
    let serving = Serving::start(&[], &[]);
    let parts = ["by = \"client\"", "Idempotency-Key", "If-Match", "command AddItem", "page_size"];
    check("orders", &serving.url, &parts);
}

const TICKETS: &str = r##"{"openapi": "3.0.3", "info": {"title": "Help desk"}, "paths": {
 "/api/tickets": {
  "post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/New"}}}},
   "responses": {"201": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Ticket"}}}}}}}},
  "get": {"parameters": [{"name": "urgency", "in": "query", "schema": {"type": "string"}}], "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"type": "array", "items": {"$ref": "#/components/schemas/Ticket"}}}}}}}}}},
 "/api/tickets/{ticketId}": {"get": {"responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"data": {"$ref": "#/components/schemas/Ticket"}}}}}}}}},
 "/api/tickets/{ticketId}/close": {"post": {"responses": {"202": {}, "404": {}, "409": {}}}}},
 "components": {"schemas": {
  "New": {"type": "object", "required": ["subject-line", "urgency"], "properties": {"subject-line": {"type": "string"}, "urgency": {"type": "string", "enum": ["low", "high"]}, "cc": {"type": "string"}}},
  "Ticket": {"type": "object", "required": ["id", "subject-line"], "properties": {"id": {"type": "integer"}, "subject-line": {"type": "string"}, "urgency": {"type": "string", "enum": ["low", "high"]}, "parent": {"$ref": "#/components/schemas/Ticket"}}}}}}"##;

/// Wrappers around data, whole numbers as ids that the service makes up, names that aren't ours.
#[test]
fn wrappers_and_captured_ids() {
    let tickets = Mutex::new(Vec::<String>::new());
    let (_runtime, server) = start(move |request| {
        let mut tickets = tickets.lock().expect("no panic");
        match (&*request.method, &*request.target) {
            ("GET", "/openapi.json") => answer(200, TICKETS),
            ("POST", "/api/tickets") => {
                let id = tickets.len() + 1;
                tickets.push(format!("{{\"id\": {id}, {}", request.body.trim_start_matches('{')));
                answer(201, &format!("{{\"data\": {}}}", tickets[id - 1]))
            }
            ("GET", path) => match path.strip_prefix("/api/tickets/").and_then(|id| id.parse::<usize>().ok())
            {
                Some(id) if (1..=tickets.len()).contains(&id) => {
                    answer(200, &format!("{{\"data\": {}}}", tickets[id - 1]))
                }
                _ => answer(404, "{}"),
            },
            _ => answer(404, "{}"),
        }
    });
    let parts = [
        "as = \"int\"",
        "$.data.id",
        "rows = \"$.data\"",
        "CloseTicket",
        "subject_line",
        "# 202",
        "low | high",
    ];
    check("tickets", &server.url, &parts);
}

const TASKS: &str = r##"{"openapi": "3.1.0", "info": {"title": "tasks"}, "security": [{"token": []}], "paths": {
 "/tasks": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}}, "responses": {"201": {}, "401": {}}}},
 "/tasks/{id}": {
  "parameters": [{"name": "id", "in": "path", "schema": {"type": "string"}}],
  "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}}, "404": {}}},
  "put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Task"}}}}, "responses": {"204": {}, "404": {}}},
  "delete": {"responses": {"204": {}, "404": {}}}}},
 "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
  "schemas": {"Task": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "effort": {"type": ["integer", "null"], "minimum": 0, "maximum": 9}}}}}}"##;

/// Create, replace and delete, ids told in `Location` only, a bearer token.
#[test]
fn plain_resources_behind_a_token() {
    let tasks = Mutex::new(BTreeMap::<String, String>::new());
    let (_runtime, server) = start(move |request| {
        let mut tasks = tasks.lock().expect("no panic");
        if request.target == "/openapi.json" {
            return answer(200, TASKS);
        }
        if request.header("authorization") != Some("Bearer open-sesame") {
            return answer(401, "{}");
        }
        let id = request.target.rsplit('/').next().unwrap_or_default().to_owned();
        match &*request.method {
            "POST" => {
                let id = format!("t{}", tasks.len() + 1);
                tasks.insert(id.clone(), request.body.clone());
                with(201, &format!("location: /tasks/{id}\r\n"), b"")
            }
            "DELETE" => answer(if tasks.remove(&id).is_some() { 204 } else { 404 }, ""),
            _ => tasks.get(&id).map_or_else(|| answer(404, "{}"), |task| answer(200, task)),
        }
    });
    let parts = [
        "${secret:TASKS_TOKEN}",
        "ReplaceTask",
        "on $task absent",
        "header Location",
        "TaskNotFound",
        "int 0..9",
    ];
    check("tasks", &server.url, &parts);
}

#[test]
fn what_can_not_be_begun_is_told() {
    let directory = Directory::new("refused");
    let (_runtime, server) = start(|request| match &*request.target {
        "/yaml" => with(200, "content-type: text/yaml\r\n", b"openapi: 3.0.0\npaths: {}\n"),
        "/page" => with(200, "content-type: text/html\r\n", b"<html></html>"),
        "/old" => answer(200, r#"{"swagger": "2.0"}"#),
        "/empty" => answer(200, r#"{"openapi": "3.0.0", "paths": {}}"#),
        _ => answer(404, "{}"),
    });
    let url = &server.url;
    let init = |more: &[&str]| proofmark(&directory.0, &[&["init", "--url", url, "--yes"], more].concat());
    check_output(&init(&[]), 64, "--openapi FILE");
    for (path, part) in
        [("yaml", "only JSON is read"), ("page", "HTML"), ("old", "Swagger 2"), ("empty", "none of 0")]
    {
        check_output(&init(&["--openapi", &format!("{url}/{path}")]), 2, part);
    }
    check_output(&init(&["--openapi", "no/such/file"]), 2, "can't be read");
    check_output(
        &proofmark(&directory.0, &["init", "--url", "http://127.0.0.1:9", "--yes"]),
        3,
        "can't be reached",
    );
    check_output(
        &proofmark(&directory.0, &["init", "--url", "http://u:p@127.0.0.1", "--yes"]),
        64,
        "without credentials",
    );
    assert_eq!(std::fs::read_dir(&directory.0).expect("the directory").count(), 0);
}

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

/// A service of another kind, a wrong path or a wrong port never pass.
#[test]
fn a_wrong_address_never_passes() {
    let scenario = "use orders\nscenario \"s\"\n  let $o = new Order\n  when CreateOrder on $o { customer: \"c\", items: [] }\n  then accepted\n";
    let empty = "  and ListCustomerOrders { customer: \"c\" } shows any\n";
    let profile = "schema = 1\ncontract = \"orders\"\n[command.CreateOrder]\nrequest = \"POST /orders\"\nbody = \"${fields}\"\n[query.ListCustomerOrders]\nrequest = \"GET /orders\"\n";
    for (name, reply) in [
        ("absent", answer(404, "{}")),
        ("page", with(200, "content-type: text/html\r\n", b"<html></html>")),
        ("record", answer(200, "{}")),
        ("list", answer(200, "[]")),
    ] {
        let directory = super::workspace(&format!("address-{name}"), scenario.as_bytes());
        std::fs::write(directory.join("more.scenario"), format!("{scenario}{empty}")).expect("a file");
        std::fs::write(directory.join("t.toml"), profile).expect("a file");
        let (_runtime, server) = start(move |_| reply.clone());
        for file in ["mine.scenario", "more.scenario"] {
            let output = proofmark(&directory, &["run", file, "--target", "t.toml", "--url", &server.url]);
            assert!(matches!(output.status.code(), Some(1 | 4)), "{name}, {file}: {output:?}");
            check_output(&output, output.status.code().unwrap_or_default(), "Nothing was ever accepted");
        }
        std::fs::remove_dir_all(&directory).expect("the directory");
    }
}
