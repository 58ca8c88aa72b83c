//! The order system over HTTP: what is sent to it that no client would send, and what its errors look like.

use std::path::Path;
use std::time::Duration;

use proofmark::adapter::{DefectSpec, Http};
use proofmark::conform::Stand;
use proofmark::suite::ProfileFile;
use reference_impl::http::{Api, Server};
use reference_impl::{OrderSystem, SyncMode};
use tokio::runtime::Runtime;

use super::{examined, fails, passes, sound};

/// What these procedures judge.
const ALL: &[&str] = &["CH-2", "CH-3", "SE-2", "SE-3"];

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

/// The order system behind its API, with these defects.
fn served(runtime: &Runtime, sync: SyncMode, defects: &[&str]) -> Http {
    let defects = defects.iter().map(|spec| spec.parse::<DefectSpec>().expect("a defect"));
    let defects =
        defects.map(|spec| reference_impl::defect::DefectSpec { defect: spec.defect, rate: spec.rate });
    let url = runtime.block_on(async {
        // A system that lags spawns its projections.
        let system = OrderSystem::builder().sync(sync).defects(defects).build().expect("a system");
        let server = Server::bind(Server::ANY_PORT, Api::open(system)).await.expect("an address");
        let url = server.url();
        tokio::spawn(server.run(std::future::pending()));
        url
    });
    let file = ProfileFile::load(Path::new("scenarios/orders/reference.toml"));
    let (profile, equipment) = file.equip(true, &|_| None).expect("a sound profile");
    Http::new(profile, equipment, Some(&url)).expect("a target")
}

/// How many seeds the sound system is examined with; `PROOFMARK_SEEDS` says another number.
fn seeds() -> u64 {
    std::env::var("PROOFMARK_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(1)
}

#[test]
fn the_order_system_keeps_all_of_it_over_http() {
    let runtime = runtime();
    let eventual = SyncMode::Eventual { lag: Duration::from_millis(5), jitter: Duration::ZERO };
    for seed in 1..=seeds() {
        for sync in [SyncMode::Strong, eventual] {
            passes(served(&runtime, sync, &[]), ALL, seed);
        }
    }
}

/// With the defect, the clause is broken; what is wrong is told like that.
#[track_caller]
fn check_defect(defect: &str, clause: &str, wrong: &str) {
    let runtime = runtime();
    fails(served(&runtime, SyncMode::Strong, &[defect]), clause, wrong);
}

#[test]
fn a_body_that_is_made_to_fit_is_found() {
    check_defect("lenient-body", "CH-2", "quantity` is accepted");
}

#[test]
fn problems_with_another_status_are_found() {
    check_defect("wrong-status", "CH-3", "it says that its status is 500");
}

#[test]
fn a_body_that_is_nested_too_deep_is_found() {
    check_defect("deep-json", "SE-2", "lists within each other is answered with");
}

#[test]
fn a_total_that_wraps_is_found() {
    check_defect("wrapped-total", "SE-2", "with a number at the edge of what machines hold was accepted");
}

#[test]
fn a_stack_trace_is_found() {
    check_defect("stack-trace", "SE-3", "tells a stack trace");
}

#[test]
fn what_fails_is_told_with_its_request() {
    let runtime = runtime();
    let conformance = examined(served(&runtime, SyncMode::Strong, &["lenient-body"]), &["CH-2"], 1);
    let result =
        conformance.clauses.iter().find(|result| result.clause.id.as_str() == "CH-2").expect("a clause");
    for example in &result.counterexamples {
        let last = example.requests.last().expect("a request");
        assert!(last.starts_with("curl -i -X POST 'http://127.0.0.1:"), "{example:#?}");
        assert!(example.story.len() <= 4, "alone, it is short: {example:#?}");
    }
}

#[test]
fn in_the_same_process_there_is_no_wire() {
    for reference in sound() {
        let conformance = examined(reference, ALL, 1);
        for id in ["CH-3", "SE-2", "SE-3"] {
            let result =
                conformance.clauses.iter().find(|result| result.clause.id.as_str() == id).expect("a clause");
            let Stand::NotClaimed(why) = &result.stand else { panic!("{id}: {result:?}") };
            assert_eq!(why, "the target is not asked over HTTP");
        }
        let result =
            conformance.clauses.iter().find(|result| result.clause.id.as_str() == "CH-2").expect("a clause");
        assert_eq!(result.stand, Stand::Pass, "{result:?}");
    }
}

#[test]
fn replicas_that_connections_are_kept_on_are_found() {
    let runtime = runtime();
    let lagging = SyncMode::Eventual { lag: Duration::from_millis(5), jitter: Duration::ZERO };
    let target = || served(&runtime, lagging, &["connection-replica"]);
    fails(target(), "SG-5", "then a state before it, then what it did again");
    // Over one connection nothing is to be seen of it.
    passes(target(), &["SG-1", "SG-2"], 1);
    passes(served(&runtime, lagging, &[]), &["SG-1", "SG-2", "SG-5"], 1);
}
