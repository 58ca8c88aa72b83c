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
pub(super) struct Directory(pub(super) PathBuf);

impl Directory {
    pub(super) fn new(name: &str) -> Self {
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

pub(super) fn proofmark(at: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_proofmark"));
    command.args(args).current_dir(at).env("TASKS_TOKEN", "open-sesame").output().expect("it runs")
}

/// Runs init, then the commands that it prints; both have to be content.
#[track_caller]
fn check(name: &str, url: &str, parts: &[&str]) -> Directory {
    let directory = Directory::new(name);
    let made = proofmark(&directory.0, &["init", "--url", url, "--yes", "--bound", "2s"]);
    check_output(&made, 0, "Next:");
    let told = String::from_utf8_lossy(&made.stdout).into_owned();
    let mut ran = 0;
    for line in told.lines().filter_map(|line| line.strip_prefix("  proofmark ")) {
        let args: Vec<&str> = line.split('#').next().unwrap_or_default().split_whitespace().collect();
        let output = proofmark(&directory.0, &args);
        check_output(&output, 0, if args[0] == "run" { " passed; " } else { "no mistakes" });
        ran += 1;
    }
    assert_eq!(ran, 2, "{told}");
    check_output(&proofmark(&directory.0, &["fmt", "--check", "."]), 0, "0 would change");
    let all: String = std::fs::read_dir(&directory.0)
        .expect("files")
        .map(|file| std::fs::read_to_string(file.expect("a file").path()).expect("text"))
        .collect();
    for part in parts {
        assert!(all.contains(part), "{part:?} is not in\n{all}");
    }
    let again = proofmark(&directory.0, &["init", "--url", url, "--yes"]);
    check_output(&again, 64, "is there already, and nothing was written");
    directory
}

/// Runs a scenario of one's own beside what init wrote.
#[track_caller]
fn beside(directory: &Directory, contract: &str, steps: &str, code: i32, part: &str) {
    let scenario = format!("use {contract}\n\nscenario \"mine\"\n{steps}");
    std::fs::write(directory.0.join("mine.scenario"), scenario).expect("a file");
    check_output(&proofmark(&directory.0, &["run", "mine.scenario"]), code, part);
}

pub(super) fn start(
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

const NOTES: &str = r"
openapi: 3.0.3
info: {title: notebook}
paths:
  /users/{id}/notes:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Text'}}}}
      responses:
        201: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        404: {}
    get:
      responses: {200: {content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Note'}}}}}}
  /users/{user}/notes/{note}:
    get:
      responses:
        200: {content: {application/json: {schema: {$ref: '#/components/schemas/Note'}}}}
        404: {}
  /users:
    post:
      requestBody: {content: {application/json: {schema: &user {type: object, required: [name], properties: {name: {type: string, minLength: 2}}}}}}
      responses: {201: {content: {application/json: {schema: {type: object, required: [id], properties: {id: {type: integer}}}}}}}
  /users/{id}:
    get:
      responses:
        200: {content: {application/json: {schema: *user}}}
        404: {}
components:
  schemas:
    Text: {type: object, required: [text], properties: {text: {type: string, maxLength: 40}}}
    Note: {type: object, required: [id, text], properties: {id: {type: string}, text: {type: string}}}
";

/// A collection below another one, in a document that is YAML.
#[test]
fn what_belongs_to_another() {
    let users = Mutex::new(Vec::<(String, Vec<String>)>::new());
    let (_runtime, server) = start(move |request| {
        let mut users = users.lock().expect("no panic");
        if request.target == "/openapi.yaml" {
            return with(200, "content-type: application/yaml\r\n", NOTES.as_bytes());
        }
        let pieces: Vec<&str> = request.target.split('/').skip(1).collect();
        let id = pieces.get(1).and_then(|id| id.parse::<usize>().ok()).unwrap_or_default();
        match (&*request.method, &*pieces) {
            ("POST", ["users"]) => {
                users.push((request.body.clone(), Vec::new()));
                answer(201, &format!("{{\"id\": {}}}", users.len()))
            }
            (method, ["users", _, rest @ ..]) if (1..=users.len()).contains(&id) => {
                let (user, notes) = &mut users[id - 1];
                match (method, rest) {
                    ("GET", []) => answer(200, user),
                    ("POST", ["notes"]) => {
                        let n = notes.len() + 1;
                        notes.push(format!(
                            "{{\"id\": \"n{id}-{n}\", {}",
                            request.body.trim_start_matches('{')
                        ));
                        answer(201, &notes[n - 1])
                    }
                    ("GET", ["notes"]) => answer(200, &format!("[{}]", notes.join(","))),
                    ("GET", ["notes", note]) => {
                        let known = notes.iter().find(|known| known.contains(&format!("\"{note}\"")));
                        known.map_or_else(|| answer(404, "{}"), |known| answer(200, known))
                    }
                    _ => answer(404, "{}"),
                }
            }
            _ => answer(404, "{}"),
        }
    });
    let parts = [
        "command CreateNote { user: User, text: string ..40 }",
        "absent when self.phase == absent or self.user != user",
        "where self.phase != absent and self.user == user",
        "request = \"GET /users/${.user}/notes/${on}\"",
        "name: string 2..",
    ];
    let directory = check("notes", &server.url, &parts);
    let steps = "  let   $ann = new User
  let   $bob = new User
  let   $n   = new Note
  given CreateUser on $ann { name: \"ann\" }
  and   CreateUser on $bob { name: \"bob\" }
  when  CreateNote on $n { user: $ann, text: \"hello\" }
  then  accepted
  and   eventually GetNote on $n { user: $ann } shows { id: $n, text: \"hello\" }
  and   GetNote on $n { user: $bob } absent
  and   ListNotes { user: $ann } shows [{ id: $n }]
";
    beside(&directory, "notebook", steps, 0, "1 passed");
}

const LOCKERS: &str = r##"{"openapi": "3.1.0", "info": {"title": "lockers"}, "paths": {
 "/lockers": {"post": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Locker"}}}},
   "responses": {"201": {}, "4XX": {"$ref": "#/components/responses/No"}}}},
 "/lockers/{number}": {
  "get": {"responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Locker"}}}}, "404": {}}},
  "put": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Part"}}}}, "responses": {"204": {}}},
  "patch": {"requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Part"}}}}, "responses": {"204": {}, "4XX": {"$ref": "#/components/responses/No"}}}}},
 "components": {
  "responses": {"No": {"content": {"application/json": {"schema": {"type": "object", "properties": {"error": {"type": "object", "properties": {"code": {"enum": ["LOCKER_ALREADY_EXISTS", "NOT_FOUND", "LOCKER_LOCKED"]}}}}}}}}},
  "schemas": {
   "Part": {"type": "object", "properties": {"label": {"type": "string", "pattern": "^[a-z]{2,12}$"}, "size": {"enum": ["small", "large"]}}},
   "Locker": {"type": "object", "required": ["number", "label"], "properties": {"number": {"type": "integer", "minimum": 1}, "label": {"type": "string", "pattern": "^[a-z]{2,12}$"}, "size": {"enum": ["small", "large"], "default": "small"}, "floor": {"type": "integer"}}}}}}"##;

/// Ids that are numbers and chosen by the client, codes, and changes of which only a part is sent.
#[test]
fn numbers_as_ids_and_listed_codes() {
    let lockers = Mutex::new(BTreeMap::<String, Value>::new());
    let (_runtime, server) = start(move |request| {
        let mut lockers = lockers.lock().expect("no panic");
        let no = |status, code: &str| answer(status, &format!("{{\"error\": {{\"code\": \"{code}\"}}}}"));
        let id = request.target.trim_start_matches("/lockers").trim_start_matches('/').to_owned();
        let sent = Value::from_json(&request.body, &Limits::default()).unwrap_or(Value::Null);
        match &*request.method {
            "GET" if request.target == "/openapi.json" => answer(200, LOCKERS),
            "GET" => lockers.get(&id).map_or_else(|| no(404, "NOT_FOUND"), |one| answer(200, &one.to_json())),
            "POST" => {
                let number = sent.get("number").map(ToString::to_string).unwrap_or_default();
                if lockers.contains_key(&number) {
                    return no(409, "LOCKER_ALREADY_EXISTS");
                }
                lockers.insert(number, sent);
                answer(201, "")
            }
            _ => {
                let Some(Value::Record(one)) = lockers.get_mut(&id) else { return no(404, "NOT_FOUND") };
                for (name, value) in sent.as_record().into_iter().flat_map(proofmark::value::Record::iter) {
                    one.insert(name, value.clone());
                }
                answer(204, "")
            }
        }
    });
    let parts = [
        "by = \"client\"\nas = \"int\"",
        "number = \"${on}\"",
        "label: string 2..12 [a-z]",
        "set label = if label == null then self.label else label",
        "# Does it clear what is left out",
        "# reject LockerLocked when …",
        "LOCKER_ALREADY_EXISTS = \"LockerAlreadyExists\"",
        "NOT_FOUND = \"LockerNotFound\"",
        "at = \"$.error.code\"",
    ];
    let directory = check("lockers", &server.url, &parts);
    let steps = "  let  $a = new Locker
  let  $b = new Locker
  when CreateLocker on $a { label: \"mine\" }
  then accepted
  when CreateLocker on $a { label: \"yours\" }
  then rejected LockerAlreadyExists
  when ChangeLocker on $a { size: \"large\" }
  then accepted
  and  eventually GetLocker on $a shows { label: \"mine\", size: \"large\" }
  when ChangeLocker on $b { size: \"large\" }
  then rejected LockerNotFound
";
    beside(&directory, "lockers", steps, 0, "1 passed");
}

#[test]
fn what_can_not_be_begun_is_told() {
    let directory = Directory::new("refused");
    let (_runtime, server) = start(|request| match &*request.target {
        "/yaml" => with(200, "content-type: text/yaml\r\n", b"openapi: 3.0.0\npaths: {}\n"),
        "/broken" => with(200, "content-type: text/yaml\r\n", b"openapi: 3.0.0\npaths: [\n"),
        "/page" => with(200, "content-type: text/html\r\n", b"<html></html>"),
        "/old" => answer(200, r#"{"swagger": "2.0"}"#),
        "/empty" => answer(200, r#"{"openapi": "3.0.0", "paths": {}}"#),
        _ => answer(404, "{}"),
    });
    let url = &server.url;
    let init = |more: &[&str]| proofmark(&directory.0, &[&["init", "--url", url, "--yes"], more].concat());
    check_output(&init(&[]), 64, "--openapi FILE");
    for (path, part) in [
        ("yaml", "none of 0"),
        ("broken", "can't be read as YAML"),
        ("page", "HTML"),
        ("old", "Swagger 2"),
        ("empty", "none of 0"),
    ] {
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
