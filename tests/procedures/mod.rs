//! The clauses put to the test: kept by what is sound, broken by what has the bug.

mod jars;
mod notes;
mod own;
mod tallies;
mod tills;
mod wire;

use std::sync::Arc;
use std::time::SystemTime;

use proofmark::adapter::Target;
use proofmark::clause::Level;
use proofmark::conform::{ClauseResult, Conformance, Examiner, Selection, Stand};
use proofmark::contract::rules::Interpreted;
use proofmark::run::Seed;

/// The examination of `target`, of these clauses alone.
pub(crate) fn examined(
    target: impl Target + 'static,
    model: Interpreted,
    clauses: &[&str],
    seed: u64,
) -> Conformance {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let contract = Arc::new(model.contract().clone());
    let selection = Selection {
        clauses: clauses.iter().map(|id| id.parse().expect("a clause")).collect(),
        ..Selection::default()
    };
    let examiner = Examiner::new(target, contract, Arc::new(model)).selection(selection).seed(Seed(seed));
    let examination = examiner.examine(SystemTime::UNIX_EPOCH, |_| ());
    runtime.expect("a runtime").block_on(examination).expect("an examination")
}

/// What came of one clause.
pub(crate) fn result<'c>(conformance: &'c Conformance, id: &str) -> &'c ClauseResult {
    conformance.clauses.iter().find(|result| result.clause.id.as_str() == id).expect("a clause")
}

/// Each of the clauses passes; a MAY is offered.
pub(crate) fn check_kept(conformance: &Conformance, clauses: &[&str]) {
    for id in clauses {
        let result = result(conformance, id);
        let kept = if result.clause.level == Level::May { Stand::Offered } else { Stand::Pass };
        assert_eq!(result.stand, kept, "{id} of {}: {result:#?}", conformance.subject.name);
    }
}

/// Each of the clauses fails, with a story that ends in what is wrong and a first thing to do.
pub(crate) fn check_broken(conformance: &Conformance, clauses: &[&str], wrong: &str) {
    for id in clauses {
        let result = result(conformance, id);
        assert_eq!(result.stand, Stand::Fail, "{id} of {}: {result:#?}", conformance.subject.name);
        let example = result.counterexamples.first().expect("a counterexample");
        assert!(example.wrong.contains(wrong), "{id}: {example:#?}");
        assert!(!example.story.is_empty() && !example.first.is_empty(), "{id}: {example:#?}");
        assert!(example.again.contains(&format!("--clause {id}")), "{id}: {example:#?}");
    }
}
