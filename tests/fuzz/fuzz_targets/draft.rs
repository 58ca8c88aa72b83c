//! Descriptions of services: whatever the text, reading it ends, no operation is lost, and what is drafted of it passes lint.

#![no_main]

#[path = "../../drafting/linted.rs"]
mod linted;

use libfuzzer_sys::fuzz_target;
use proofmark::draft::{Documents, outline};

fuzz_target!(|text: &[u8]| {
    let Ok(mut documents) = Documents::parse(text) else { return };
    // It is beside itself.
    while let Some(name) = documents.missing().first() {
        documents.add(name, Some(text));
    }
    let service = documents.service();
    let outline = outline(&service, "http://localhost");
    let drafted: usize = outline.aggregates.iter().map(|one| one.commands.len() + one.queries.len()).sum();
    let left = outline.left.len() - service.more.len() + usize::from(outline.ready.is_some());
    assert_eq!(drafted + left, service.operations.len(), "an operation is lost");
    if let Err(why) = linted::linted(&outline) {
        panic!("{why}");
    }
});
