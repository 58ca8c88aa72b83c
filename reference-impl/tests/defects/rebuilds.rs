//! Defects in rebuilding a read model.

use super::common::{lagging_pair, pair};
use crate::support::{LONG, add, create, details, list, order, send};

#[tokio::test]
async fn rebuild_skips_leaves_events_out() {
    let [clean, broken] = pair("rebuild-skips");
    for (system, same) in [(clean, true), (broken, false)] {
        for number in 0..20 {
            send(&system, order(number), create("c")).await;
        }
        let before = list(&system, "c").await;
        assert_eq!(before.len(), 20);
        system.rebuild("customer_orders").await.expect("rebuilt");
        assert_eq!(list(&system, "c").await == before, same);
    }
}

#[tokio::test]
async fn rebuild_publishes_writes_events() {
    let [clean, broken] = pair("rebuild-publishes");
    for (system, version) in [(clean, 2), (broken, 3)] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), add("p-1")).await;
        system.rebuild("order_summary").await.expect("rebuilt");
        assert_eq!(system.head().await.expect("the head").get(), version);
        let row = details(&system, order(1)).await.expect("the order");
        assert_eq!((row.version.get(), row.item_count), (version, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn rebuild_loses_what_happens_meanwhile() {
    for (pair, lag) in [(pair("rebuild-loses"), false), (lagging_pair("rebuild-loses"), true)] {
        for (system, there) in pair.iter().zip([true, false]) {
            send(system, order(1), create("c")).await;
            system.wait_caught_up(LONG).await.expect("caught up");
            if lag {
                send(system, order(2), create("c")).await;
                // Its delivery comes due while the rebuild that is slow reads the log.
                tokio::time::sleep(crate::support::LAG.mul_f32(0.9)).await;
            }
            let during = async {
                tokio::task::yield_now().await;
                send(system, order(3), create("c")).await;
            };
            let (rebuilt, ()) = tokio::join!(system.rebuild("order_summary"), during);
            rebuilt.expect("rebuilt");
            system.wait_caught_up(LONG).await.expect("caught up");
            let lost = if lag { 2 } else { 3 };
            assert_eq!(details(system, order(lost)).await.is_some(), there, "lag: {lag}");
            assert!(details(system, order(1)).await.is_some());
            system.rebuild("order_summary").await.expect("rebuilt");
            assert!(details(system, order(lost)).await.is_some(), "the log has it");
        }
    }
}
