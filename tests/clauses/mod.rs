//! The catalogue of clauses, its document, and the defects that break them.

use std::path::Path;

use proofmark::adapter::Reference;
use proofmark::clause::{self, Level, document, page};
use proofmark::protocol::ClauseId;

fn breakers(id: ClauseId) -> Vec<&'static str> {
    let defects = Reference::defects();
    defects.filter(|defect| defect.breaks.contains(&id.as_str())).map(|defect| defect.name).collect()
}

#[test]
fn the_document_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/clauses.md");
    let now = document(breakers);
    if std::env::var_os("UPDATE_DOCUMENTS").is_some() {
        std::fs::write(&path, &now).expect("the document");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == now, "docs/clauses.md is out of step: UPDATE_DOCUMENTS=1 writes it anew");
}

#[test]
fn defects_break_clauses_that_there_are() {
    for defect in Reference::defects() {
        for id in defect.breaks.iter().chain(defect.may_break) {
            let read: ClauseId = id.parse().unwrap_or_else(|error| panic!("{}: {error}", defect.name));
            assert_eq!(read.as_str(), *id, "{}", defect.name);
        }
    }
}

/// What nothing can break here: the order system takes no command in to carry it out later.
const UNBREAKABLE: &[ClauseId] = &[ClauseId::Ch4];

#[test]
fn what_must_be_kept_and_is_tested_is_broken_by_a_defect() {
    for clause in clause::all().filter(|clause| clause.level == Level::Must && clause.is_tested()) {
        assert_eq!(breakers(clause.id).is_empty(), UNBREAKABLE.contains(&clause.id), "{}", clause.id);
    }
}

#[test]
fn a_page_tells_all_that_is_known() {
    let page = page(clause::of(ClauseId::Ec4), &["drop-event"]);
    for part in ["MUST, suite core", "\nwhy ", "\nsource ", "at least 60 bursts", "chance", "`drop-event`"] {
        assert!(page.contains(part), "{part}: {page}");
    }
}
