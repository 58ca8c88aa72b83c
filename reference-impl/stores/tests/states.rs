//! The state-based write model: orders as rows, and an outbox that the read side is fed from.

use std::borrow::Cow;

use reference_impl::SyncMode;
use reference_impl::application::{CommandError, Envelope, GetOrderAuditTrail, GetOrderDetails, Refusal};
use reference_impl::domain::{
    ConfirmOrder, CreateOrder, Item, OrderEvent, Rejection, RemoveItem, ReplaceItem,
};
use reference_impl::store::{AppendError, ExpectedVersion, Position, StoreError};
use reference_stores::WriteModel::{Events, State};
use reference_stores::{OpenError, Options, StoreAddress, open};
use sqlx::migrate::{Migration, MigrationType, Migrator};

use crate::courses::{add, added, append, create, created, decimal, order};
use crate::place::Place;

/// Has `test` done in each database that keeps states.
macro_rules! in_each_database {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(super::Place::sqlite().keeping(super::State)).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                if let Some(place) = super::Place::postgres().await {
                    super::$test(place.keeping(super::State)).await;
                }
            })+
        }
    };
}

in_each_database!(orders_are_rows, decisions_rest_on_rows, all_or_nothing, an_order_begins_with_its_creation);

async fn orders_are_rows(place: Place) {
    let system = place.open(SyncMode::Strong).await;
    let items = vec![Item::new("p-1", 2, decimal("2.50")), Item::new("p-2", 1, decimal("0.10"))];
    let create = CreateOrder { customer: "ann".into(), items };
    system.send(Envelope::new(order(1), create)).await.expect("accepted");
    system.send(Envelope::new(order(1), add("p-3"))).await.expect("accepted");
    let replace = ReplaceItem {
        product: "p-1".into(),
        replacement: "p-4".into(),
        quantity: 3,
        price: decimal("12345678901234.1234"),
    };
    system.send(Envelope::new(order(1), replace)).await.expect("accepted");
    system.send(Envelope::new(order(1), RemoveItem { product: "p-2".into() })).await.expect("accepted");
    let orders = "SELECT customer_id || ' ' || status || ' ' || version || ' ' || opened || ' ' || position || ' ' || total
                  FROM orders";
    assert_eq!(place.texts(orders).await, ["ann pending 5 1 5 37037036703702.5702"]);
    let lines =
        "SELECT line || ' ' || product || ' ' || quantity || ' ' || price FROM order_items ORDER BY line";
    assert_eq!(place.texts(lines).await, ["1 p-3 2 0.10", "2 p-4 3 12345678901234.1234"]);
    let outbox = "SELECT position || ' ' || name FROM outbox ORDER BY position";
    assert_eq!(
        place.texts(outbox).await,
        ["1 OrderCreated", "2 ItemAdded", "3 ItemRemoved", "4 ItemAdded", "5 ItemRemoved"]
    );
    assert!(place.texts("SELECT name FROM events").await.is_empty(), "nothing is kept twice");
    let trail = system.ask(GetOrderAuditTrail { order: order(1) }).await.expect("an answer").value;
    assert_eq!(trail.len(), 5);
}

/// What another program does to a row counts.
async fn decisions_rest_on_rows(place: Place) {
    let system = place.open(SyncMode::Strong).await;
    system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    place.run("UPDATE orders SET status = 'cancelled'").await;
    let refused = system.send(Envelope::new(order(1), ConfirmOrder {})).await;
    let refused = refused.expect_err("refused");
    assert!(
        matches!(&refused, CommandError::Rejected(Refusal::Rule(Rejection::OrderNotPending { .. }))),
        "{refused:?}"
    );
}

/// Where one of them can't be written, none is: the rows, the message and the key are one transaction.
async fn all_or_nothing(place: Place) {
    let system = place.open(SyncMode::Strong).await;
    system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    for table in ["orders", "order_items", "outbox", "keys"] {
        place.refuse(table).await;
        let envelope = Envelope::new(order(1), add(table)).with_key(table);
        let failed = system.send(envelope.clone()).await.expect_err("the database refuses");
        assert!(failed.to_string().contains("no more of these"), "{failed}");
        let before = rows(&place).await;
        place.allow(table).await;
        let system = place.open(SyncMode::Strong).await;
        let receipt = system.send(envelope).await.expect("accepted");
        let shown = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer").value;
        assert_eq!(shown.map(|row| row.version), Some(receipt.version));
        let after = rows(&place).await;
        assert_eq!(after, before.map(|count| count + 1), "it had left nothing in any table: {table}");
    }
}

/// The version of the order, and how many lines, messages and keys there are.
async fn rows(place: &Place) -> [u64; 4] {
    let number = |texts: Vec<String>| texts[0].parse().expect("a number");
    [
        number(place.texts("SELECT cast(version AS TEXT) FROM orders").await),
        number(place.texts("SELECT cast(count(*) AS TEXT) FROM order_items").await),
        number(place.texts("SELECT cast(count(*) AS TEXT) FROM outbox").await),
        number(place.texts("SELECT cast(count(*) AS TEXT) FROM keys").await) + 1,
    ]
}

/// Nothing but its creation can be the first thing that happens to an order; others in the same batch don't suffer.
async fn an_order_begins_with_its_creation(place: Place) {
    let log = place.stores().await.write.events;
    let (early, fine) = (
        log.append(append(1, order(1), ExpectedVersion::Any, vec![added("p")])),
        log.append(append(2, order(2), ExpectedVersion::Any, vec![created("c"), added("p")])),
    );
    let (early, fine) = tokio::join!(early, fine);
    assert!(matches!(early, Err(AppendError::Store(StoreError::Corrupt { .. }))), "{early:?}");
    assert_eq!(fine.map(|appended| appended.position.get()), Ok(2));
}

/// A database keeps one write model for good, and says so.
#[tokio::test]
async fn the_write_model_stays() {
    let mut places = vec![Place::sqlite()];
    places.extend(Place::postgres().await);
    for place in places {
        let Place::Database { address, .. } = &place else { panic!("a database") };
        let keeping = |write_model| Options { write_model, ..Options::default() };
        let stores = open(address, &keeping(Some(State))).await.expect("opened");
        stores
            .write
            .events
            .append(append(1, order(1), ExpectedVersion::Any, vec![created("c")]))
            .await
            .expect("appended");
        let stores = open(address, &Options::default()).await.expect("opened as it is");
        assert!(stores.write.states.is_some());
        let refused = open(address, &keeping(Some(Events))).await.map(|_| ()).expect_err("refused");
        assert!(matches!(&refused, OpenError::OtherWriteModel { asked: Events, .. }), "{refused:?}");
        let text = refused.to_string();
        assert!(text.contains("`state`, not `events`") && text.contains(&address.to_string()), "{text}");
    }
}

/// The tables as they were before there were states: what was recorded is still there.
#[tokio::test]
async fn a_database_of_events_goes_on_as_one() {
    let place = Place::sqlite();
    let Place::Database { address: StoreAddress::Sqlite(file), .. } = &place else { panic!("a file") };
    let connect = sqlx::sqlite::SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let pool = sqlx::SqlitePool::connect_with(connect).await.expect("connected");
    let sql = sqlx::SqlStr::from_static(include_str!("../migrations/sqlite/0001_orders.sql"));
    let first = Migration::new(1, Cow::Borrowed("orders"), MigrationType::Simple, sql, false);
    Migrator::with_migrations(vec![first]).run(&pool).await.expect("made");
    let event = serde_json::to_string(&OrderEvent::OrderConfirmed {}).expect("JSON");
    let recorded = format!(
        "INSERT INTO events VALUES (1, '{}', 1, 'OrderConfirmed', '{event}', '{}', 1, '{}', NULL, NULL);
         UPDATE store SET head = 1",
        order(1),
        order(2),
        order(3)
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(recorded)).execute(&pool).await.expect("recorded");
    pool.close().await;
    let asked = Options { write_model: Some(State), ..Options::default() };
    let refused = open(&StoreAddress::Sqlite(file.clone()), &asked).await.map(|_| ()).expect_err("refused");
    assert!(matches!(refused, OpenError::OtherWriteModel { .. }), "{refused:?}");
    let stores = place.stores().await;
    let log = stores.write.events.read_all(Position::START, 10).await.expect("the log");
    assert_eq!((log.len(), stores.write.states.is_none()), (1, true));
}
