//! Optimistic concurrency: versions are compared, and nobody's write is lost.

use std::sync::Arc;

use reference_impl::OrderSystem;
use reference_impl::application::{CommandError, Envelope, Refusal};
use reference_impl::domain::{OrderCommand, OrderId, OrderStatus};
use reference_impl::store::{ExpectedVersion, Version};
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use crate::flaky::Flaky;
use crate::support::{add, at, builder, cancel, code, confirm, create, details, order, send, system};

#[tokio::test]
async fn a_stale_version_is_a_conflict_at_once_and_has_no_effect() {
    let system = system();
    send(&system, order(1), create("c")).await;
    send(&system, order(1), add("p-1")).await;
    for expected in [at(1), at(0), at(3), ExpectedVersion::NoStream] {
        let outcome = system.send(Envelope::new(order(1), add("p-2")).expecting(expected)).await;
        assert_eq!(code(&outcome), "ConcurrencyConflict", "{expected:?}");
    }
    let Err(CommandError::Rejected(Refusal::ConcurrencyConflict(conflict))) =
        system.send(Envelope::new(order(1), confirm()).expecting(at(1))).await
    else {
        panic!("not a conflict");
    };
    assert_eq!((conflict.expected, conflict.actual), (at(1), Version::new(2)));
    let row = details(&system, order(1)).await.expect("the order");
    assert_eq!((row.status, row.item_count, row.version.get()), (OrderStatus::Pending, 2, 2));
}

#[tokio::test]
async fn a_conflict_comes_before_the_rules() {
    let system = system();
    send(&system, order(1), create("c")).await;
    send(&system, order(1), cancel()).await;
    let stale = system.send(Envelope::new(order(1), confirm()).expecting(at(1))).await;
    assert_eq!(code(&stale), "ConcurrencyConflict");
    let fresh = system.send(Envelope::new(order(1), confirm()).expecting(at(2))).await;
    assert_eq!(code(&fresh), "OrderNotPending");
}

#[tokio::test]
async fn the_right_version_is_let_through() {
    let system = system();
    for (expected, version) in [(ExpectedVersion::NoStream, 1), (at(1), 2), (ExpectedVersion::Any, 3)] {
        let outcome = if version == 1 {
            system.send(Envelope::new(order(1), create("c")).expecting(expected)).await
        } else {
            system.send(Envelope::new(order(1), add("p")).expecting(expected)).await
        };
        assert_eq!(outcome.map(|receipt| receipt.version.get()), Ok(version));
    }
}

/// The system in memory, and one with a store that lets others go first between load and append:
/// there, every race is one.
fn systems() -> [OrderSystem; 2] {
    [system(), builder().store(Flaky::new()).build().expect("strong mode needs nothing")]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_writers_at_one_version_exactly_one_wins() {
    for system in systems() {
        for round in 1..=50 {
            one_of_eight_wins(&system, order(round)).await;
        }
    }
}

async fn one_of_eight_wins(system: &OrderSystem, order: OrderId) {
    let codes = race(8, |writer, barrier| {
        let system = system.clone();
        async move {
            barrier.wait().await;
            let create = create(&format!("c-{writer}"));
            code(&system.send(Envelope::new(order, create).expecting(ExpectedVersion::NoStream)).await)
        }
    })
    .await;
    assert_eq!(codes.iter().filter(|code| **code == "accepted").count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == "ConcurrencyConflict").count(), 7, "{codes:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_accepted_item_counts() {
    for system in systems() {
        for round in 1..=20 {
            none_of_twelve_is_lost(&system, order(round)).await;
        }
    }
}

async fn none_of_twelve_is_lost(system: &OrderSystem, order: OrderId) {
    send(system, order, create("c")).await;
    let codes = race(12, |writer, barrier| {
        let system = system.clone();
        async move {
            barrier.wait().await;
            code(&system.send(Envelope::new(order, add(&format!("p-{writer}")))).await)
        }
    })
    .await;
    // In the worst case a writer is overtaken by each of the eleven others, and tries on.
    assert_eq!(codes, ["accepted"; 12]);
    let row = details(system, order).await.expect("the order");
    assert_eq!((row.item_count, row.version.get()), (13, 13));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn confirm_and_cancel_race_and_one_wins() {
    for system in systems() {
        for round in 1..=50 {
            confirmed_or_cancelled(&system, order(round)).await;
        }
    }
}

async fn confirmed_or_cancelled(system: &OrderSystem, order: OrderId) {
    send(system, order, create("c")).await;
    let codes = race(2, |writer, barrier| {
        let system = system.clone();
        let command: OrderCommand = if writer == 0 { confirm().into() } else { cancel().into() };
        async move {
            barrier.wait().await;
            code(&system.send(Envelope::new(order, command)).await)
        }
    })
    .await;
    let expected = match codes.as_slice() {
        ["accepted", "OrderNotPending"] => OrderStatus::Confirmed,
        ["OrderNotPending", "accepted"] => OrderStatus::Cancelled,
        _ => panic!("{codes:?}"),
    };
    assert_eq!(details(system, order).await.map(|row| row.status), Some(expected));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_is_overtaken_too_often_is_told() {
    let system = builder().store(Flaky::new()).build().expect("strong mode needs nothing");
    send(&system, order(1), create("c")).await;
    let codes = race(60, |writer, barrier| {
        let system = system.clone();
        async move {
            barrier.wait().await;
            code(&system.send(Envelope::new(order(1), add(&format!("p-{writer}")))).await)
        }
    })
    .await;
    let accepted = codes.iter().filter(|code| **code == "accepted").count();
    assert!(codes.iter().all(|code| ["accepted", "ConcurrencyConflict"].contains(code)), "{codes:?}");
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(1 + accepted));
}

/// Runs so many writers at once; their codes, by writer.
async fn race<F>(writers: usize, writer: impl Fn(usize, Arc<Barrier>) -> F) -> Vec<&'static str>
where
    F: Future<Output = &'static str> + Send + 'static,
{
    let barrier = Arc::new(Barrier::new(writers));
    let mut tasks = JoinSet::new();
    for number in 0..writers {
        let running = writer(number, Arc::clone(&barrier));
        tasks.spawn(async move { (number, running.await) });
    }
    let mut codes = tasks.join_all().await;
    codes.sort_unstable();
    codes.into_iter().map(|(_, code)| code).collect()
}
