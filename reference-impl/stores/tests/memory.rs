//! A long log costs disk, and no memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reference_impl::application::Envelope;
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderId};
use reference_impl::{OrderSystem, SyncMode};
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::place::Place;

/// Events of the log, unless `EVENTS` says otherwise, and of one order.
const EVENTS: u64 = 1_000_000;
const OF_AN_ORDER: u64 = 10;
const CLIENTS: u64 = 16;
/// How much more memory the whole log may take than its first tenth did, in MiB: what is built anew is read in batches, and allocators keep what they had.
const MORE: u64 = 64;
/// How long read models may take to catch up.
const PATIENCE: Duration = Duration::from_secs(600);

/// What this process has in memory, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("what is resident");
    line.trim().trim_end_matches("kB").trim().parse::<u64>().expect("a number") / 1024
}

async fn write(system: &OrderSystem, next: &AtomicU64, orders: u64) {
    for _ in 0..orders {
        let order = OrderId::new(Uuid::from_u128(u128::from(next.fetch_add(1, Ordering::Relaxed))));
        for number in 0..OF_AN_ORDER {
            let command: OrderCommand = if number == 0 {
                let items = vec![Item::new("p-1", 2, Decimal::new(2999, 2))];
                CreateOrder { customer: "customer".into(), items }.into()
            } else {
                AddItem { product: "p-2".into(), quantity: 1, price: Decimal::new(500, 2) }.into()
            };
            system.send(Envelope::new(order, command)).await.expect("accepted");
        }
    }
}

/// A tenth of all events, from all clients at once.
async fn a_tenth(system: &OrderSystem, next: &Arc<AtomicU64>, events: u64) {
    let orders = events / 10 / OF_AN_ORDER / CLIENTS;
    let client = |_| {
        let (system, next) = (system.clone(), next.clone());
        tokio::spawn(async move { write(&system, &next, orders).await })
    };
    for client in (0..CLIENTS).map(client).collect::<Vec<_>>() {
        client.await.expect("a task that doesn't panic");
    }
    system.wait_caught_up(PATIENCE).await.expect("caught up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "minutes: whoever changes what is kept in memory runs it"]
async fn a_million_events_take_no_more_memory_than_a_tenth_of_them() {
    let events = std::env::var("EVENTS").ok().and_then(|events| events.parse().ok()).unwrap_or(EVENTS);
    let place = Place::sqlite();
    let at_once = SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::ZERO };
    let system = place.open(at_once).await;
    let next = Arc::new(AtomicU64::new(1));
    let mut seen = Vec::new();
    for _ in 0..10 {
        a_tenth(&system, &next, events).await;
        seen.push(resident());
    }
    let written = system.head().await.expect("the head").get();
    assert!(written >= events / 10 * 9, "{written} events");
    for read_model in ["order_summary", "customer_orders"] {
        system.rebuild(read_model).await.expect("rebuilt");
        seen.push(resident());
    }
    println!("{written} events; MiB in memory behind each tenth, and behind two rebuilds: {seen:?}");
    let most = seen.iter().copied().max().unwrap_or_default();
    assert!(most <= seen[0] + MORE, "{seen:?}");
}
