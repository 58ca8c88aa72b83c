//! Waiting for the read side: possible, and never told early.

use std::time::Duration;

use reference_impl::store::Position;
use reference_impl::sync::WaitError;
use tokio::time::Instant;

use crate::support::{LAG, LONG, add, create, details, eventual, list, order, send, system};

#[tokio::test(start_paused = true)]
async fn what_was_waited_for_is_there() {
    let system = eventual();
    for number in 1..=50 {
        let sent = Instant::now();
        let receipt = send(&system, order(number), create("c")).await;
        system.wait_for(receipt.position, LONG).await.expect("visible");
        assert!(sent.elapsed() >= LAG, "told early");
        assert!(details(&system, order(number)).await.is_some());
        assert_eq!(list(&system, "c").await.first().map(|row| row.order), Some(order(number)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn it_is_there_under_load_too() {
    let sync = reference_impl::SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::from_millis(1) };
    let system = crate::support::builder().sync(sync).build().expect("within a runtime");
    let clients = (0..4_u128).map(|client| {
        let system = system.clone();
        async move {
            for number in 0..100 {
                let id = order(client * 1000 + number);
                send(&system, id, create("c")).await;
                let receipt = send(&system, id, add("p")).await;
                system.wait_for(receipt.position, LONG).await.expect("visible");
                assert_eq!(details(&system, id).await.map(|row| row.version), Some(receipt.version));
            }
        }
    });
    clients.collect::<tokio::task::JoinSet<_>>().join_all().await;
    assert_eq!(system.head().await, Ok(Position::new(800)));
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_at_its_deadline() {
    let system = eventual();
    send(&system, order(1), create("c")).await;
    system.wait_caught_up(LONG).await.expect("caught up");
    let receipt = send(&system, order(2), create("c")).await;
    let outcome = system.wait_for(receipt.position, LAG / 2).await;
    let expected =
        WaitError::TimedOut { position: receipt.position, reached: Position::new(1), timeout: LAG / 2 };
    assert_eq!(outcome, Err(expected));
}

#[tokio::test(start_paused = true)]
async fn a_position_that_does_not_exist_is_never_reached() {
    for system in [system(), eventual()] {
        send(&system, order(1), create("c")).await;
        let outcome = system.wait_for(Position::new(2), LONG).await;
        assert!(
            matches!(outcome, Err(WaitError::TimedOut { reached, .. }) if reached.get() == 1),
            "{outcome:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn caught_up_means_all_that_was_there_when_it_was_asked() {
    let system = eventual();
    assert_eq!(system.wait_caught_up(Duration::ZERO).await, Ok(Position::START));
    for number in 1..=10 {
        send(&system, order(number), create("c")).await;
    }
    assert_eq!(system.wait_caught_up(LONG).await, Ok(Position::new(10)));
    assert_eq!(list(&system, "c").await.len(), 10);
}
