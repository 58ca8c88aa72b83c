//! Defects that need two at once, or a key.

use reference_impl::OrderSystem;
use reference_impl::application::{CommandError, Envelope, IdempotencyKey};
use reference_impl::domain::OrderId;
use tokio::task::JoinSet;

use super::common::pair;
use crate::support::{add, at, cancel, code, confirm, create, details, order, send};

/// The outcomes of some commands at once.
async fn at_once(
    system: &OrderSystem,
    envelopes: impl IntoIterator<Item = Envelope<reference_impl::domain::OrderCommand>>,
) -> Vec<&'static str> {
    let sends = envelopes.into_iter().map(|envelope| {
        let system = system.clone();
        async move { code(&system.send(envelope).await) }
    });
    let mut codes = sends.collect::<JoinSet<_>>().join_all().await;
    codes.sort_unstable();
    codes
}

fn adding(number: OrderId) -> Envelope<reference_impl::domain::OrderCommand> {
    Envelope::new(number, add("p-1").into())
}

#[tokio::test]
async fn check_then_act_lets_contradictions_through() {
    let [clean, broken] = pair("check-then-act");
    for (system, expected) in [(&clean, ["OrderNotPending", "accepted"]), (&broken, ["accepted", "accepted"])]
    {
        send(system, order(1), create("c")).await;
        let both = [Envelope::new(order(1), confirm().into()), Envelope::new(order(1), cancel().into())];
        assert_eq!(at_once(system, both).await, expected);
    }
    for (system, winners) in [(&clean, 1), (&broken, 4)] {
        send(system, order(2), create("c")).await;
        let codes = at_once(system, (0..4).map(|_| adding(order(2)).expecting(at(1)))).await;
        assert_eq!(codes.iter().filter(|code| **code == "accepted").count(), winners, "{codes:?}");
    }
}

#[tokio::test]
async fn global_lock_has_writers_of_other_orders_conflict() {
    let [clean, broken] = pair("global-lock");
    for (system, conflicts) in [(clean, false), (broken, true)] {
        for number in 1..=8 {
            send(&system, order(number), create("c")).await;
        }
        let codes = at_once(&system, (1..=8).map(|number| adding(order(number)))).await;
        assert_eq!(codes.contains(&"ConcurrencyConflict"), conflicts, "{codes:?}");
        assert!(codes.contains(&"accepted"), "{codes:?}");
        // Whoever is alone is never in anybody's way.
        assert_eq!(at_once(&system, [adding(order(1))]).await, ["accepted"]);
    }
}

#[tokio::test]
async fn conflict_fails_where_two_write_at_once() {
    let [clean, broken] = pair("conflict-fails");
    for (system, fails) in [(clean, false), (broken, true)] {
        send(&system, order(1), create("c")).await;
        let codes = at_once(&system, (0..8).map(|_| adding(order(1)))).await;
        assert_eq!(codes.contains(&"failed"), fails, "{codes:?}");
        let stale = system.send(adding(order(1)).expecting(at(1))).await;
        assert!(
            matches!(stale, Err(CommandError::Rejected(_))),
            "one at a time is refused properly: {stale:?}"
        );
    }
}

#[tokio::test]
async fn late_key_lets_duplicates_at_once_all_take_effect() {
    let [clean, broken] = pair("late-key");
    for (system, items) in [(clean, 1), (broken, 4)] {
        send(&system, order(1), create("c")).await;
        let keyed = || adding(order(1)).with_key(IdempotencyKey::from("k"));
        assert_eq!(at_once(&system, (0..4).map(|_| keyed())).await, ["accepted"; 4]);
        let count = async || details(&system, order(1)).await.map(|row| row.item_count - 1);
        assert_eq!(count().await, Some(items));
        // One after the other is safe all the same.
        assert_eq!(code(&system.send(keyed()).await), "accepted");
        assert_eq!(count().await, Some(items));
    }
}

#[tokio::test]
async fn body_key_takes_the_same_body_for_a_retry() {
    let [clean, broken] = pair("body-key");
    for (system, items, reused) in [(clean, 2, "KeyReused"), (broken, 1, "accepted")] {
        send(&system, order(1), create("c")).await;
        for key in ["k-1", "k-2"] {
            assert_eq!(code(&system.send(adding(order(1)).with_key(key)).await), "accepted");
        }
        assert_eq!(details(&system, order(1)).await.map(|row| row.item_count - 1), Some(items));
        assert_eq!(code(&system.send(Envelope::new(order(1), add("q")).with_key("k-1")).await), reused);
    }
}
