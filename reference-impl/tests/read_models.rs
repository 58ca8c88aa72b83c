//! Read models: redelivery, rebuilding, and what they copy from the customer directory.

use std::sync::Arc;

use reference_impl::OrderSystem;
use reference_impl::application::{GetOrderDetails, ListCustomerOrders};
use reference_impl::defect::{Correct, Inbox};
use reference_impl::projection::{
    Customer, CustomerOrders, DerivedDirectory, OrderSummaries, ReadModel, RegisteredCustomers,
};
use reference_impl::store::{InMemoryEventStore, Position, Version};
use reference_impl::system::RebuildError;
use tokio::task::JoinSet;

use crate::support::{
    LAG, LONG, add, builder, cancel, confirm, create, details, eventual, list, order, remove, send, shown,
    system,
};

const NAMES: [&str; 2] = ["order_summary", "customer_orders"];

async fn some_orders(system: &OrderSystem) {
    for number in 1..=30 {
        send(system, order(number), create(["ann", "bob"][number as usize % 2])).await;
        send(system, order(number), add("p-1")).await;
        send(system, order(number), add("p-2")).await;
        match number % 3 {
            0 => send(system, order(number), confirm()).await,
            1 => send(system, order(number), cancel()).await,
            _ => send(system, order(number), remove("p-1")).await,
        };
    }
}

#[tokio::test]
async fn a_redelivered_event_changes_nothing() {
    let system = system();
    some_orders(&system).await;
    let events = system.events(Position::START, 1000).await.expect("the feed");
    let store = Arc::new(InMemoryEventStore::new());
    let summaries =
        ReadModel::new(OrderSummaries::new(Arc::new(DerivedDirectory)), store.clone(), Arc::new(Correct));
    let lists = ReadModel::new(CustomerOrders, store, Arc::new(Correct));
    let mut delivered = 0;
    for (index, event) in events.iter().enumerate() {
        // The new event, then the last few once more, oldest first.
        for event in [event].into_iter().chain(&events[index.saturating_sub(4)..=index]) {
            summaries.apply(event).await.expect("taken in");
            lists.apply(event).await.expect("taken in");
            delivered += 1;
        }
    }
    assert!(delivered > 5 * events.len());
    for number in 1..=30 {
        let row = summaries.repository().find(order(number)).await.expect("an answer");
        assert_eq!((row.value, row.position), (details(&system, order(number)).await, Position::new(120)));
    }
    for customer in ["ann", "bob"] {
        let rows = lists.repository().list(&customer.into(), 0, 100).await.expect("an answer").value.rows;
        assert_eq!(rows, list(&system, customer).await);
    }
}

#[tokio::test]
async fn a_rebuilt_read_model_equals_the_one_before() {
    let system = system();
    some_orders(&system).await;
    let before = shown(&system, 1..=30, &["ann", "bob"]).await;
    assert!(before.0.iter().all(Option::is_some));
    for name in NAMES {
        let rebuilt = system.rebuild(name).await.expect("rebuilt");
        assert_eq!((rebuilt.read_model, rebuilt.position), (name, Position::new(120)));
        assert_eq!(shown(&system, 1..=30, &["ann", "bob"]).await, before);
    }
    assert_eq!(system.head().await, Ok(Position::new(120)), "a rebuild emits nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_and_writes_go_on_during_a_rebuild() {
    let system = system();
    some_orders(&system).await;
    let mut tasks = JoinSet::new();
    for name in NAMES {
        let system = system.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                system.rebuild(name).await.expect("rebuilt");
            }
        });
    }
    for writer in 0..2_u128 {
        let system = system.clone();
        tasks.spawn(async move {
            for number in 0..200 {
                let id = order(1000 * (writer + 1) + number);
                let receipt = send(&system, id, create("eve")).await;
                // Strong mode keeps its promise through every swap.
                let answer = system.ask(GetOrderDetails { order: id }).await.expect("an answer");
                assert!(answer.position >= receipt.position && answer.value.is_some());
                assert!(details(&system, order(1)).await.is_some(), "an old row is always there");
            }
        });
    }
    tasks.join_all().await;
    let eves = system.ask(ListCustomerOrders::new("eve")).await.expect("an answer");
    assert_eq!(eves.value.total_count, 400);
    let orders = || (1..=30).chain(1000..1200).chain(2000..2200);
    let after = shown(&system, orders(), &["ann", "bob", "eve"]).await;
    for name in NAMES {
        system.rebuild(name).await.expect("rebuilt");
    }
    assert_eq!(shown(&system, orders(), &["ann", "bob", "eve"]).await, after);
}

#[tokio::test(start_paused = true)]
async fn a_rebuild_shows_what_was_visible_and_no_more() {
    let system = eventual();
    send(&system, order(1), create("c")).await;
    system.wait_caught_up(LONG).await.expect("caught up");
    send(&system, order(1), add("p")).await;
    let rebuilt = system.rebuild("order_summary").await.expect("rebuilt");
    assert_eq!(rebuilt.position, Position::new(1));
    assert_eq!(details(&system, order(1)).await.map(|row| row.version), Some(Version::new(1)));
    system.wait_caught_up(2 * LAG).await.expect("caught up");
    assert_eq!(details(&system, order(1)).await.map(|row| row.version), Some(Version::new(2)));
}

#[tokio::test]
async fn only_a_read_model_can_be_rebuilt() {
    let error = system().rebuild("order_sumary").await.expect_err("unknown");
    assert!(matches!(&error, RebuildError::Unknown(unknown) if unknown.known == NAMES), "{error:?}");
    assert!(NAMES.iter().all(|name| error.to_string().contains(name)), "{error}");
}

#[tokio::test]
async fn a_summary_copies_what_the_directory_knew_when_the_order_was_opened() {
    let customers = Arc::new(RegisteredCustomers::new());
    let ada = |email: &str| Customer { name: "Ada Berg".into(), email: email.into() };
    customers.register("ada".into(), ada("ada@example.com"));
    let system = builder().customers(customers.clone()).build().expect("strong mode needs nothing");
    send(&system, order(1), create("ada")).await;
    customers.register("ada".into(), ada("berg@example.com"));
    send(&system, order(1), add("p")).await;
    send(&system, order(2), create("nobody")).await;

    let row = details(&system, order(1)).await.expect("the order");
    assert_eq!(row.customer_name.as_deref(), Some("Ada Berg"));
    assert_eq!(row.customer_email.as_deref(), Some("ada@example.com"));
    let row = details(&system, order(2)).await.expect("the order");
    assert_eq!((row.customer_name.as_ref(), row.customer_email.as_ref()), (None, None));
}

#[tokio::test]
async fn both_read_models_agree() {
    let system = system();
    some_orders(&system).await;
    for customer in ["ann", "bob"] {
        let rows = list(&system, customer).await;
        assert_eq!(rows.len(), 15);
        for row in rows {
            let details = details(&system, row.order).await.expect("the order");
            assert_eq!(
                (&row.customer, row.status, row.total, row.version, row.position),
                (&details.customer, details.status, details.total, details.version, details.position)
            );
        }
    }
}
