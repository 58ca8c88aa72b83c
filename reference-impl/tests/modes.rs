//! Strong and eventual: when an effect becomes visible, and that both come to the same.

use std::time::Duration;

use proptest::prelude::*;
use reference_impl::SyncMode;
use reference_impl::application::Envelope;
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderStatus};
use reference_impl::system::BuildError;
use rust_decimal::Decimal;
use tokio::runtime::{Builder, Handle};
use tokio::time::{Instant, sleep};

use crate::support::{
    EVENTUAL, LAG, LONG, add, builder, cancel, confirm, create, deliver, details, eventual, list, order,
    remove, send, shown, system,
};

const TICK: Duration = Duration::from_millis(2);

#[tokio::test]
async fn strong_shows_an_effect_before_the_command_returns() {
    let system = system();
    send(&system, order(1), create("c")).await;
    assert_eq!(details(&system, order(1)).await.map(|row| row.status), Some(OrderStatus::Pending));
    send(&system, order(1), confirm()).await;
    assert_eq!(details(&system, order(1)).await.map(|row| row.status), Some(OrderStatus::Confirmed));
    assert_eq!(list(&system, "c").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn eventual_shows_an_effect_after_the_lag_and_not_before() {
    let system = eventual();
    send(&system, order(1), create("c")).await;
    sleep(LAG.saturating_sub(TICK)).await;
    assert_eq!(details(&system, order(1)).await, None);
    assert!(list(&system, "c").await.is_empty());
    sleep(2 * TICK).await;
    assert_eq!(details(&system, order(1)).await.map(|row| row.status), Some(OrderStatus::Pending));
    assert_eq!(list(&system, "c").await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn decisions_do_not_wait_for_the_read_side() {
    let system = eventual();
    send(&system, order(1), create("c")).await;
    send(&system, order(1), confirm()).await;
    assert_eq!(details(&system, order(1)).await, None);
    let late = system.send(Envelope::new(order(1), add("p"))).await;
    assert_eq!(crate::support::code(&late), "OrderNotPending");
}

#[tokio::test(start_paused = true)]
async fn each_delay_counts_from_its_own_event() {
    let system = eventual();
    send(&system, order(1), create("c")).await;
    sleep(LAG / 2).await;
    send(&system, order(2), create("c")).await;
    sleep(LAG / 2 + TICK).await;
    assert!(details(&system, order(1)).await.is_some());
    assert_eq!(details(&system, order(2)).await, None);
    sleep(LAG / 2).await;
    assert!(details(&system, order(2)).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn delays_do_not_add_up() {
    let system = eventual();
    for number in 1..=500 {
        send(&system, order(number), create("c")).await;
    }
    sleep(LAG + TICK).await;
    assert_eq!(system.read_models().iter().map(|status| status.position.get()).min(), Some(500));
}

#[tokio::test(start_paused = true)]
async fn jitter_comes_from_the_seed_and_keeps_the_order() {
    let seen = |seed| async move {
        let jitter = Duration::from_millis(400);
        let sync = SyncMode::Eventual { lag: LAG, jitter };
        let system = builder().seed(seed).sync(sync).build().expect("within a runtime");
        let mut seen = Vec::new();
        for number in 1..=20 {
            let sent = Instant::now();
            let receipt = send(&system, order(number), create("c")).await;
            system.wait_for(receipt.position, LONG).await.expect("visible");
            let took = sent.elapsed();
            assert!(took >= LAG && took <= LAG + jitter + TICK, "{took:?}");
            seen.push(took);
        }
        seen
    };
    let first = seen(1).await;
    assert_eq!(first, seen(1).await);
    assert_ne!(first, seen(2).await);
    assert!(first.iter().any(|took| *took > LAG + TICK), "{first:?}");
}

#[tokio::test(start_paused = true)]
async fn events_become_visible_in_order_whatever_the_jitter() {
    let sync = SyncMode::Eventual { lag: Duration::ZERO, jitter: Duration::from_millis(50) };
    let system = builder().sync(sync).build().expect("within a runtime");
    send(&system, order(1), create("c")).await;
    for number in 0..20 {
        send(&system, order(1), add(&format!("p-{number}"))).await;
    }
    let mut versions = Vec::new();
    while versions.last() != Some(&21) {
        sleep(Duration::from_millis(1)).await;
        versions.extend(details(&system, order(1)).await.map(|row| {
            assert_eq!(row.item_count as u64, row.version.get());
            row.version.get()
        }));
    }
    assert!(versions.is_sorted(), "{versions:?}");
}

#[tokio::test(start_paused = true)]
async fn the_task_ends_with_the_last_handle() {
    let before = Handle::current().metrics().num_alive_tasks();
    let system = eventual();
    let other = system.clone();
    send(&system, order(1), create("c")).await;
    sleep(TICK).await;
    drop(system);
    sleep(LAG + TICK).await;
    assert!(details(&other, order(1)).await.is_some(), "one handle is enough to go on");
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before + 1);
    drop(other);
    sleep(TICK).await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), before);
}

#[test]
fn eventual_needs_a_runtime_and_strong_does_not() {
    assert_eq!(builder().sync(EVENTUAL).build().err(), Some(BuildError::NoRuntime));
    assert!(builder().build().is_ok());
}

fn course() -> impl Strategy<Value = Vec<(u128, OrderCommand)>> {
    let product = prop::sample::select(vec!["a", "b", "c"]);
    let item = (product.clone(), 0..4_i64, 0..2000_i64)
        .prop_map(|(product, quantity, cents)| Item::new(product, quantity, Decimal::new(cents, 2)));
    let customer = prop::sample::select(vec!["ann", "bob"]);
    let command = prop_oneof![
        3 => (customer, prop::collection::vec(item.clone(), 1..3))
            .prop_map(|(customer, items)| CreateOrder { customer: customer.into(), items }.into()),
        5 => item.prop_map(|Item { product, quantity, price }| AddItem { product, quantity, price }.into()),
        2 => product.prop_map(|product| remove(product).into()),
        1 => prop::sample::select(vec!["2026-03-01T09:05:07.013Z", "2026-03-02T01:30:00+02:00"])
            .prop_map(|at| deliver(at).into()),
        1 => Just(confirm().into()),
        1 => Just(cancel().into()),
    ];
    prop::collection::vec((1..5_u128, command), 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn both_modes_come_to_the_same(course in course(), jitter in 0..20_u64) {
        let runtime = Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(async {
            let sync = SyncMode::Eventual { lag: LAG, jitter: Duration::from_millis(jitter) };
            let (strong, eventual) = (system(), builder().sync(sync).build().expect("within a runtime"));
            for (number, command) in course {
                let there = strong.send(Envelope::new(order(number), command.clone())).await;
                let here = eventual.send(Envelope::new(order(number), command)).await;
                prop_assert_eq!(there, here);
            }
            eventual.wait_caught_up(LONG).await.expect("caught up");
            let customers = ["ann", "bob"];
            prop_assert_eq!(
                shown(&strong, 1..5, &customers).await,
                shown(&eventual, 1..5, &customers).await
            );
            Ok(())
        })?;
    }
}
