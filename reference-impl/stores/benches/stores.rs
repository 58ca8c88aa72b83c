//! How many durable commands a second a store takes from 16 clients, with each write model and each way of keeping read
//! models, and how fast a read model is built anew.
//!
//! SQLite always; PostgreSQL on the server that `DATABASE_URL` names, where it makes databases named `bench_…` and drops
//! them. Read the figures with the disk in mind: each transaction waits for it.

#![allow(missing_docs, reason = "criterion's macros generate public items without documentation")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reference_impl::application::Envelope;
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderId};
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::{Options, ProjectedBy, StoreAddress, WriteModel, open};
use rust_decimal::Decimal;
use sqlx::Connection as _;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

const CLIENTS: u64 = 16;
/// How many commands a measured round sends.
const COMMANDS: u64 = 1600;
/// One in so many commands creates the order that the others add to.
const COMMANDS_PER_ORDER: u64 = 5;
/// How many events a read model is built from.
const EVENTS: u64 = 20_000;

fn order(number: u64) -> OrderId {
    OrderId::new(Uuid::from_u128((u128::from(std::process::id()) << 64) | u128::from(number)))
}

fn command(number: u64) -> OrderCommand {
    if number.is_multiple_of(COMMANDS_PER_ORDER) {
        let items = vec![Item::new("p-1", 2, Decimal::new(2999, 2))];
        CreateOrder { customer: format!("customer-{}", number % 1000).into(), items }.into()
    } else {
        AddItem { product: "p-2".into(), quantity: 1, price: Decimal::new(500, 2) }.into()
    }
}

/// `commands` in all, from all clients at once.
async fn send(system: &OrderSystem, commands: u64) {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let client = |_| {
        let system = system.clone();
        tokio::spawn(async move {
            for _ in 0..commands / CLIENTS / COMMANDS_PER_ORDER {
                let first = NEXT.fetch_add(COMMANDS_PER_ORDER, Ordering::Relaxed);
                for number in first..first + COMMANDS_PER_ORDER {
                    let envelope = Envelope::new(order(first), command(number))
                        .with_key(format!("k-{number}-{}", std::process::id()));
                    system.send(envelope).await.expect("accepted");
                }
            }
        })
    };
    for client in (0..CLIENTS).map(client).collect::<Vec<_>>() {
        client.await.expect("a task that doesn't panic");
    }
}

/// A write model and a way to keep read models, by name.
const WAYS: [(&str, WriteModel, ProjectedBy, SyncMode); 7] = [
    ("events, transaction", WriteModel::Events, ProjectedBy::Transaction, SyncMode::Strong),
    ("events, events before the answer", WriteModel::Events, ProjectedBy::Events, SyncMode::Strong),
    ("events, events in the background", WriteModel::Events, ProjectedBy::Events, AT_ONCE),
    ("state, transaction", WriteModel::State, ProjectedBy::Transaction, SyncMode::Strong),
    ("state, triggers", WriteModel::State, ProjectedBy::Triggers, SyncMode::Strong),
    ("state, events before the answer", WriteModel::State, ProjectedBy::Events, SyncMode::Strong),
    ("state, events in the background", WriteModel::State, ProjectedBy::Events, AT_ONCE),
];
const AT_ONCE: SyncMode = SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::ZERO };

fn opened(
    runtime: &Runtime,
    address: &str,
    (_, model, projected_by, sync): (&str, WriteModel, ProjectedBy, SyncMode),
) -> OrderSystem {
    let address: StoreAddress = address.parse().expect("an address");
    let options = Options { write_model: Some(model), projected_by, ..Options::default() };
    runtime.block_on(async {
        let stores = open(&address, &options).await.expect("stores");
        OrderSystem::builder().sync(sync).open(stores).await.expect("a system")
    })
}

/// Has the server that `DATABASE_URL` names run a statement.
fn administer(runtime: &Runtime, url: &str, statement: String) {
    runtime.block_on(async {
        let mut connection = sqlx::PgConnection::connect(url).await.expect("connected");
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement)).execute(&mut connection).await.expect("done");
    });
}

fn stores(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    for (number, way) in WAYS.into_iter().enumerate() {
        let address = format!("sqlite:{}", folder.join(format!("orders-{number}.db")).display());
        measure(criterion, &runtime, "sqlite", &address, way);
    }
    if let Ok(url) = std::env::var("DATABASE_URL") {
        let (server, _) = url.rsplit_once('/').expect("a URL with a database");
        for (number, way) in WAYS.into_iter().enumerate() {
            let name = format!("bench_{}_{number}", std::process::id());
            administer(&runtime, &url, format!("CREATE DATABASE {name}"));
            measure(criterion, &runtime, "postgres", &format!("{server}/{name}"), way);
            administer(&runtime, &url, format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
    let _ = std::fs::remove_dir_all(&folder);
}

fn measure(
    criterion: &mut Criterion,
    runtime: &Runtime,
    database: &str,
    address: &str,
    way: (&str, WriteModel, ProjectedBy, SyncMode),
) {
    let mut group = criterion.benchmark_group(format!("{database}: {}", way.0));
    group.sample_size(10).measurement_time(Duration::from_secs(8));
    group.throughput(Throughput::Elements(COMMANDS));
    let system = opened(runtime, address, way);
    group.bench_function("commands", |bencher| {
        bencher.iter(|| runtime.block_on(send(&system, COMMANDS)));
    });
    let caught_up = runtime.block_on(system.wait_caught_up(Duration::from_secs(60)));
    caught_up.expect("the projector keeps up");
    if way.3 == AT_ONCE {
        let events = runtime.block_on(async {
            while system.head().await.expect("the head").get() < EVENTS {
                send(&system, COMMANDS).await;
            }
            system.wait_caught_up(Duration::from_secs(60)).await.expect("caught up").get()
        });
        group.throughput(Throughput::Elements(events));
        for read_model in ["order_summary", "customer_orders"] {
            group.bench_function(format!("rebuild {read_model}"), |bencher| {
                bencher.iter(|| runtime.block_on(system.rebuild(read_model)).expect("rebuilt"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, stores);
criterion_main!(benches);
