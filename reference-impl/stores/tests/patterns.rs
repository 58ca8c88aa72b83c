//! Who keeps the rows of the read models, and when: what each pattern gives, and what it costs.

use std::time::Duration;

use reference_impl::application::{Envelope, GetOrderDetails, ListCustomerOrders};
use reference_impl::projection::ProjectionStamp;
use reference_impl::store::Position;
use reference_impl::system::BuildError;
use reference_impl::system::OpenError as SystemError;
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::ProjectedBy::{Events, Transaction, Triggers};
use reference_stores::WriteModel::State;
use reference_stores::{OpenError, Options, StoreAddress, WriteModel, open};
use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use tokio::task::JoinSet;

use crate::courses::{MOMENTS, add, create, deliver, order};
use crate::place::Place;
use crate::suite::Complete;

const LONG: Duration = Duration::from_secs(60);
const SOON: SyncMode = SyncMode::Eventual { lag: Duration::from_millis(1), jitter: Duration::ZERO };
const NEVER: SyncMode = SyncMode::Eventual { lag: Duration::from_hours(1), jitter: Duration::ZERO };

/// Each database there is, with the state-based write model.
async fn places() -> Vec<Place> {
    let mut places = vec![Place::sqlite()];
    places.extend(Place::postgres().await);
    places.into_iter().map(|place| place.keeping(State)).collect()
}

/// How far the log goes, and how far each read model that answers reflects it: of one instant.
const INSTANT: &str =
    "SELECT s.head || ' ' || min(g.checkpoint) FROM store s, generations g WHERE g.current GROUP BY s.head";

/// While commands come in, somebody else looks at the database: at no instant do the rows lag behind the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_are_kept_with_the_append_never_lag() {
    for by in [Transaction, Triggers] {
        for place in places().await {
            let place = place.projected_by(by);
            let system = place.open(SyncMode::Strong).await;
            let mut writers = JoinSet::new();
            for writer in 0..4_u128 {
                let system = system.clone();
                writers.spawn(async move {
                    for number in 1..=20 {
                        let order = order(100 * writer + number);
                        system.send(Envelope::new(order, create("ann"))).await.expect("accepted");
                        system.send(Envelope::new(order, add("p"))).await.expect("accepted");
                    }
                });
            }
            let mut heads = Vec::new();
            while heads.last().is_none_or(|head| *head < 160) {
                if let Some(Err(failed)) = writers.try_join_next() {
                    panic!("a writer failed: {failed}");
                }
                let instant = place.texts(INSTANT).await.remove(0);
                let (head, shown) = instant.split_once(' ').expect("two numbers");
                assert_eq!(head, shown, "{by:?}");
                heads.push(head.parse::<u64>().expect("a number"));
            }
            writers.join_all().await;
            heads.dedup();
            assert!(heads.len() > 2, "it was looked at meanwhile: {heads:?}");
            // Nobody but the append, or the triggers, has kept them.
            let rows =
                "SELECT version || ' ' || item_count || ' ' || total FROM order_summary_view GROUP BY 1";
            assert_eq!(place.texts(rows).await, ["2 2 1.20"]);
        }
    }
}

/// What it costs: where the rows can't be kept, nothing is recorded. By events, the command has taken effect.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_can_not_be_kept_fail_the_append() {
    for (by, recorded) in [(Transaction, 0), (Triggers, 0), (Events, 1)] {
        for place in places().await {
            let place = place.projected_by(by);
            let system = place.open(SyncMode::Strong).await;
            place.refuse("order_summary_rows").await;
            let envelope = Envelope::new(order(1), create("ann")).with_key("k");
            let failed = system.send(envelope.clone()).await.expect_err("refused");
            assert!(failed.to_string().contains("no more of these"), "{failed}");
            assert_eq!(system.head().await.map(Position::get), Ok(recorded), "{by:?}");
            place.allow("order_summary_rows").await;
            let receipt = system.send(envelope).await.expect("accepted");
            assert_eq!(receipt.position.get(), 1);
            let shown = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
            assert_eq!((shown.value.is_some(), shown.position.get()), (true, 1));
        }
    }
}

/// A database may be opened with one pattern after the other, whatever the one before has left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patterns_take_turns() {
    for mut place in places().await {
        for (number, by) in
            (1..).zip([Triggers, Events, Transaction, Events, Triggers, Transaction, Triggers])
        {
            place = place.projected_by(by);
            let system = place.open(NEVER).await;
            all_is_shown(&system, number - 1, by == Events).await;
            system.send(Envelope::new(order(number), create("ann"))).await.expect("accepted");
            system.send(Envelope::new(order(1), add("p"))).await.expect("accepted");
            if by != Events {
                all_is_shown(&system, number, false).await;
            }
        }
    }
}

/// The rows show the orders up to `count`, once they have caught up where that is waited for.
async fn all_is_shown(system: &OrderSystem, count: u128, lags: bool) {
    if lags {
        system.wait_caught_up(LONG).await.expect("caught up");
    }
    let anns = system.ask(ListCustomerOrders::new("ann")).await.expect("an answer").value;
    assert_eq!(anns.total_count as u128, count);
    if count > 0 {
        let first = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer").value;
        assert_eq!(first.map(|row| row.item_count as u128), Some(1 + count));
    }
}

/// Processes with other patterns on the same database don't get into each other's way. Whoever opens it last says whether
/// there are triggers: those that counted on them notice, and those that don't know of them lose nothing.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn patterns_go_on_beside_each_other() {
    for patterns in [[Triggers, Transaction, Events], [Events, Transaction, Triggers]] {
        for place in places().await {
            let mut systems = Vec::new();
            let mut place = place;
            for by in patterns {
                place = place.projected_by(by);
                systems.push(place.open(SOON).await);
            }
            for number in 1..=30_u128 {
                let system = &systems[usize::try_from(number % 3).expect("small")];
                // Each customer is new: what the directory says of them is known to nobody before.
                let create = create(&format!("c-{number}"));
                let receipt = system.send(Envelope::new(order(number), create)).await.expect("accepted");
                for system in &systems {
                    system.wait_for(receipt.position, LONG).await.expect("caught up");
                    let shown =
                        system.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
                    let row = shown.value.expect("the order is shown");
                    assert!(row.customer_name.is_some(), "{patterns:?}: {row:?}");
                }
            }
        }
    }
}

/// Rows and checkpoint needn't be on disk when they are committed: a server that crashes may lose the last of them, and
/// is up again before anybody notices. They are had again from the log.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_a_server_has_lost_come_back() {
    for (by, reopened) in [(Events, false), (Events, true), (Transaction, true), (Triggers, true)] {
        for place in places().await {
            let place = place.projected_by(by);
            if reopened {
                drop(place.open(SOON).await);
            }
            let system = place.open(SOON).await;
            let first = system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
            system.wait_for(first.position, LONG).await.expect("caught up");
            place.run("DELETE FROM order_summary_rows; UPDATE generations SET checkpoint = 0").await;
            let last = system.send(Envelope::new(order(2), create("ann"))).await.expect("accepted");
            system.wait_for(last.position, LONG).await.expect("caught up");
            for number in [1, 2] {
                let shown = system.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
                assert!(shown.value.is_some() && shown.position == last.position, "{by:?}: {shown:?}");
            }
        }
    }
}

/// Rows that another version of the program has built anew mean something else: they are neither read nor written.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_another_version_are_left_alone() {
    for place in places().await {
        let place = place.projected_by(Transaction);
        let system = place.open(SyncMode::Strong).await;
        system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
        let generations = place.stores().await.read.order_summaries();
        let other = ProjectionStamp { version: 99, digest: 1 };
        let newer = generations.begin(other).await.expect("begun");
        newer.rows.put(Vec::new(), Position::new(1)).await.expect("kept");
        generations.swap_in(newer.id, &Complete).await.expect("swapped in");
        let asked = system.ask(GetOrderDetails { order: order(1) }).await.expect_err("refused");
        assert!(asked.to_string().contains("another version of this program"), "{asked}");
        let sent = system.send(Envelope::new(order(1), add("p"))).await.expect_err("refused");
        assert!(sent.to_string().contains("another version of this program"), "{sent}");
        assert_eq!(system.head().await, Ok(Position::new(1)), "and nothing is recorded that can't be shown");
    }
}

#[tokio::test]
async fn what_does_not_go_together_is_told() {
    let place = Place::sqlite();
    let Place::Database { address: StoreAddress::Sqlite(file), .. } = &place else { panic!("a file") };
    let address = StoreAddress::Sqlite(file.clone());
    let events = Options { write_model: Some(WriteModel::Events), ..Options::default() };
    let refused = open(&address, &Options { projected_by: Triggers, ..events.clone() }).await;
    let refused = refused.map(|_| ()).expect_err("there is nothing to copy");
    assert!(matches!(refused, OpenError::NothingToCopy { .. }), "{refused:?}");
    assert!(refused.to_string().contains("write model `state`"), "{refused}");
    // It is still as new: whoever says nothing gets what triggers need.
    let triggers = open(&address, &Options { projected_by: Triggers, ..Options::default() }).await;
    assert!(triggers.expect("opened").write.states.is_some());
    let refused = open(&address, &events).await.map(|_| ()).expect_err("refused");
    assert!(matches!(refused, OpenError::OtherWriteModel { .. }), "{refused:?}");
    let stores = open(&address, &Options { projected_by: Transaction, ..Options::default() }).await;
    let lagging = OrderSystem::builder().sync(NEVER).open(stores.expect("opened")).await;
    let refused = lagging.map(|_| ()).expect_err("it can't lag");
    assert_eq!(refused, SystemError::Build(BuildError::InlineIsStrong));
}

/// Read models in a database of their own follow their log, and no other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_of_another_log_are_refused() {
    let place = Place::sqlite().reading_from_a_file();
    let system = place.open(SyncMode::Strong).await;
    system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
    drop(system);
    let Place::Database { read: Some(read), .. } = &place else { panic!("a database") };
    let other = Place::sqlite();
    let Place::Database { address, .. } = &other else { panic!("a database") };
    let refused = reference_stores::open_apart(address, read, &Options::default()).await;
    let told = refused.map(|_| ()).expect_err("another log").to_string();
    assert!(told.contains("have taken in 1 events, and the log has 0"), "{told}");
    for by in [Transaction, Triggers] {
        let options = Options { projected_by: by, ..Options::default() };
        let refused = reference_stores::open_apart(address, read, &options).await;
        assert!(matches!(refused, Err(OpenError::NoTransactionOverTwo { .. })), "{by:?}");
    }
}

/// A database of before there were deliveries, whose triggers know nothing of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn triggers_of_an_older_schema_are_made_anew() {
    let steps = |sqlite: [&'static str; 3], postgres: [&'static str; 3], is_sqlite: bool| {
        let steps = (1..).zip(["orders", "states", "rows"]).zip(if is_sqlite { sqlite } else { postgres });
        let step = |((version, name), sql): ((i64, &'static str), &'static str)| {
            Migration::new(version, name.into(), MigrationType::Simple, SqlStr::from_static(sql), false)
        };
        Migrator::with_migrations(steps.map(step).collect())
    };
    for place in places().await {
        let place = place.projected_by(Triggers);
        let migrator = steps(
            [
                include_str!("../migrations/sqlite/0001_orders.sql"),
                include_str!("../migrations/sqlite/0002_states.sql"),
                include_str!("../migrations/sqlite/0003_rows.sql"),
            ],
            [
                include_str!("../migrations/postgres/0001_orders.sql"),
                include_str!("../migrations/postgres/0002_states.sql"),
                include_str!("../migrations/postgres/0003_rows.sql"),
            ],
            place.is_sqlite(),
        );
        place.migrate(migrator).await;
        if place.is_sqlite() {
            // On a server, the function that they call is part of the schema.
            let old = |name: &str, event: &str| {
                format!("CREATE TRIGGER {name} AFTER {event} ON orders BEGIN SELECT 1; END")
            };
            place.run(old("new_orders_show", "INSERT")).await;
            place.run(old("orders_show", "UPDATE")).await;
        }
        let system = place.open(SyncMode::Strong).await;
        system.send(Envelope::new(order(1), create("ann"))).await.expect("accepted");
        system.send(Envelope::new(order(1), deliver(MOMENTS[0]))).await.expect("accepted");
        // Nobody but the triggers has kept it.
        let rows = "SELECT version || ' ' || cast(deliver_at AS TEXT) FROM order_summary_view";
        let shown = place.texts(rows).await;
        assert!(shown.len() == 1 && shown[0].starts_with("2 2026-03-0"), "{shown:?}");
    }
}
