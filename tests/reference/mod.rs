//! The order system's own pieces, tested one at a time with the fixtures that users have: its aggregate, a projection, the
//! handler of a query; and what the fixtures say when something is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use proofmark::testing::fixture::{Aggregate, CountedIds, Projection, Question, SetClock};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use reference_impl::application::{GetOrderDetails, Handler, OrderDetailsQueries};
use reference_impl::clock::Timestamp;
use reference_impl::defect::{Inbox, Points};
use reference_impl::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, Item, Order, OrderCommand, OrderEvent, OrderId,
    OrderStatus, Rejection, RemoveItem,
};
use reference_impl::projection::{CustomerOrders, DerivedDirectory, OrderSummaries, ReadModel};
use reference_impl::store::{EventMetadata, InMemoryEventStore, Position, RecordedEvent, Version};
use rust_decimal::Decimal;
use uuid::Uuid;

const ID: OrderId = OrderId::new(Uuid::from_u128(7));

fn order() -> Aggregate<Order, OrderCommand, OrderEvent, Rejection> {
    Aggregate::new(|| Order::new(ID), Order::decide, Order::evolve)
}

fn tea(quantity: i64) -> Item {
    Item::new("tea", quantity, Decimal::new(450, 2))
}

fn created() -> OrderEvent {
    OrderEvent::OrderCreated { customer: "ada".into(), items: vec![tea(2)] }
}

fn cup() -> OrderEvent {
    OrderEvent::ItemAdded { product: "cup".into(), quantity: 1, price: Decimal::from(8) }
}

#[test]
fn the_aggregate_keeps_its_rules() {
    let add = AddItem { product: "cup".into(), quantity: 1, price: Decimal::from(8) };
    order()
        .given([created()])
        .when(add.clone().into())
        .then([cup()])
        .then_state(Order::status, OrderStatus::Pending);
    order().given([]).when(add.clone().into()).then_rejected(Rejection::OrderNotFound { order: ID });
    order()
        .given([created(), OrderEvent::OrderConfirmed {}])
        .when(add.into())
        .then_rejected(Rejection::OrderNotPending { order: ID, status: OrderStatus::Confirmed });
    order()
        .given([created(), cup()])
        .when(RemoveItem { product: "cup".into() }.into())
        .then([OrderEvent::ItemRemoved { product: "cup".into() }])
        .then_state(|order| order.items().to_vec(), vec![tea(2)]);
}

fn any_command() -> impl Strategy<Value = OrderCommand> {
    let item = || {
        ("[ab]", -1..3_i64, 0..3_i64)
            .prop_map(|(product, quantity, price)| Item::new(product, quantity, price.into()))
    };
    prop_oneof![
        prop::collection::vec(item(), 0..3)
            .prop_map(|items| CreateOrder { customer: "c".into(), items }.into()),
        item().prop_map(|Item { product, quantity, price }| AddItem { product, quantity, price }.into()),
        "[ab]".prop_map(|product| RemoveItem { product: product.into() }.into()),
        Just(ConfirmOrder {}.into()),
        Just(CancelOrder { reason: String::new() }.into()),
    ]
}

/// The first sequence behind which it does not hold, made small.
fn broken(invariant: &str, holds: impl Fn(&Order) -> bool + Copy) -> Option<String> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng = proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha);
    let outcome =
        TestRunner::new_with_rng(config, rng).run(&prop::collection::vec(any_command(), 0..12), |commands| {
            order()
                .holds(invariant, holds, commands)
                .map_err(|broken| TestCaseError::fail(broken.to_string()))
        });
    outcome.err().map(|error| match error {
        proptest::test_runner::TestError::Fail(why, _) => why.to_string(),
        proptest::test_runner::TestError::Abort(why) => panic!("{why}"),
    })
}

#[test]
fn a_live_order_has_items_whatever_comes() {
    assert_eq!(
        broken("a live order has items", |order| order.status() == OrderStatus::Absent
            || !order.items().is_empty()),
        None
    );
    let small = broken("no order is cancelled", |order| order.status() != OrderStatus::Cancelled);
    insta::assert_snapshot!("an_invariant_that_breaks", small.expect("a sequence"));
}

/// Events as the store would have recorded them.
fn recorded(events: impl IntoIterator<Item = OrderEvent>) -> Vec<RecordedEvent> {
    let (clock, ids) = (SetClock::at(0), CountedIds::new(|n| Uuid::from_u128(n.into())));
    let record = |(at, event)| {
        clock.set(clock.now() + 1000);
        let metadata = EventMetadata {
            event_id: ids.next().into(),
            time: Timestamp::from_unix_millis(clock.now()),
            command_id: ids.next().into(),
            causation: None,
            actor: None,
        };
        RecordedEvent { position: Position::new(at), order: ID, version: Version::new(at), event, metadata }
    };
    (1..).zip(events).map(record).collect()
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(work)
}

#[test]
fn the_read_model_is_right_and_stays_right_when_events_come_again() {
    let lists = Projection::new(
        || ReadModel::new(CustomerOrders, Arc::new(InMemoryEventStore::new()), Points::correct().delivery),
        |model, event: &RecordedEvent| wait(model.apply(event)).expect("applied"),
    );
    let total = |model: &ReadModel<CustomerOrders>| {
        let row = wait(model.repository().find(ID)).expect("a row").value;
        row.map(|row| (row.total.to_string(), row.status))
    };
    let expected = Some(("17.00".to_owned(), OrderStatus::Confirmed));
    lists.redelivered(recorded([created(), cup(), OrderEvent::OrderConfirmed {}])).then(total, expected);
}

#[test]
fn a_query_is_answered_from_the_rows() {
    let summaries = OrderSummaries::new(Arc::new(DerivedDirectory));
    let model =
        Arc::new(ReadModel::new(summaries, Arc::new(InMemoryEventStore::new()), Points::correct().delivery));
    let events = recorded([created(), cup()]);
    for event in &events {
        wait(model.apply(event)).expect("applied");
    }
    let asked = Question::seeded(OrderDetailsQueries::new(model));
    let found = wait(asked.when_by(GetOrderDetails { order: ID }, async |queries, query| {
        let row = queries.handle(query).await.expect("an answer").value;
        row.map(|row| (row.item_count, row.total.to_string(), row.created_at.as_unix_millis()))
    }));
    found.then(Some((2, "17.00".to_owned(), 1000)));
}

/// What a test says that fails.
fn said(fails: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(fails)).expect_err("a failure");
    *panic.downcast::<String>().expect("a text")
}

#[test]
fn failures_are_told_field_by_field() {
    let add: OrderCommand = AddItem { product: "cup".into(), quantity: 2, price: Decimal::from(8) }.into();
    let texts = [
        said(|| drop(order().given([created()]).when(add.clone()).then([cup()]))),
        said(|| drop(order().given([]).when(add.clone()).then([cup()]))),
        said(|| {
            drop(
                order()
                    .given([created()])
                    .when(add.clone())
                    .then_rejected(Rejection::OrderNotFound { order: ID }),
            );
        }),
        said(|| {
            drop(
                order().given([created()]).when(add).then_state(|order| order.items().to_vec(), vec![tea(2)]),
            );
        }),
        said(|| {
            let counts = Projection::new(|| 0, |count: &mut i32, _: &&str| *count += 1);
            drop(counts.redelivered(["Deposited"]).then(|count| *count, 1));
        }),
        said(|| drop(Question::seeded(0.5).when("half", |rows, _| *rows).then(0.5))),
    ];
    insta::assert_snapshot!("failures", texts.join("\n"));
}
