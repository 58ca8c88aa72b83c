//! When the infrastructure fails: a failure is not an answer, and what failed can be tried again.

use std::sync::atomic::Ordering;
use std::time::Duration;

use reference_impl::application::{CommandError, Envelope};
use reference_impl::store::Position;
use tokio::task::yield_now;
use tokio::time::sleep;

use crate::flaky::Flaky;
use crate::support::{EVENTUAL, LAG, LONG, add, builder, code, create, details, order, send};

#[tokio::test]
async fn a_failure_leaves_the_key_free() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).build().expect("strong mode needs nothing");
    store.failing_appends.store(2, Ordering::SeqCst);
    for _ in 0..2 {
        let outcome = system.send(Envelope::new(order(1), create("c")).with_key("k")).await;
        assert!(matches!(outcome, Err(CommandError::Store(_))), "{outcome:?}");
    }
    // Free for another command even: nothing is known of the first.
    let envelope = Envelope::new(order(2), create("d")).with_key("k");
    let outcome = system.send(envelope.clone()).await;
    assert_eq!(code(&outcome), "accepted");
    assert_eq!(system.send(envelope).await, outcome);
    assert_eq!(system.head().await, Ok(Position::new(1)));
}

#[tokio::test]
async fn a_duplicate_waits_for_the_first_and_takes_over_if_that_is_given_up() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).build().expect("strong mode needs nothing");
    let closed = store.permits.acquire_many(1000).await.expect("open");
    let attempt = || {
        let system = system.clone();
        tokio::spawn(async move { system.send(Envelope::new(order(1), create("c")).with_key("k")).await })
    };
    let (first, second, third) = (attempt(), attempt(), attempt());
    for _ in 0..10 {
        yield_now().await;
    }
    let other = system.send(Envelope::new(order(1), create("d")).with_key("k")).await;
    assert_eq!(code(&other), "KeyReused", "the key is taken while the first is under way");
    first.abort();
    assert!(first.await.is_err_and(|error| error.is_cancelled()));
    drop(closed);
    let (second, third) = (second.await.expect("an outcome"), third.await.expect("an outcome"));
    assert_eq!((code(&second), &second), ("accepted", &third));
    let later = system.send(Envelope::new(order(1), create("c")).with_key("k")).await;
    assert_eq!(later, second, "the outcome is kept, whoever got it");
    assert_eq!(system.head().await, Ok(Position::new(1)));
}

#[tokio::test]
async fn a_key_that_everybody_gave_up_on_is_free() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).build().expect("strong mode needs nothing");
    let closed = store.permits.acquire_many(1000).await.expect("open");
    let sending = {
        let system = system.clone();
        tokio::spawn(async move { system.send(Envelope::new(order(1), create("c")).with_key("k")).await })
    };
    yield_now().await;
    sending.abort();
    assert!(sending.await.is_err_and(|error| error.is_cancelled()));
    drop(closed);
    assert_eq!(code(&system.send(Envelope::new(order(2), create("d")).with_key("k")).await), "accepted");
}

#[tokio::test]
async fn strong_mode_says_that_it_could_not_project_and_makes_up_for_it() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).build().expect("strong mode needs nothing");
    store.failing_feeds.store(2, Ordering::SeqCst);
    let outcome = system.send(Envelope::new(order(1), create("c"))).await;
    let Err(CommandError::Projection(error)) = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.read_model, "order_summary");
    assert_eq!(details(&system, order(1)).await, None);
    send(&system, order(1), add("p")).await;
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(2));
}

#[tokio::test(start_paused = true)]
async fn eventual_mode_tries_a_delivery_again() {
    let store = Flaky::new();
    let system = builder().store(store.clone()).sync(EVENTUAL).build().expect("within a runtime");
    store.failing_feeds.store(20, Ordering::SeqCst);
    send(&system, order(1), create("c")).await;
    sleep(LAG + Duration::from_millis(2)).await;
    assert_eq!(details(&system, order(1)).await, None);
    send(&system, order(2), create("c")).await;
    assert_eq!(system.wait_caught_up(LONG).await, Ok(Position::new(2)));
    assert!(details(&system, order(1)).await.is_some() && details(&system, order(2)).await.is_some());
    assert_eq!(store.failing_feeds.load(Ordering::SeqCst), 0);
}
