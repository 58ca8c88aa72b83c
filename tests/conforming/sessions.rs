//! What clients see of their own writes, and in which order.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use proofmark::adapter::{Reference, Sync};
use proofmark::conform::{Conformance, Examiner, Selection, Stand};
use proofmark::contract::Contract;
use proofmark::contract::rules::Interpreted;
use proofmark::language::parse_contract;
use proofmark::protocol::ClauseId;
use proofmark::run::Seed;
use proofmark::text::Source;

use super::{broken, fails, passes, sound};
use crate::generating::valves::{Bug, CONTRACT, valves};

const READS: &[&str] = &["SG-1", "SG-2", "SG-5"];

#[test]
fn who_keeps_the_order_of_events_and_tells_where_it_stands_passes() {
    for target in sound() {
        passes(target, READS, 1);
    }
    // Lags that differ from event to event.
    let [lag, jitter] = [5, 30].map(Duration::from_millis);
    passes(Reference::new(Sync::Eventual { lag, jitter }), READS, 1);
}

fn lagging(defect: &str) -> Reference {
    broken(Reference::eventual(Duration::from_millis(20)), defect)
}

#[test]
fn copies_that_take_turns_are_found() {
    let back = "then a state before it, then what it did again";
    // Within the bound that is no more than a session's matter.
    passes(lagging("old-replica"), &["EC-1", "EC-2", "EC-3"], 1);
    fails(broken(Reference::strong(), "old-replica"), "EC-2", "and later it did not any more");
    fails(lagging("old-replica"), "SG-2", back);
    fails(lagging("old-replica"), "SG-5", back);
}

#[test]
fn positions_that_say_too_much_are_found() {
    for defect in ["stale-cache", "log-position"] {
        for id in ["SG-1", "SG-5"] {
            fails(lagging(defect), id, "GetOrderDetails told position");
        }
        // What it shows is late, and never goes back.
        passes(lagging(defect), &["SG-2"], 1);
    }
}

/// What was never so is seen while effects are on their way, and at no other time.
#[test]
fn what_shows_before_what_came_first_is_found() {
    passes(lagging("skips-ahead"), &["SG-1", "SG-2", "SG-5"], 1);
    fails(lagging("skips-ahead"), "EC-3", "at no time so far was there anything but");
}

/// How these clauses stand for valves.
fn examined(bug: Option<Bug>, clauses: &[ClauseId]) -> Conformance {
    let source = Source::read(CONTRACT).expect("the contract");
    let contract = Arc::new(Contract::resolve(&parse_contract(&source).tree).contract);
    let model = Arc::new(Interpreted::read(&source).expect("rules"));
    let selection = Selection { clauses: clauses.to_vec(), ..Selection::default() };
    let examiner = Examiner::new(valves(bug), contract, model).selection(selection).seed(Seed(1));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(examiner.examine(SystemTime::UNIX_EPOCH, |_| ())).expect("an examination")
}

fn stands(conformance: &Conformance, id: ClauseId) -> Stand {
    let result = conformance.clauses.iter().find(|result| result.clause.id == id).expect("a clause");
    result.stand.clone()
}

/// Open, shut, open: that looks like going back, and is going on.
#[test]
fn states_that_look_the_same_convict_no_session() {
    let sound = examined(None, &[ClauseId::Sg1, ClauseId::Sg2, ClauseId::Sg5]);
    assert_eq!(stands(&sound, ClauseId::Sg2), Stand::Pass);
    // It tells no positions.
    for id in [ClauseId::Sg1, ClauseId::Sg5] {
        assert!(matches!(stands(&sound, id), Stand::NotClaimed(_)), "{id}");
    }
    for bug in [Bug::Flaps, Bug::TwoCopies] {
        assert_eq!(stands(&examined(Some(bug), &[ClauseId::Sg2]), ClauseId::Sg2), Stand::Fail);
    }
}

#[test]
fn a_feed_in_another_order_is_found() {
    for target in sound() {
        passes(target, &["SG-3", "SG-4"], 1);
    }
    for (id, wrong) in [("SG-3", "which the same session had issued before"), ("SG-4", "had read before")] {
        fails(broken(Reference::strong(), "time-ordered:1"), id, wrong);
    }
}
