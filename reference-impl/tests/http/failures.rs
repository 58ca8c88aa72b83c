//! Failures of the server's own: the client learns that it can't know, whoever runs it learns why.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use axum::Router;
use reference_impl::http::{Api, Fault, router};

use super::client::{accepted, call, create, read};
use crate::flaky::Flaky;
use crate::support::builder;

type Log = Arc<Mutex<Vec<Fault>>>;

fn served(store: &Arc<Flaky>) -> (Router, Log) {
    let log = Log::default();
    let told = Arc::clone(&log);
    let system = builder().store(store.clone()).build().expect("a system");
    let api = Api::open(system).on_fault(move |fault| told.lock().expect("a log").push(fault.clone()));
    (router(api), log)
}

fn reasons(log: &Log) -> Vec<String> {
    log.lock().expect("a log").iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_store_that_fails_is_503_and_says_no_more() {
    let store = Flaky::new();
    let (router, log) = served(&store);
    store.failing_appends.store(1, Ordering::SeqCst);
    let reply = call(&router, create(1)).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "StoreUnavailable"));
    assert_eq!(reply.header("retry-after"), "1");
    assert!(!reply.json.to_string().contains("on purpose"), "{reply:?}");
    assert_eq!(reasons(&log), ["POST /orders: the store is unavailable: on purpose"]);
    accepted(&router, create(1)).await;
}

#[tokio::test]
async fn a_projection_whose_store_fails_is_503_and_its_command_was_recorded() {
    let store = Flaky::new();
    let (router, log) = served(&store);
    store.failing_feeds.store(1, Ordering::SeqCst);
    let reply = call(&router, create(1)).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "StoreUnavailable"));
    assert!(reasons(&log)[0].contains("could not be brought up to date"), "{log:?}");
    // It was recorded all the same: that is why nobody is told "no".
    assert_eq!(call(&router, create(1)).await.code(), "OrderAlreadyExists");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_takes_too_long_is_503_and_the_command_goes_on() {
    let store = Flaky::new();
    let (router, log) = served(&store);
    let permits = store.permits.forget_permits(usize::MAX);
    let reply = call(&router, create(1).header("idempotency-key", "k")).await;
    assert_eq!((reply.status.as_u16(), reply.code()), (503, "AnswerTimeout"));
    assert_eq!(reasons(&log), ["POST /orders: deadline has elapsed"]);
    store.permits.add_permits(permits);
    let retry = accepted(&router, create(1).header("idempotency-key", "k")).await;
    assert_eq!(retry.header("idempotency-replayed"), "true");
    assert_eq!(accepted(&router, read(1)).await.json["version"], 1);
}
