//! What is drafted of OpenAPI documents: the texts of the three files, which always pass lint.

mod bodies;
mod commands;
mod linted;
mod reading;
mod refusals;
mod values;

use proofmark::draft::{self, Documents};

pub(crate) use linted::linted;

/// Drafts a document, as one text in which spaces are one.
#[track_caller]
fn drafted(document: &str) -> String {
    let service = Documents::parse(document.as_bytes()).expect("a document").service();
    let text = linted(&draft::outline(&service, "http://localhost:1")).unwrap_or_else(|why| panic!("{why}"));
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n").collect()
}

/// What a draft has, and what it hasn't: parts that begin with `!`.
#[track_caller]
fn check(document: &str, parts: &[&str]) {
    let text = drafted(document);
    for part in parts {
        match part.strip_prefix('!') {
            Some(part) => assert!(!text.contains(part), "{part:?} is in\n{text}"),
            None => assert!(text.contains(part), "{part:?} is not in\n{text}"),
        }
    }
}

/// A document of crates that are created with `sent` and shown as `shown`, both schemas in YAML.
fn crates(sent: &str, shown: &str) -> String {
    format!(
        "openapi: 3.1.0
info: {{title: store}}
paths:
  /crates:
    post:
      requestBody: {{content: {{application/json: {{schema: {sent}}}}}}}
      responses: {{201: {{content: {{application/json: {{schema: {{properties: {{id: {{type: string}}}}}}}}}}}}}}
  /crates/{{id}}:
    get:
      responses: {{200: {{content: {{application/json: {{schema: {shown}}}}}}}, 404: {{}}}}
"
    )
}
