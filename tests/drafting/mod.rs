//! What is drafted of OpenAPI documents: the texts of the three files, which always pass lint.

mod bodies;
mod commands;
mod reading;
mod refusals;
mod values;

use proofmark::draft::{self, Documents, Outline};
use proofmark::language::{format_contract, format_scenarios, parse_contract, parse_scenarios};
use proofmark::profile::Profile;
use proofmark::text::{Colour, Diagnostic, Severity, Source, render};
use proofmark::{contract::Contract, scenario::plan};
use std::sync::Arc;

/// The three texts of an outline, laid out, if lint has nothing to say against them; otherwise what it says.
pub(crate) fn linted(outline: &Outline) -> Result<String, String> {
    let [contract, profile, scenario] = draft::write(outline, &|_| None);
    let said = |source: &Source, found: &[Diagnostic]| {
        if found.iter().all(|one| one.severity != Severity::Error) {
            Ok(())
        } else {
            Err(format!("{}\n{}", render([(source, found)], Colour::Plain), source.text()))
        }
    };
    let source = Source::new(&*contract.0, &*contract.1);
    let parsed = parse_contract(&source);
    said(&source, &parsed.diagnostics)?;
    let resolved = Contract::resolve(&parsed.tree);
    said(&source, &resolved.diagnostics)?;
    let rules = Arc::new(resolved.contract);
    let read = Arc::new(Source::new(&*profile.0, &*profile.1));
    said(&read, &Profile::read(&read, &rules).diagnostics)?;
    let examples = Arc::new(Source::new(&*scenario.0, &*scenario.1));
    let file = parse_scenarios(&examples);
    said(&examples, &file.diagnostics)?;
    said(&examples, &plan(&examples, &file.tree, &rules).1)?;
    let laid_out = [format_contract(&source), format_scenarios(&examples)];
    let [contract, scenario] = laid_out.map(|text| text.map_err(|_| "it can't be laid out".to_owned()));
    Ok([contract?, profile.1, scenario?].join("\n"))
}

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
