//! What an examination finds: nothing in a system that keeps its promises, and each promise that one breaks.
#![cfg(feature = "reference")]

mod feed;
mod fold;
mod keys;
mod liar;
mod reading;
mod rebuild;
mod sessions;
mod shared;
#[cfg(feature = "http")]
mod strangers;
mod versions;
#[cfg(feature = "http")]
mod wire;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proofmark::adapter::{Reference, Target};
use proofmark::conform::{Conformance, Examiner, Selection, Stand};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::language::parse_contract;
use proofmark::protocol::ClauseId;
use proofmark::run::Seed;
use proofmark::text::Source;

use crate::checking::orders;

/// The order system in the modes in which its promises are kept.
pub(crate) fn sound() -> [Reference; 2] {
    [Reference::strong(), Reference::eventual(Duration::from_millis(5))]
}

/// The order system with a bug.
pub(crate) fn broken(reference: Reference, defect: &str) -> Reference {
    reference.with_defect(defect.parse().expect("a defect"))
}

/// How these clauses stand for a target that keeps the contract of the order system, or doesn't.
pub(crate) fn examined(target: impl Target + 'static, clauses: &[&str], seed: u64) -> Conformance {
    let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let clauses = clauses.iter().map(|id| id.parse().expect("a clause")).collect();
    let selection = Selection { clauses, destructive: true, ..Selection::default() };
    let examiner = Examiner::new(target, contract, Arc::new(orders())).selection(selection).seed(Seed(seed));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination")
}

#[test]
fn what_the_time_was_too_short_for_says_so() {
    let source = Source::read("scenarios/orders/orders.contract").expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let examiner = Examiner::new(Reference::strong(), contract, Arc::new(orders())).budget(Duration::ZERO);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let conformance =
        runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination");
    let inconclusive = conformance.clauses.iter().filter_map(|result| match &result.stand {
        Stand::Inconclusive(why) => Some((result.clause.id, why)),
        _ => None,
    });
    let mut cut = 0;
    for (id, why) in inconclusive {
        assert!(why.contains("the time was up after 0ns"), "{id}: {why}");
        cut += 1;
    }
    assert!(cut > 0);
}

/// Lists are asked of a contract with a view alone; and what the rules themselves forbid is told, since evidence is missing for it.
#[test]
fn what_a_contract_lacks_or_forbids_is_told() {
    let text = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    let (orders, _) = text.split_once("# A view answers").expect("a view");
    let source = Source::new(
        "a.contract",
        format!("{orders}\n  invariant \"none is confirmed\": self.status != confirmed\n"),
    );
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("rules"));
    let selection = Selection { clauses: vec![ClauseId::Qs5], ..Selection::default() };
    let examiner = Examiner::new(Reference::strong(), contract, model).selection(selection);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let found = runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination");
    let lists = found.clauses.iter().find(|result| result.clause.id.as_str() == "QS-5").expect("a clause");
    assert_eq!(lists.stand, Stand::NotBinding("no view".into()));
    let told = "the contract contradicts itself at ConfirmOrder: ";
    assert!(found.remarks.iter().any(|remark| remark.starts_with(told)), "{:?}", found.remarks);
}

/// That all of the clauses pass.
#[track_caller]
pub(crate) fn passes(target: impl Target + 'static, clauses: &[&str], seed: u64) {
    let name = target.describe().name.clone();
    let conformance = examined(target, clauses, seed);
    for id in clauses {
        let result =
            conformance.clauses.iter().find(|result| result.clause.id.as_str() == *id).expect("a clause");
        assert_eq!(result.stand, Stand::Pass, "{id} of {name}, seed {seed}: {:#?}", result.counterexamples);
    }
}

/// That one of the clauses fails, with a counterexample that says so.
#[track_caller]
pub(crate) fn fails(target: impl Target + 'static, id: &str, wrong: &str) {
    let conformance = examined(target, &[id], 1);
    let result = conformance.clauses.iter().find(|result| result.clause.id.as_str() == id).expect("a clause");
    assert_eq!(result.stand, Stand::Fail, "{id}: {:?}", result.evidence);
    let example = result.counterexamples.first().expect("a counterexample");
    assert!(example.wrong.contains(wrong), "{id}: {example:#?}");
    assert!(!example.story.is_empty() && !example.first.is_empty(), "{id}: {example:#?}");
}
