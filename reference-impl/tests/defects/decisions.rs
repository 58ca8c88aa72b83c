//! Defects in how a command is decided.

use reference_impl::OrderSystem;
use reference_impl::application::{Command, Envelope};
use reference_impl::domain::{AddItem, OrderStatus, ReplaceItem};
use rust_decimal::Decimal;

use super::common::{lagging_pair, pair};
use crate::support::{LONG, add, cancel, code, confirm, create, details, order, remove, send};

async fn outcome(system: &OrderSystem, command: impl Command) -> &'static str {
    code(&system.send(Envelope::new(order(1), command)).await)
}

#[tokio::test]
async fn stateful_validation_refuses_valid_prices() {
    let mut refused = Vec::new();
    for system in pair("stateful-validation") {
        let mut count = 0;
        for number in 0..100 {
            let create = system.send(Envelope::new(order(number), create("c"))).await;
            count += usize::from(code(&create) == "InvalidPrice");
        }
        refused.push(count);
    }
    assert!(refused[0] == 0 && (5..=25).contains(&refused[1]), "{refused:?}");
}

#[tokio::test]
async fn remove_last_empties_an_order() {
    let [clean, broken] = pair("remove-last");
    for (system, expected, items) in [(clean, "OrderHasNoItems", 1), (broken, "accepted", 0)] {
        send(&system, order(1), create("c")).await;
        assert_eq!(outcome(&system, remove("p-0")).await, expected);
        assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(items));
    }
}

/// An order of so many lines of one product, and a line of another.
async fn of_lines(system: &OrderSystem, lines: usize) {
    send(system, order(1), create("c")).await;
    for product in std::iter::repeat_n("p-0", lines - 1).chain(["p-1"]) {
        send(system, order(1), add(product)).await;
    }
}

#[tokio::test]
async fn remove_eleven_removes_one_line_too_many() {
    for (lines, expected) in [
        (10, ["accepted", "accepted"]),
        (11, ["TooManyLines", "accepted"]),
        (12, ["TooManyLines", "TooManyLines"]),
    ] {
        for (system, expected) in pair("remove-eleven").into_iter().zip(expected) {
            of_lines(&system, lines).await;
            assert_eq!(outcome(&system, remove("p-0")).await, expected, "{lines}");
        }
    }
}

#[tokio::test]
async fn replace_three_refuses_what_is_just_allowed() {
    for (lines, expected) in [
        (2, ["accepted", "accepted"]),
        (3, ["accepted", "TooManyLines"]),
        (4, ["TooManyLines", "TooManyLines"]),
    ] {
        for (system, expected) in pair("replace-three").into_iter().zip(expected) {
            of_lines(&system, lines).await;
            let replaced = ReplaceItem {
                product: "p-0".into(),
                replacement: "p-2".into(),
                quantity: 1,
                price: Decimal::ONE,
            };
            assert_eq!(outcome(&system, replaced).await, expected, "{lines}");
        }
    }
}

#[tokio::test]
async fn whole_line_empties_an_order_whose_lines_differ() {
    let [clean, broken] = pair("whole-line");
    for (system, expected, items) in [(clean, "OrderHasNoItems", 2), (broken, "accepted", 0)] {
        send(&system, order(1), create("c")).await;
        assert_eq!(outcome(&system, remove("p-0")).await, "OrderHasNoItems", "one line alone");
        send(&system, order(1), add("p-0")).await;
        assert_eq!(outcome(&system, remove("p-0")).await, expected);
        assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(items));
    }
}

#[tokio::test]
async fn confirm_cancelled_confirms_what_was_cancelled() {
    let [clean, broken] = pair("confirm-cancelled");
    for (system, expected) in [(clean, "OrderNotPending"), (broken, "accepted")] {
        send(&system, order(1), create("c")).await;
        send(&system, order(1), cancel()).await;
        assert_eq!(outcome(&system, confirm()).await, expected);
        assert_eq!(outcome(&system, cancel()).await, "OrderNotPending");
    }
}

#[tokio::test(start_paused = true)]
async fn write_before_check_lets_a_rejected_command_have_its_effect() {
    let invalid = || AddItem { product: "p-1".into(), quantity: 0, price: Decimal::ONE };
    for pair in [pair("write-before-check"), lagging_pair("write-before-check")] {
        for (system, items, status) in pair
            .iter()
            .zip([1, 2])
            .zip([OrderStatus::Confirmed, OrderStatus::Cancelled])
            .map(|((system, items), status)| (system, items, status))
        {
            send(system, order(1), create("c")).await;
            assert_eq!(outcome(system, invalid()).await, "InvalidQuantity");
            send(system, order(1), confirm()).await;
            assert_eq!(outcome(system, cancel()).await, "OrderNotPending");
            system.wait_caught_up(LONG).await.expect("caught up");
            let row = details(system, order(1)).await.expect("the order");
            assert_eq!((row.item_count, row.status), (items, status));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn stale_decision_rests_on_read_models() {
    let [clean, broken] = lagging_pair("stale-decision");
    for (system, early, late) in
        [(clean, "OrderNotPending", "OrderNotPending"), (broken, "accepted", "OrderNotPending")]
    {
        send(&system, order(1), create("c")).await;
        system.wait_caught_up(LONG).await.expect("caught up");
        send(&system, order(1), cancel()).await;
        assert_eq!(outcome(&system, add("p-1")).await, early);
        system.wait_caught_up(LONG).await.expect("caught up");
        assert_eq!(outcome(&system, add("p-1")).await, late);
    }
    let [_, broken] = pair("stale-decision");
    send(&broken, order(1), create("c")).await;
    assert_eq!(outcome(&broken, add("p-1")).await, "accepted", "nothing lags in strong mode");
}

#[tokio::test]
async fn torn_append_writes_half_a_command() {
    let [clean, broken] = pair("torn-append");
    for (system, version, items) in [(clean, 3, 1), (broken, 2, 0)] {
        send(&system, order(1), create("c")).await;
        let (product, replacement) = ("p-0".into(), "p-1".into());
        let replaced = ReplaceItem { product, replacement, quantity: 1, price: Decimal::ONE };
        assert_eq!(send(&system, order(1), replaced).await.version.get(), version);
        assert_eq!(details(&system, order(1)).await.map(|row| row.item_count), Some(items));
    }
}
