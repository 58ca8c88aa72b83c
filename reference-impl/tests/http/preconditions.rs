//! Expected versions over the wire.

use reference_impl::http::{Api, router};
use tokio::task::JoinSet;

use super::client::{accepted, add, call, confirming, create, furnish, furnished, open, read};
use crate::support::system;

#[tokio::test]
async fn a_stale_version_is_refused_and_the_current_one_taken() {
    let router = furnished().await;
    let tag = accepted(&router, read(1)).await.header("etag").to_owned();
    assert_eq!(tag, "\"2\"");
    accepted(&router, add(1).header("if-match", &tag)).await;
    let stale = call(&router, add(1).header("if-match", &tag)).await;
    assert_eq!((stale.status.as_u16(), stale.code()), (412, "ConcurrencyConflict"));
    assert_eq!(accepted(&router, read(1)).await.json["version"], 3);
}

#[tokio::test]
async fn absence_can_be_expected() {
    let router = open();
    accepted(&router, create(1).header("if-none-match", "*")).await;
    let second = call(&router, create(1).header("if-none-match", "*")).await;
    assert_eq!((second.status.as_u16(), second.code()), (412, "ConcurrencyConflict"));
    assert_eq!(call(&router, create(1)).await.code(), "OrderAlreadyExists");
    assert_eq!(call(&router, add(1).header("if-none-match", "*")).await.status, 412);
}

#[tokio::test]
async fn existence_can_be_expected() {
    let router = furnished().await;
    accepted(&router, add(1).header("if-match", "*")).await;
    assert_eq!(call(&router, add(9).header("if-match", "*")).await.code(), "OrderNotFound");
    assert_eq!(call(&router, create(9).header("if-match", "*")).await.status, 412);
    assert_eq!(call(&router, read(9)).await.status, 404);
}

#[tokio::test]
async fn tags_that_were_never_given_out_match_nothing() {
    let router = furnished().await;
    for tag in ["W/\"2\"", "\"two\"", "\"02\""] {
        assert_eq!(call(&router, add(1).header("if-match", tag)).await.status, 412, "{tag}");
    }
    for malformed in ["2", "\"2", "\"1\", \"2\""] {
        assert_eq!(call(&router, add(1).header("if-match", malformed)).await.status, 400, "{malformed}");
    }
}

#[tokio::test]
async fn where_it_is_required_a_command_must_say_what_it_expects() {
    let system = system();
    furnish(&system).await;
    let router = router(Api::open(system).require_version(true));
    for silent in [create(9), add(1), confirming(1)] {
        let reply = call(&router, silent).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (428, "PreconditionRequired"));
    }
    accepted(&router, create(9).header("if-none-match", "*")).await;
    accepted(&router, add(9).header("if-match", "\"1\"")).await;
    accepted(&router, read(9)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_writers_at_one_version_one_wins() {
    let router = furnished().await;
    let mut writers = JoinSet::new();
    for _ in 0..16 {
        let router = router.clone();
        writers.spawn(async move { call(&router, add(1).header("if-match", "\"2\"")).await.status.as_u16() });
    }
    let mut statuses = writers.join_all().await;
    statuses.sort_unstable();
    assert_eq!((statuses[0], statuses[1], statuses[15]), (200, 412, 412));
}
