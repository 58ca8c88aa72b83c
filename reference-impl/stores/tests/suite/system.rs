//! A whole system on each store.

use std::sync::Arc;
use std::time::Duration;

use reference_impl::application::{CommandError, Envelope, GetOrderDetails, ListCustomerOrders, Receipt};
use reference_impl::projection::{CustomerOrder, OrderSummary};
use reference_impl::seed::Seed;
use reference_impl::store::Position;
use reference_impl::{OrderSystem, SyncMode};
use tokio::task::JoinSet;

use crate::courses::{add, create, drawn, order};
use crate::place::Place;

const LONG: Duration = Duration::from_secs(60);
const SOON: SyncMode = SyncMode::Eventual { lag: Duration::from_millis(1), jitter: Duration::ZERO };
const NEVER: SyncMode = SyncMode::Eventual { lag: Duration::from_hours(1), jitter: Duration::ZERO };

type Shown = (Vec<Option<Arc<OrderSummary>>>, Vec<Vec<Arc<CustomerOrder>>>);

async fn shown(system: &OrderSystem) -> Shown {
    let (mut rows, mut lists) = (Vec::new(), Vec::new());
    for number in 1..=5 {
        rows.push(system.ask(GetOrderDetails { order: order(number) }).await.expect("an answer").value);
    }
    for customer in ["ann", "bob"] {
        let query = ListCustomerOrders::new(customer).page(1, 100);
        lists.push(system.ask(query).await.expect("an answer").value.rows);
    }
    (rows, lists)
}

/// Rows but for when they were made.
fn timeless((rows, lists): Shown) -> Shown {
    let timeless = |row: Arc<OrderSummary>| {
        Arc::new(OrderSummary { created_at: reference_impl::clock::Timestamp::default(), ..(*row).clone() })
    };
    (rows.into_iter().map(|row| row.map(timeless)).collect(), lists)
}

/// The same commands on a system in memory that is never stopped, and on this store, opened anew
/// again and again and with retries: the same outcomes, the same rows.
pub(super) async fn every_course_ends_as_in_memory(place: Place) {
    let memory = OrderSystem::builder().seed(1).build().expect("strong mode needs nothing");
    let mut system = place.open(SyncMode::Strong).await;
    let seed = Seed::new(11);
    for index in 0..120 {
        let (order, command) = drawn(seed, index);
        let envelope = Envelope::new(order, command).with_key(format!("k-{index}"));
        let here = system.send(envelope.clone()).await;
        assert_eq!(memory.send(envelope.clone()).await, here, "{envelope:?}");
        if index % 60 == 59 {
            drop(system);
            system = place.open(if index % 120 == 59 { SyncMode::Strong } else { SOON }).await;
        }
        if index % 7 == 0 {
            assert_eq!(system.send(envelope).await, here, "a retry");
        }
    }
    system.wait_caught_up(LONG).await.expect("caught up");
    let (here, there) = (timeless(shown(&system).await), timeless(shown(&memory).await));
    assert_eq!(here, there);
    assert!(here.1.iter().all(|rows| !rows.is_empty()));
    for name in ["order_summary", "customer_orders"] {
        system.rebuild(name).await.expect("rebuilt");
    }
    assert_eq!(timeless(shown(&system).await), there);
}

pub(super) async fn everything_is_there_again(place: Place) {
    let first = place.open(SyncMode::Strong).await;
    let keyed = Envelope::new(order(1), create("ann")).with_key("k");
    let outcome = first.send(keyed.clone()).await;
    let early = Envelope::new(order(2), add("p")).with_key("early");
    let refused = first.send(early.clone()).await;
    let rows = shown(&first).await;
    drop(first);
    let second = place.open(SyncMode::Strong).await;
    assert_eq!(shown(&second).await, rows);
    assert_eq!(second.send(keyed).await, outcome);
    assert_eq!(second.send(early).await, refused);
    assert_eq!(second.head().await, Ok(Position::new(1)));
}

pub(super) async fn eventual_catches_up_after_a_restart(place: Place) {
    for (number, sync) in [(1, SyncMode::Strong), (2, SOON)] {
        let first = place.open(NEVER).await;
        // What was recorded before is due at once.
        first.wait_caught_up(LONG).await.expect("caught up");
        first.send(Envelope::new(order(number), create("ann"))).await.expect("accepted");
        let details = first.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
        assert_eq!(details.value, None);
        drop(first);
        let second = place.open(sync).await;
        second.wait_caught_up(LONG).await.expect("caught up");
        let details = second.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
        assert!(details.value.is_some());
    }
}

/// Two systems on one store, as two processes have it: one shows what the other records.
pub(super) async fn one_process_shows_what_another_records(place: Place) {
    for (number, follows) in [(1, SOON), (2, SyncMode::Strong)] {
        let (writer, reader) = (place.open(NEVER).await, place.open(follows).await);
        let receipt = writer.send(Envelope::new(order(number), create("ann"))).await.expect("accepted");
        reader.wait_for(receipt.position, LONG).await.expect("caught up");
        assert!(
            reader.ask(GetOrderDetails { order: order(number) }).await.expect("an answer").value.is_some()
        );
    }
}

/// One process builds read models anew, again and again, while another one writes and asks: it never notices.
pub(super) async fn a_rebuild_by_another_process(place: Place) {
    let (builder, other) = (place.open(SyncMode::Strong).await, place.open(SyncMode::Strong).await);
    let mut tasks = JoinSet::new();
    for name in ["order_summary", "customer_orders"] {
        let builder = builder.clone();
        tasks.spawn(async move {
            for _ in 0..4 {
                builder.rebuild(name).await.expect("rebuilt");
            }
        });
    }
    for number in 0..60_u64 {
        let order = order(u128::from(number) + 1);
        let receipt = other.send(Envelope::new(order, create("eve"))).await.expect("accepted");
        let details = other.ask(GetOrderDetails { order }).await.expect("an answer");
        assert!(details.value.is_some() && details.position >= receipt.position, "{receipt:?}: {details:?}");
        let eves = other.ask(ListCustomerOrders::new("eve")).await.expect("an answer");
        assert_eq!(eves.value.total_count as u64, number + 1);
    }
    tasks.join_all().await;
    // And so it goes on when all is cleared away.
    let order = order(99);
    let receipt = other.send(Envelope::new(order, create("eve"))).await.expect("accepted");
    for system in [&builder, &other] {
        system.wait_for(receipt.position, LONG).await.expect("caught up");
        assert!(system.ask(GetOrderDetails { order }).await.expect("an answer").value.is_some());
        let eves = system.ask(ListCustomerOrders::new("eve")).await.expect("an answer");
        assert_eq!(eves.value.total_count, 61);
    }
}

pub(super) async fn a_rebuild_beside_writers(place: Place) {
    let system = place.open(SyncMode::Strong).await;
    let mut tasks = JoinSet::new();
    for writer in 0..2_u128 {
        let system = system.clone();
        tasks.spawn(async move {
            for number in 0..20 {
                let order = order(1000 * (writer + 1) + number);
                let receipt = system.send(Envelope::new(order, create("eve"))).await.expect("accepted");
                let answer = system.ask(GetOrderDetails { order }).await.expect("an answer");
                assert!(answer.position >= receipt.position && answer.value.is_some());
            }
        });
    }
    for name in ["order_summary", "customer_orders"] {
        let system = system.clone();
        tasks.spawn(async move {
            for _ in 0..3 {
                system.rebuild(name).await.expect("rebuilt");
            }
        });
    }
    tasks.join_all().await;
    let eves = system.ask(ListCustomerOrders::new("eve")).await.expect("an answer");
    assert_eq!(eves.value.total_count, 40);
}

pub(super) async fn concurrent_duplicates_have_one_effect(place: Place) {
    // Two systems on one store, as two processes have it: neither knows what the other has under way.
    let systems = [place.open(SyncMode::Strong).await, place.open(SyncMode::Strong).await];
    systems[0].send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    for round in 0..10_u64 {
        let sends = (0..8).map(|sender| {
            let envelope = Envelope::new(order(1), add("p")).with_key(format!("k-{round}"));
            let system = systems[sender % 2].clone();
            async move { system.send(envelope).await }
        });
        let outcomes: Vec<Result<Receipt, CommandError>> = sends.collect::<JoinSet<_>>().join_all().await;
        assert_eq!(outcomes[0].as_ref().map(|receipt| receipt.version.get()), Ok(round + 2));
        assert!(outcomes.iter().all(|outcome| *outcome == outcomes[0]), "{outcomes:?}");
    }
    assert_eq!(systems[1].head().await, Ok(Position::new(11)));
}
