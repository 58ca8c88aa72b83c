//! How many durable commands a second a store takes from 16 clients, and how fast a read model is built anew.
//!
//! SQLite always; PostgreSQL in the database that `DATABASE_URL` names, which should be empty. Read the figures with
//! the disk in mind: each transaction waits for it.

#![allow(missing_docs, reason = "criterion's macros generate public items without documentation")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reference_impl::application::Envelope;
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderId};
use reference_impl::{OrderSystem, SyncMode};
use reference_stores::{Options, StoreAddress, open};
use rust_decimal::Decimal;
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

fn opened(runtime: &Runtime, address: &str, sync: SyncMode) -> OrderSystem {
    let address: StoreAddress = address.parse().expect("an address");
    runtime.block_on(async {
        let stores = open(&address, &Options::default()).await.expect("stores");
        OrderSystem::builder().sync(sync).open(stores).await.expect("a system")
    })
}

fn stores(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut places = vec![("sqlite", format!("sqlite:{}", folder.join("orders.db").display()))];
    if let Ok(url) = std::env::var("DATABASE_URL") {
        places.push(("postgres", url));
    }
    let eventual = SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::ZERO };
    for (name, address) in &places {
        let mut group = criterion.benchmark_group(*name);
        group.sample_size(10).measurement_time(Duration::from_secs(8));
        group.throughput(Throughput::Elements(COMMANDS));
        for (mode, sync) in [("strong", SyncMode::Strong), ("eventual", eventual)] {
            let system = opened(&runtime, address, sync);
            group.bench_function(format!("commands, {mode}"), |bencher| {
                bencher.iter(|| runtime.block_on(send(&system, COMMANDS)));
            });
            let caught_up = runtime.block_on(system.wait_caught_up(Duration::from_secs(60)));
            caught_up.expect("the projector keeps up");
        }
        let system = opened(&runtime, address, eventual);
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
        group.finish();
    }
    let _ = std::fs::remove_dir_all(&folder);
}

criterion_group!(benches, stores);
criterion_main!(benches);
