//! Idempotency keys: one effect, one outcome, however often a command is sent.

use reference_impl::application::Envelope;
use reference_impl::store::Position;
use tokio::task::JoinSet;

use crate::support::{add, code, confirm, create, details, order, remove, send, system};

#[tokio::test]
async fn a_retry_gives_the_first_outcome_again() {
    let system = system();
    let first = system.send(Envelope::new(order(1), create("c")).with_key("k-1")).await;
    assert_eq!(code(&first), "accepted");
    send(&system, order(1), add("p-1")).await;
    assert_eq!(system.send(Envelope::new(order(1), create("c")).with_key("k-1")).await, first);
    assert_eq!(system.head().await, Ok(Position::new(2)));
}

#[tokio::test]
async fn a_rejection_is_given_again_too() {
    let system = system();
    let early = Envelope::new(order(1), confirm()).with_key("k");
    let first = system.send(early.clone()).await;
    assert_eq!(code(&first), "OrderNotFound");
    send(&system, order(1), create("c")).await;
    assert_eq!(system.send(early).await, first);
    assert_eq!(code(&system.send(Envelope::new(order(1), confirm()).with_key("other")).await), "accepted");
}

#[tokio::test]
async fn another_command_under_the_same_key_is_refused() {
    let system = system();
    send(&system, order(2), create("c")).await;
    let first = system.send(Envelope::new(order(1), create("c")).with_key("k")).await;
    assert_eq!(code(&first), "accepted");
    let others = [
        system.send(Envelope::new(order(1), create("d")).with_key("k")).await,
        system.send(Envelope::new(order(3), create("c")).with_key("k")).await,
        system.send(Envelope::new(order(1), add("p")).with_key("k")).await,
        system.send(Envelope::new(order(1), confirm()).with_key("k")).await,
        system.send(Envelope::new(order(1), remove("p-0")).with_key("k")).await,
    ];
    for other in &others {
        assert_eq!(code(other), "KeyReused", "{other:?}");
    }
    assert_eq!(system.head().await, Ok(Position::new(2)));
}

#[tokio::test]
async fn different_keys_are_different_commands() {
    let system = system();
    send(&system, order(1), create("c")).await;
    for key in ["k-1", "k-2"] {
        assert_eq!(code(&system.send(Envelope::new(order(1), add("p")).with_key(key)).await), "accepted");
    }
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(3));
}

#[tokio::test]
async fn one_actors_key_is_not_another_actors() {
    let system = system();
    send(&system, order(1), create("c")).await;
    for actor in ["ann", "bob"] {
        let envelope = Envelope::new(order(1), add("p")).with_key("k").by(actor);
        assert_eq!(code(&system.send(envelope).await), "accepted");
    }
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_duplicates_have_one_effect_and_one_outcome() {
    let system = system();
    send(&system, order(1), create("c")).await;
    for round in 0..50_u64 {
        let key = format!("k-{round}");
        let sends = (0..8).map(|_| {
            let (system, key) = (system.clone(), key.clone());
            async move { system.send(Envelope::new(order(1), add("p")).with_key(key)).await }
        });
        let outcomes = sends.collect::<JoinSet<_>>().join_all().await;
        let version = outcomes[0].as_ref().map(|receipt| receipt.version.get());
        assert_eq!(version, Ok(round + 2));
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    }
}
