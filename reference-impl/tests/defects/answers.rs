//! Defects in what queries answer.

use reference_impl::OrderSystem;
use reference_impl::application::{GetOrderAsOf, GetOrderDetails, ListCustomerOrders};
use reference_impl::domain::{AddItem, OrderStatus};
use reference_impl::store::Version;
use uuid::Uuid;

use super::common::{lagging_pair, pair};
use crate::support::{LONG, add, cancel, confirm, create, decimal, deliver, details, list, order, send};

#[tokio::test]
async fn query_writes_changes_what_is_looked_at() {
    let [clean, broken] = pair("query-writes");
    for (system, changes) in [(clean, false), (broken, true)] {
        send(&system, order(1), create("c")).await;
        for _ in 0..40 {
            details(&system, order(1)).await;
            details(&system, order(2)).await;
        }
        let head = system.head().await.expect("the head").get();
        assert_eq!(head > 1, changes, "{head}");
        let row = details(&system, order(1)).await.expect("the order");
        assert_eq!((row.version.get() > 1, row.item_count), (changes, 1));
    }
}

#[tokio::test]
async fn absent_fails_where_there_is_nothing() {
    let [clean, broken] = pair("absent-fails");
    for (system, fails) in [(clean, false), (broken, true)] {
        assert_eq!(system.ask(GetOrderDetails { order: order(9) }).await.is_err(), fails);
        send(&system, order(1), create("c")).await;
        assert!(details(&system, order(1)).await.is_some());
    }
}

/// The orders on all pages of two rows each.
async fn paged(system: &OrderSystem) -> Vec<Uuid> {
    let mut orders = Vec::new();
    for page in 1..=5 {
        let page = system.ask(ListCustomerOrders::new("c").page(page, 2)).await.expect("a page").value;
        assert_eq!(page.total_count, 10);
        orders.extend(page.rows.iter().map(|row| row.order.as_uuid()));
    }
    orders.sort_unstable();
    orders.dedup();
    orders
}

#[tokio::test]
async fn unstable_paging_skips_rows() {
    let [clean, broken] = pair("unstable-paging");
    for (system, whole) in [(clean, true), (broken, false)] {
        for number in 0..10 {
            send(&system, order(number), create("c")).await;
        }
        let mut all = true;
        for _ in 0..5 {
            all &= paged(&system).await.len() == 10;
        }
        assert_eq!(all, whole);
    }
}

#[tokio::test]
async fn hide_cancelled_leaves_rows_out() {
    let [clean, broken] = pair("hide-cancelled");
    for (system, rows) in [(clean, 2), (broken, 1)] {
        send(&system, order(1), create("c")).await;
        send(&system, order(2), create("c")).await;
        assert_eq!(list(&system, "c").await.len(), 2);
        send(&system, order(1), cancel()).await;
        assert_eq!(list(&system, "c").await.len(), rows);
    }
}

#[tokio::test]
async fn old_replica_goes_back() {
    let mut went_back = Vec::new();
    for system in pair("old-replica") {
        let mut back = 0;
        for number in 0..20 {
            send(&system, order(number), create("c")).await;
            details(&system, order(number)).await;
            send(&system, order(number), add("p-1")).await;
            let mut counts = Vec::new();
            for _ in 0..4 {
                counts.push(details(&system, order(number)).await.expect("the order").item_count);
            }
            assert_eq!(
                (counts[0], counts[2], counts[3]),
                (2, 2, 2),
                "new, perhaps old once, and new for good"
            );
            back += usize::from(counts[1] == 1);
        }
        went_back.push(back);
    }
    assert!(went_back[0] == 0 && (3..=17).contains(&went_back[1]), "{went_back:?}");
}

#[tokio::test]
async fn wrong_cache_shows_what_no_command_put_there() {
    let [clean, broken] = pair("wrong-cache");
    for (system, mixes) in [(clean, false), (broken, true)] {
        send(&system, order(1), create("c")).await;
        send(&system, order(2), create("c")).await;
        send(&system, order(2), add("p-1")).await;
        let mut mixed = false;
        for _ in 0..20 {
            mixed |= details(&system, order(1)).await.expect("the order").item_count != 1;
            mixed |= details(&system, order(2)).await.expect("the order").item_count != 2;
        }
        assert_eq!(mixed, mixes);
    }
}

#[tokio::test(start_paused = true)]
async fn early_caught_up_says_so_before_it_is_true() {
    let [clean, broken] = lagging_pair("early-caught-up");
    for (system, there) in [(clean, true), (broken, false)] {
        let receipt = send(&system, order(1), create("c")).await;
        system.wait_for(receipt.position, LONG).await.expect("reached");
        assert_eq!(details(&system, order(1)).await.is_some(), there);
        let receipt = send(&system, order(2), create("c")).await;
        system.wait_for_one("order_summary", receipt.position, LONG).await.expect("reached");
        assert_eq!(details(&system, order(2)).await.is_some(), there);
    }
}

#[tokio::test]
async fn gross_total_differs_between_read_models() {
    let [clean, broken] = pair("gross-total");
    for (system, listed) in [(clean, "1.20"), (broken, "1.428")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), add("p-1")).await;
        assert_eq!(details(&system, order(1)).await.expect("the order").total.to_string(), "1.20");
        let total = list(&system, "c").await[0].total;
        assert_eq!(
            total.normalize().to_string(),
            listed.parse::<rust_decimal::Decimal>().expect("a total").normalize().to_string()
        );
    }
}

#[tokio::test]
async fn as_of_now_shows_today_for_the_past() {
    let [clean, broken] = pair("as-of-now");
    for (system, items) in [(clean, 1), (broken, 2)] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), add("p-1")).await;
        let past = system.ask(GetOrderAsOf { order: order(1), version: Version::new(1) }).await;
        assert_eq!(past.expect("an answer").value.map(|order| order.item_count), Some(items));
        let future = system.ask(GetOrderAsOf { order: order(1), version: Version::new(3) }).await;
        assert_eq!(future.expect("an answer").value, None);
    }
}

fn priced(product: &str, price: &str) -> AddItem {
    AddItem { product: product.into(), quantity: 1, price: decimal(price) }
}

#[tokio::test]
async fn cut_cents_shows_whole_totals_in_lists() {
    let [clean, broken] = pair("cut-cents");
    for (system, listed) in [(clean, "1.20"), (broken, "1")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), add("p-1")).await;
        assert_eq!(list(&system, "c").await[0].total, decimal(listed));
        assert_eq!(details(&system, order(1)).await.expect("the order").total, decimal("1.20"));
    }
}

#[tokio::test]
async fn stuck_status_is_pending_in_lists_alone() {
    let [clean, broken] = pair("stuck-status");
    for (system, listed) in [
        (clean, [OrderStatus::Cancelled, OrderStatus::Confirmed]),
        (broken, [OrderStatus::Pending, OrderStatus::Pending]),
    ] {
        send(&system, order(1), create("c")).await;
        send(&system, order(2), create("c")).await;
        send(&system, order(1), confirm()).await;
        send(&system, order(2), cancel()).await;
        let rows = list(&system, "c").await;
        assert_eq!([rows[0].status, rows[1].status], listed);
        let shown = details(&system, order(1)).await.expect("the order");
        assert_eq!(shown.status, OrderStatus::Confirmed);
    }
}

#[tokio::test]
async fn swapped_columns_show_prices_as_quantities() {
    let [clean, broken] = pair("swapped-columns");
    for (system, quantity, price) in [(clean, 3, "29.70"), (broken, 30, "3")] {
        send(&system, order(1), create("c")).await;
        let line = AddItem { product: "p-1".into(), quantity: 3, price: decimal("29.70") };
        send(&system, order(1), line).await;
        let shown = details(&system, order(1)).await.expect("the order");
        assert_eq!((shown.items[1].quantity, shown.items[1].price), (quantity, decimal(price)));
        assert_eq!(shown.total, decimal("90.10"), "the total is a column of its own");
    }
}

#[tokio::test]
async fn float_total_adds_up_in_floats() {
    let [clean, broken] = pair("float-total");
    for (system, total) in [(clean, "1.20"), (broken, "1.2000000000000002")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), priced("p-1", "0.10")).await;
        send(&system, order(1), priced("p-2", "0.10")).await;
        assert_eq!(details(&system, order(1)).await.expect("the order").total, decimal(total));
    }
}

#[tokio::test]
async fn wrapped_total_begins_again_below_zero() {
    let [clean, broken] = pair("wrapped-total");
    for (system, small, large) in
        [(clean, "21474836.475", "21474836.48"), (broken, "21474836.475", "-21474836.48")]
    {
        for (number, price, total) in [(1, "21474835.475", small), (2, "21474835.48", large)] {
            send(&system, order(number), create("c")).await;
            send(&system, order(number), priced("p-1", price)).await;
            assert_eq!(details(&system, order(number)).await.expect("the order").total, decimal(total));
        }
    }
}

#[tokio::test]
async fn fresh_date_is_another_one_behind_each_event() {
    for (system, stays) in pair("fresh-date").into_iter().zip([true, false]) {
        send(&system, order(1), create("c")).await;
        let first = details(&system, order(1)).await.expect("the order").created_at;
        assert_eq!(details(&system, order(1)).await.expect("the order").created_at, first);
        send(&system, order(1), add("p-1")).await;
        assert_eq!(details(&system, order(1)).await.expect("the order").created_at == first, stays);
    }
}

#[tokio::test]
async fn day_only_shows_no_time_of_delivery() {
    let [clean, broken] = pair("day-only");
    for (system, shown) in [(clean, "2026-03-01T23:30:07.013Z"), (broken, "2026-03-01T00:00:00.000Z")] {
        send(&system, order(1), create("c")).await;
        assert_eq!(delivery(&system).await, None);
        send(&system, order(1), deliver("2026-03-02T01:30:07.013+02:00")).await;
        assert_eq!(delivery(&system).await.as_deref(), Some(shown));
    }
}

#[tokio::test]
async fn zone_lost_takes_a_local_time_for_utc() {
    let [clean, broken] = pair("zone-lost");
    for (system, shown) in [(clean, "2026-03-01T23:30:07.013Z"), (broken, "2026-03-02T01:30:07.013Z")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), deliver("2026-03-01T09:05:07.013Z")).await;
        assert_eq!(delivery(&system).await.as_deref(), Some("2026-03-01T09:05:07.013Z"), "in UTC already");
        send(&system, order(1), deliver("2026-03-02T01:30:07.013+02:00")).await;
        assert_eq!(delivery(&system).await.as_deref(), Some(shown));
    }
}

/// When the first order is to be delivered, as it shows.
async fn delivery(system: &OrderSystem) -> Option<String> {
    let row = details(system, order(1)).await.expect("the order");
    row.deliver_at.map(|at| at.to_string())
}

#[tokio::test]
async fn first_price_stays_for_ever() {
    let [clean, broken] = pair("first-price");
    for (system, second) in [(clean, "0.20"), (broken, "0.10")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), priced("p-1", "0.10")).await;
        send(&system, order(1), priced("p-1", "0.20")).await;
        let prices = details(&system, order(1)).await.expect("the order").items.clone();
        assert_eq!((prices[1].price, prices[2].price), (decimal("0.10"), decimal(second)));
    }
}

#[tokio::test]
async fn lost_line_loses_the_last_of_many() {
    let [clean, broken] = pair("lost-line");
    for (system, lines) in [(clean, 5), (broken, 4)] {
        send(&system, order(1), create("c")).await;
        for product in ["p-1", "p-2", "p-3"] {
            send(&system, order(1), add(product)).await;
        }
        assert_eq!(details(&system, order(1)).await.expect("the order").items.len(), 4);
        send(&system, order(1), add("p-4")).await;
        assert_eq!(details(&system, order(1)).await.expect("the order").items.len(), lines);
    }
}

#[tokio::test]
async fn pages_skip_or_repeat_a_row() {
    for (defect, rows) in [("page-skips", [2, 2, 2, 2, 1]), ("page-repeats", [2, 2, 2, 2, 2])] {
        let [clean, broken] = pair(defect);
        for (system, rows, whole) in [(clean, [2; 5], true), (broken, rows, false)] {
            for number in 0..10 {
                send(&system, order(number), create("c")).await;
            }
            for (page, count) in (1..).zip(rows) {
                let page = system.ask(ListCustomerOrders::new("c").page(page, 2)).await.expect("a page");
                assert_eq!(page.value.rows.len(), count, "{defect}");
            }
            assert_eq!(paged(&system).await.len() == 10, whole, "{defect}");
        }
    }
}

#[tokio::test]
async fn page_cap_ends_pages_after_ten_rows() {
    let [clean, broken] = pair("page-cap");
    for (system, whole) in [(clean, 11), (broken, 10)] {
        for number in 0..10 {
            send(&system, order(number), create("c")).await;
        }
        assert_eq!(list(&system, "c").await.len(), 10);
        send(&system, order(10), create("c")).await;
        assert_eq!(list(&system, "c").await.len(), whole);
        let page = system.ask(ListCustomerOrders::new("c").page(2, 10)).await.expect("a page").value;
        assert_eq!((page.rows.len(), page.total_count), (1, 11));
    }
}

/// How many of twenty changes were shown late, once the position that has them was told.
#[tokio::test]
async fn stale_cache_shows_the_old_state_at_the_new_position() {
    let mut late = Vec::new();
    for system in pair("stale-cache") {
        let mut times = 0;
        for number in 0..20 {
            send(&system, order(number), create("c")).await;
            details(&system, order(number)).await;
            let receipt = send(&system, order(number), add("p-1")).await;
            let mut counts = Vec::new();
            for _ in 0..4 {
                let answer = system.ask(GetOrderDetails { order: order(number) }).await.expect("an answer");
                assert!(answer.position >= receipt.position);
                counts.push(answer.value.expect("the order").item_count);
            }
            assert!(counts == [2, 2, 2, 2] || counts == [1, 1, 2, 2], "it never goes back: {counts:?}");
            times += usize::from(counts[0] == 1);
        }
        late.push(times);
    }
    assert!(late[0] == 0 && (3..=17).contains(&late[1]), "{late:?}");
}

#[tokio::test(start_paused = true)]
async fn log_position_is_told_before_it_is_reached() {
    let [clean, broken] = lagging_pair("log-position");
    for (system, early) in [(clean, false), (broken, true)] {
        let receipt = send(&system, order(1), create("c")).await;
        let answer = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
        assert_eq!((answer.value, answer.position >= receipt.position), (None, early));
        let listed = system.ask(ListCustomerOrders::new("c")).await.expect("an answer");
        assert!(listed.position < receipt.position, "the list tells its own");
        system.wait_for(receipt.position, LONG).await.expect("reached");
        let answer = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
        assert!(answer.value.is_some() && answer.position == receipt.position);
    }
}

#[tokio::test(start_paused = true)]
async fn skips_ahead_shows_the_last_event_without_the_one_before() {
    for (system, skips) in lagging_pair("skips-ahead:1").into_iter().zip([false, true]) {
        let created = send(&system, order(1), create("c")).await;
        system.wait_for(created.position, LONG).await.expect("reached");
        let counts = async |system: &OrderSystem| {
            let answer = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
            answer.value.expect("the order").item_count
        };
        send(&system, order(1), add("p-1")).await;
        assert_eq!(counts(&system).await, 1, "one event behind, it only lags");
        send(&system, order(1), add("p-2")).await;
        let last = send(&system, order(1), add("p-3")).await;
        assert_eq!(counts(&system).await, if skips { 2 } else { 1 });
        system.wait_for(last.position, LONG).await.expect("reached");
        assert_eq!(counts(&system).await, 4, "at rest all is there");
    }
}
