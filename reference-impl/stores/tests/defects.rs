//! Defects of stores: each breaks its promise where somebody can see it, and the store without it keeps the promise.

use std::future::Future;
use std::time::Duration;

use reference_impl::application::{CommandError, Envelope, GetOrderDetails, Receipt};
use reference_impl::domain::OrderId;
use reference_impl::store::Position;
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::ProjectedBy::{Events, Triggers};
use reference_stores::WriteModel::State;
use reference_stores::{OpenError, store_defects};
use tokio::task::JoinSet;

use crate::courses::{add, create, order};
use crate::place::Place;

const LONG: Duration = Duration::from_secs(60);
/// How often commands are sent at once, and how many.
const ROUNDS: u128 = 8;
const SENDERS: u128 = 8;
const SOON: SyncMode = SyncMode::Eventual { lag: Duration::from_millis(1), jitter: Duration::ZERO };

/// Has `test` done in each of `places` as it is, and with the defect: it says whether the promise was kept.
async fn only_with<F: Future<Output = bool>>(defect: &str, places: Vec<Place>, test: impl Fn(Place) -> F) {
    for place in places {
        let url = place.url().to_owned();
        assert!(test(place.again().await).await, "{url} keeps its promise without {defect}");
        assert!(
            !test(place.with_defect(defect)).await,
            "{url} with {defect} breaks its promise, and it shows"
        );
    }
}

/// SQLite, and PostgreSQL where there is one.
async fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite()];
    places.extend(Place::postgres().await);
    places
}

async fn states() -> Vec<Place> {
    places().await.into_iter().map(|place| place.keeping(State)).collect()
}

async fn shown(system: &OrderSystem, order: OrderId) -> Option<usize> {
    let details = system.ask(GetOrderDetails { order }).await.expect("an answer");
    details.value.map(|row| row.item_count)
}

async fn sent(
    system: &OrderSystem,
    envelope: Envelope<impl reference_impl::application::Command>,
) -> Receipt {
    system.send(envelope).await.expect("accepted")
}

/// The database refuses the commit itself, as a full disk can: what was answered as accepted isn't there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn answer_before_commit() {
    only_with("answer-before-commit", places().await, |place| async move {
        let system = place.open(SOON).await;
        place.refuse_commits("keys").await;
        let outcome = system.send(Envelope::new(order(1), create("ann")).with_key("k")).await;
        if outcome.is_ok() {
            // Whatever becomes of the commit, it is over when the next one is.
            let _ = system.send(Envelope::new(order(2), create("ann")).with_key("l")).await;
        }
        let there = system.head().await.expect("the head") > Position::START;
        outcome.is_err() || there
    })
    .await;
}

/// The message can't be written: the change is there all the same, and no reader ever hears of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outbox_outside() {
    only_with("outbox-outside", states().await, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        place.refuse("outbox").await;
        let added = Envelope::new(order(1), add("p")).with_key("k");
        let failed = system.send(added.clone()).await;
        assert!(matches!(failed, Err(CommandError::Store(_))), "{failed:?}");
        place.allow("outbox").await;
        let receipt = sent(&system, added).await;
        assert_eq!(receipt.version.get(), 2);
        // Another order's message takes the position that was told.
        let other = sent(&system, Envelope::new(order(2), create("ann"))).await;
        system.wait_for(other.position, LONG).await.expect("caught up");
        shown(&system, order(1)).await == Some(2)
    })
    .await;
}

/// The key can't be written: the effect is there all the same, and the retry makes it twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn key_after_effect() {
    only_with("key-after-effect", places().await, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        place.refuse("keys").await;
        let added = Envelope::new(order(1), add("p")).with_key("k");
        let failed = system.send(added.clone()).await;
        assert!(matches!(failed, Err(CommandError::Store(_))), "{failed:?}");
        place.allow("keys").await;
        sent(&system, added).await.version.get() == 2
    })
    .await;
}

/// Rows can't be written for a while: they are never written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checkpoint_first() {
    only_with("checkpoint-first", places().await, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        place.refuse("order_summary_rows").await;
        sent(&system, Envelope::new(order(2), create("ann"))).await;
        // Once the other read model has it, this one has been tried, or is being tried: they take turns.
        system.wait_for_one("customer_orders", Position::new(2), LONG).await.expect("caught up");
        place.allow("order_summary_rows").await;
        let last = sent(&system, Envelope::new(order(3), create("ann"))).await;
        system.wait_for(last.position, LONG).await.expect("caught up");
        shown(&system, order(2)).await.is_some()
    })
    .await;
}

/// A restart is enough: what was added last is there twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn recovered_twice() {
    only_with("recovered-twice", places().await, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        sent(&system, Envelope::new(order(1), add("p"))).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        drop(system);
        let system = place.open(SOON).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        shown(&system, order(1)).await == Some(2)
    })
    .await;
}

/// Of two writers at the same time the one with the lower position commits last: its event is never projected.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn position_sequence() {
    let places = Place::postgres().await.into_iter().collect();
    only_with("position-sequence", places, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        // Somebody holds what the first of them needs, once it has its position.
        let held = place.holding("SELECT 1 FROM streams FOR UPDATE").await;
        let slow = tokio::spawn({
            let system = system.clone();
            async move { sent(&system, Envelope::new(order(1), add("p"))).await }
        });
        let waits = "SELECT count(*)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                     WHERE NOT l.granted AND a.datname = current_database()";
        place.until(waits, "1").await;
        let quick = tokio::spawn({
            let system = system.clone();
            async move { sent(&system, Envelope::new(order(2), create("ann"))).await }
        });
        // Sound writers wait for each other: nothing of the second is there before the first is through.
        if !place.defects().is_empty() {
            system.wait_for_one("order_summary", Position::new(3), LONG).await.expect("projected");
        }
        held.release().await;
        let last = slow.await.expect("it ends").position.max(quick.await.expect("it ends").position);
        system.wait_for(last, LONG).await.expect("caught up");
        let third = sent(&system, Envelope::new(order(3), create("ann"))).await;
        system.wait_for(third.position, LONG).await.expect("caught up");
        shown(&system, order(1)).await == Some(2)
    })
    .await;
}

/// A message comes twice, under two positions: its effect shows twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn relayed_twice() {
    only_with("relayed-twice", states().await, |place| async move {
        let system = place.open(SOON).await;
        sent(&system, Envelope::new(order(1), create("ann"))).await;
        sent(&system, Envelope::new(order(1), add("p"))).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        let feed = system.events(Position::START, 10).await.expect("the feed");
        let twice = feed.len() == 4;
        assert_eq!(twice, shown(&system, order(1)).await != Some(2), "{feed:#?}");
        !twice
    })
    .await;
}

/// Several commands are written with one statement: one of them shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn trigger_per_statement() {
    let places = Place::postgres().await.into_iter();
    let places = places.map(|place| place.keeping(State).projected_by(Triggers)).collect();
    only_with("trigger-per-statement", places, |place| async move {
        let system = place.open(SyncMode::Strong).await;
        // While the first waits, the others gather: on a busy machine not each time.
        for round in 0..ROUNDS {
            let held = place.holding("SELECT 1 FROM store FOR UPDATE").await;
            let mut senders = JoinSet::new();
            for number in 1..=SENDERS {
                let (system, order) = (system.clone(), order(round * SENDERS + number));
                senders.spawn(async move { sent(&system, Envelope::new(order, create("ann"))).await });
            }
            let waits = "SELECT count(*)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid)
                         WHERE NOT l.granted AND a.datname = current_database()";
            place.until(waits, "1").await;
            held.release().await;
            senders.join_all().await;
            let rows = place.texts("SELECT count(*)::text FROM order_summary_view").await.remove(0);
            if rows != ((round + 1) * SENDERS).to_string() {
                return false;
            }
        }
        true
    })
    .await;
}

#[test]
fn each_is_documented() {
    let page = include_str!("../README.md");
    for defect in store_defects() {
        let (name, summary, breaks) = (defect.name, defect.summary, defect.breaks.join(" "));
        let row = format!("| `{name}` | {summary} | {breaks} | {} |", defect.needs());
        assert!(page.contains(&row), "the README has no row\n{row}");
    }
}

/// A defect that can't be had in a place is refused there, with what it needs.
#[tokio::test]
async fn what_does_not_go_together_is_told() {
    let mut refused = Vec::new();
    for defect in store_defects() {
        assert!(!defect.summary.is_empty() && !defect.breaks.is_empty() && !defect.needs().is_empty());
        match Place::sqlite()
            .projected_by(Triggers)
            .keeping(State)
            .with_defect(defect.name)
            .try_stores()
            .await
        {
            Ok(_) => {}
            Err(OpenError::NoSuchDefectHere { defect, needs, .. }) => refused.push((defect, needs)),
            Err(error) => panic!("{error}"),
        }
    }
    let names: Vec<_> = refused.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["checkpoint-first", "recovered-twice", "position-sequence", "trigger-per-statement"]);
    let events = Place::sqlite().projected_by(Events).with_defect("relayed-twice").try_stores().await;
    let text = events.map(|_| ()).expect_err("there is no outbox").to_string();
    assert!(text.contains("`relayed-twice`") && text.contains("needs the write model `state`"), "{text}");
    let unknown = "relayed-twise".parse::<reference_stores::StoreDefect>().expect_err("unknown").to_string();
    assert!(unknown.contains("relayed-twise") && unknown.contains("relayed-twice"), "{unknown}");
}
