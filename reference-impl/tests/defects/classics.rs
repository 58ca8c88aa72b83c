//! The three that everybody has met: a lost event, a lost update, a key that is ignored.

use std::time::Duration;

use reference_impl::application::Envelope;
use reference_impl::domain::OrderStatus;
use reference_impl::store::{ExpectedVersion, Position};
use reference_impl::{OrderSystem, SyncMode};
use tokio::task::JoinSet;

use super::common::built;
use crate::support::{
    EVENTUAL, LONG, add, at, builder, code, confirm, create, details, list, order, send, system, with_defects,
};

/// Which of a hundred new orders `order_summary` doesn't show once it says it has caught up.
async fn missing(system: &OrderSystem) -> Vec<u128> {
    for number in 1..=100 {
        send(system, order(number), create("c")).await;
    }
    system.wait_caught_up(LONG).await.expect("caught up");
    let mut missing = Vec::new();
    for number in 1..=100 {
        if details(system, order(number)).await.is_none() {
            missing.push(number);
        }
    }
    missing
}

#[tokio::test(start_paused = true)]
async fn drop_event_keeps_one_in_so_many_from_the_read_models_for_good() {
    assert_eq!(missing(&system()).await, []);
    assert_eq!(missing(&built(builder().sync(EVENTUAL))).await, []);

    let system = built(with_defects(&["drop-event"]));
    let lost = missing(&system).await;
    assert!((3..=25).contains(&lost.len()), "{lost:?}");
    assert_eq!(list(&system, "c").await.len(), 100 - lost.len(), "both read models miss the same");
    assert!(system.read_models().iter().all(|status| status.position == Position::new(100)));
    // The write side has them all the same.
    assert_eq!(code(&system.send(Envelope::new(order(lost[0]), create("c"))).await), "OrderAlreadyExists");

    let again = built(with_defects(&["drop-event"]).sync(EVENTUAL));
    assert_eq!(missing(&again).await, lost, "the seed chooses, not the timing");
    let other = built(with_defects(&["drop-event"]).seed(2));
    assert_ne!(missing(&other).await, lost);
}

#[tokio::test]
async fn drop_event_is_healed_by_a_rebuild() {
    let system = built(with_defects(&["drop-event:1"]));
    send(&system, order(1), create("c")).await;
    send(&system, order(1), confirm()).await;
    assert_eq!((details(&system, order(1)).await, list(&system, "c").await), (None, Vec::new()));
    system.rebuild("order_summary").await.expect("rebuilt");
    system.rebuild("customer_orders").await.expect("rebuilt");
    assert_eq!(details(&system, order(1)).await.map(|row| row.status), Some(OrderStatus::Confirmed));
    assert_eq!(list(&system, "c").await.len(), 1);
}

/// How many of a burst of accepted items the order doesn't have, as the read side and the log see it.
async fn lost_items(system: &OrderSystem) -> (usize, usize) {
    send(system, order(1), create("c")).await;
    let sends = (0..20).map(|number| {
        let system = system.clone();
        async move { code(&system.send(Envelope::new(order(1), add(&format!("p-{number}")))).await) }
    });
    let codes = sends.collect::<JoinSet<_>>().join_all().await;
    let accepted = codes.iter().filter(|code| **code == "accepted").count();
    assert!(accepted > 0, "{codes:?}");
    system.wait_caught_up(LONG).await.expect("caught up");
    let shown = details(system, order(1)).await.expect("the order").item_count;
    let logged = usize::try_from(system.head().await.expect("the head").get()).expect("small");
    (1 + accepted - shown, 1 + accepted - logged)
}

#[tokio::test]
async fn two_workers_take_away_what_the_other_did_and_nothing_one_behind_the_other() {
    assert_eq!(lost_items(&system()).await, (0, 0));
    let (shown, logged) = lost_items(&built(with_defects(&["two-workers"]))).await;
    assert!(shown > 0, "the read models have lost some");
    assert_eq!(logged, 0, "the log has them all");

    let system = built(with_defects(&["two-workers"]));
    send(&system, order(1), create("c")).await;
    for number in 0..5 {
        send(&system, order(1), add(&format!("p-{number}"))).await;
    }
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(6));
}

#[tokio::test]
async fn lost_update_loses_what_others_wrote_at_the_same_time() {
    assert_eq!(lost_items(&system()).await, (0, 0));
    let (unseen, unlogged) = lost_items(&built(with_defects(&["lost-update"]))).await;
    assert!(unseen > 0 && unlogged > 0, "unseen {unseen}, unlogged {unlogged}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lost_update_does_so_on_several_threads_and_in_eventual_mode() {
    let soon = SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::ZERO };
    assert_eq!(lost_items(&built(builder().sync(soon))).await, (0, 0));
    let mut unlogged = 0;
    for seed in 0..10 {
        unlogged += lost_items(&built(with_defects(&["lost-update"]).sync(soon).seed(seed))).await.1;
    }
    assert!(unlogged > 0);
}

/// Outcomes of a stale writer, and what became of the write that it didn't know of.
async fn stale_write(system: &OrderSystem) -> (&'static str, bool) {
    send(system, order(1), create("c")).await;
    send(system, order(1), add("first")).await;
    let stale = system.send(Envelope::new(order(1), add("second")).expecting(at(1))).await;
    system.rebuild("order_summary").await.expect("rebuilt");
    let row = details(system, order(1)).await.expect("the order");
    (code(&stale), row.items.iter().any(|item| item.product.as_str() == "first"))
}

#[tokio::test]
async fn lost_update_lets_a_stale_writer_replace_what_it_did_not_know_of() {
    assert_eq!(stale_write(&system()).await, ("ConcurrencyConflict", true));
    assert_eq!(stale_write(&built(with_defects(&["lost-update"]))).await, ("accepted", false));
}

#[tokio::test]
async fn lost_update_does_not_write_beyond_the_end() {
    let system = built(with_defects(&["lost-update"]));
    send(&system, order(1), create("c")).await;
    let ahead = system.send(Envelope::new(order(1), add("p")).expecting(at(5))).await;
    assert_eq!(code(&ahead), "ConcurrencyConflict");
}

/// How many of those who want to be the first to create an order are told that they were.
async fn first_writers(system: &OrderSystem) -> usize {
    let sends = (0..8).map(|number| {
        let system = system.clone();
        let create = create(&format!("c-{number}"));
        async move {
            let envelope = Envelope::new(order(1), create).expecting(ExpectedVersion::NoStream);
            system.send(envelope).await.is_ok()
        }
    });
    sends.collect::<JoinSet<_>>().join_all().await.into_iter().filter(|won| *won).count()
}

#[tokio::test]
async fn lost_update_has_more_than_one_first_writer() {
    assert_eq!(first_writers(&system()).await, 1);
    assert!(first_writers(&built(with_defects(&["lost-update"]))).await > 1);
}

/// How many items a retried command has added, and what a key used for another command gives.
async fn retried(system: &OrderSystem) -> (usize, &'static str) {
    send(system, order(1), create("c")).await;
    for _ in 0..3 {
        let outcome = system.send(Envelope::new(order(1), add("p")).with_key("k")).await;
        assert_eq!(code(&outcome), "accepted");
    }
    let items = details(system, order(1)).await.expect("the order").item_count - 1;
    (items, code(&system.send(Envelope::new(order(1), add("q")).with_key("k")).await))
}

#[tokio::test]
async fn ignore_key_lets_a_retry_take_effect_again() {
    assert_eq!(retried(&system()).await, (1, "KeyReused"));
    assert_eq!(retried(&built(with_defects(&["ignore-key"]))).await, (3, "accepted"));
}

#[tokio::test]
async fn defects_can_be_had_together() {
    let both = built(with_defects(&["ignore-key", "lost-update"]));
    assert_eq!(retried(&both).await, (3, "accepted"));
    let both = built(with_defects(&["ignore-key", "lost-update"]));
    assert_eq!(stale_write(&both).await, ("accepted", false));
}

#[tokio::test]
async fn a_single_client_sees_no_lost_update() {
    let system = built(with_defects(&["lost-update"]));
    send(&system, order(1), create("c")).await;
    for number in 2..=10 {
        let envelope = Envelope::new(order(1), add("p")).expecting(at(number - 1));
        assert_eq!(system.send(envelope).await.map(|receipt| receipt.version.get()), Ok(number));
    }
    assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(10));
}
