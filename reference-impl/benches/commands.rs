//! How many commands a second the system takes in strong mode: through the mediator and the whole
//! pipeline, projected before each returns.

#![allow(missing_docs, reason = "criterion's macros generate public items without documentation")]

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use reference_impl::OrderSystem;
use reference_impl::application::{Command, Envelope};
use reference_impl::domain::{AddItem, CreateOrder, CustomerId, Item, OrderId};
use rust_decimal::Decimal;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// How many commands a measured round sends.
const COMMANDS: u64 = 10_000;
/// One in so many commands of the mix creates the order that the others add to.
const COMMANDS_PER_ORDER: u64 = 10;

static NEXT_ORDER: AtomicU64 = AtomicU64::new(0);

fn fresh_order() -> OrderId {
    OrderId::new(Uuid::from_u128(NEXT_ORDER.fetch_add(1, Ordering::Relaxed).into()))
}

fn create(customer: &CustomerId) -> CreateOrder {
    let items = vec![Item::new("p-1", 2, Decimal::new(2999, 2))];
    CreateOrder { customer: customer.clone(), items }
}

async fn send<C: Command>(system: &OrderSystem, order: OrderId, command: C) {
    black_box(system.send(Envelope::new(order, command)).await.expect("accepted"));
}

async fn creates(system: OrderSystem, commands: u64) {
    for number in 0..commands {
        let customer = CustomerId::new(format!("customer-{}", number % 100));
        send(&system, fresh_order(), create(&customer)).await;
    }
}

async fn mix(system: OrderSystem, commands: u64) {
    let customer = CustomerId::new("customer-1");
    for _ in 0..commands / COMMANDS_PER_ORDER {
        let order = fresh_order();
        send(&system, order, create(&customer)).await;
        for _ in 1..COMMANDS_PER_ORDER {
            let command = AddItem { product: "p-2".into(), quantity: 1, price: Decimal::new(500, 2) };
            send(&system, order, command).await;
        }
    }
}

fn system() -> OrderSystem {
    OrderSystem::builder().build().expect("strong mode needs nothing")
}

/// One round, shared by as many tasks as there are workers. Gives the full system back, so that
/// taking it down isn't measured.
fn round<F: Future<Output = ()> + Send + 'static>(
    runtime: &Runtime,
    workers: u64,
    work: impl Fn(OrderSystem, u64) -> F,
) -> OrderSystem {
    let system = system();
    runtime.block_on(async {
        let tasks: Vec<_> =
            (0..workers).map(|_| tokio::spawn(work(system.clone(), COMMANDS / workers))).collect();
        for task in tasks {
            task.await.expect("a task that doesn't panic");
        }
    });
    system
}

fn commands(criterion: &mut Criterion) {
    let runtime = Builder::new_multi_thread().worker_threads(2).build().expect("a runtime");
    let mut group = criterion.benchmark_group("commands");
    group.throughput(Throughput::Elements(COMMANDS)).measurement_time(Duration::from_secs(4));
    for workers in [1, 2] {
        group.bench_function(format!("create/{workers} tasks"), |bencher| {
            bencher.iter_with_large_drop(|| round(&runtime, workers, creates));
        });
        group.bench_function(format!("mix/{workers} tasks"), |bencher| {
            bencher.iter_with_large_drop(|| round(&runtime, workers, mix));
        });
    }
    group.finish();
    criterion.bench_function("build and drop a system", |bencher| bencher.iter(system));
}

criterion_group!(benches, commands);
criterion_main!(benches);
