//! Idempotency keys over the wire.

use axum::Router;
use reference_impl::http::{Api, router};
use tokio::task::JoinSet;

use super::client::{Call, accepted, add, call, confirming, create, furnish, furnished, open, read};
use crate::flaky::Flaky;
use crate::support::builder;

async fn events(router: &Router) -> usize {
    let feed = accepted(router, Call::get("/events?limit=1000")).await;
    feed.json["events"].as_array().expect("events").len()
}

#[tokio::test]
async fn a_retry_gives_the_first_answer_again_and_says_so() {
    let router = open();
    let keyed = || create(1).header("idempotency-key", "k-1");
    let first = accepted(&router, keyed()).await;
    assert_eq!(first.header("idempotency-replayed"), "");
    accepted(&router, add(1)).await;
    let again = accepted(&router, keyed()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.json), (first.status, &first.json));
    assert_eq!(again.header("etag"), first.header("etag"));
    // Quoted, as the draft has it, it is the same key.
    let quoted = accepted(&router, create(1).header("idempotency-key", "\"k-1\"")).await;
    assert_eq!(quoted.header("idempotency-replayed"), "true");
    assert_eq!(events(&router).await, 2);
}

#[tokio::test]
async fn a_refusal_is_given_again_too() {
    let router = furnished().await;
    let keyed = || confirming(9).header("idempotency-key", "k");
    let first = call(&router, keyed()).await;
    assert_eq!((first.code(), first.header("idempotency-replayed")), ("OrderNotFound", ""));
    accepted(&router, create(9)).await;
    let again = call(&router, keyed()).await;
    assert_eq!((again.code(), again.header("idempotency-replayed")), ("OrderNotFound", "true"));
    assert_eq!((again.status, again.json), (first.status, first.json));
}

#[tokio::test]
async fn another_command_under_the_key_is_refused() {
    let router = furnished().await;
    accepted(&router, add(1).header("idempotency-key", "k")).await;
    for other in [confirming(1), create(9)] {
        let reply = call(&router, other.header("idempotency-key", "k")).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (422, "KeyReused"));
        assert_eq!(reply.header("idempotency-replayed"), "");
    }
    assert_eq!(call(&router, add(1).header("idempotency-key", "")).await.code(), "Malformed");
    let two = add(1).header("idempotency-key", "a").header("idempotency-key", "b");
    assert_eq!(call(&router, two).await.code(), "Malformed");
}

#[tokio::test]
async fn duplicates_at_the_same_time_have_one_effect() {
    let router = furnished().await;
    let before = events(&router).await;
    let mut duplicates = JoinSet::new();
    for _ in 0..16 {
        let router = router.clone();
        duplicates.spawn(async move { accepted(&router, add(1).header("idempotency-key", "k")).await });
    }
    let replies = duplicates.join_all().await;
    let replayed = replies.iter().filter(|reply| reply.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 15);
    assert!(replies.iter().all(|reply| reply.json == replies[0].json));
    assert_eq!(events(&router).await, before + 1);
}

/// The client goes away while the store is at work. The command is carried through, and the retry gets
/// its outcome.
#[tokio::test]
async fn a_client_that_hangs_up_leaves_no_half_done_command() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).build().expect("a system");
    furnish(&system).await;
    let router = router(Api::open(system));
    let before = events(&router).await;
    let permits = store.permits.forget_permits(usize::MAX);
    let keyed = || add(1).header("idempotency-key", "k");
    let client = {
        let router = router.clone();
        tokio::spawn(async move { call(&router, keyed()).await })
    };
    while store.waiting() == 0 {
        tokio::task::yield_now().await;
    }
    client.abort();
    assert!(client.await.is_err_and(|gone| gone.is_cancelled()));
    store.permits.add_permits(permits);
    let retry = accepted(&router, keyed()).await;
    assert_eq!(retry.header("idempotency-replayed"), "true");
    assert_eq!(events(&router).await, before + 1);
    assert_eq!(accepted(&router, read(1)).await.json["item_count"], 3);
}
