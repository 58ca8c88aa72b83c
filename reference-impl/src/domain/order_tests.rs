//! The rules of the order as tables, and what must hold after any course of commands.

use proptest::prelude::*;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, Item, Order, OrderCommand, OrderEvent, OrderId,
    OrderStatus, RemoveItem, ReplaceItem, RequestDelivery,
};

const ID: OrderId = OrderId::new(Uuid::from_u128(1));
const HUGE: Decimal = Decimal::MAX;

fn item(product: &str, quantity: i64, price: &str) -> Item {
    Item::new(product, quantity, Decimal::from_str_exact(price).expect("a price"))
}

fn create(items: &[Item]) -> OrderCommand {
    CreateOrder { customer: "c".into(), items: items.to_vec() }.into()
}

fn add(product: &str, quantity: i64, price: &str) -> OrderCommand {
    let Item { product, quantity, price } = item(product, quantity, price);
    AddItem { product, quantity, price }.into()
}

fn remove(product: &str) -> OrderCommand {
    RemoveItem { product: product.into() }.into()
}

fn deliver(at: &str) -> OrderCommand {
    RequestDelivery { deliver_at: at.parse().expect("a moment") }.into()
}

fn confirm() -> OrderCommand {
    ConfirmOrder {}.into()
}

fn cancel() -> OrderCommand {
    CancelOrder { reason: "no need".to_owned() }.into()
}

fn created(items: &[Item]) -> OrderEvent {
    OrderEvent::OrderCreated { customer: "c".into(), items: items.to_vec() }
}

fn pending() -> Vec<OrderEvent> {
    vec![created(&[item("p-1", 2, "29.99")])]
}

fn confirmed() -> Vec<OrderEvent> {
    [pending(), vec![OrderEvent::OrderConfirmed {}]].concat()
}

fn cancelled() -> Vec<OrderEvent> {
    [pending(), vec![OrderEvent::OrderCancelled { reason: String::new() }]].concat()
}

/// Given these events, when this command comes, then this event or rejection.
fn check(given: &[OrderEvent], when: &OrderCommand, then: Result<OrderEvent, &str>) {
    let order = Order::replay(ID, given);
    let decided = order.decide(when);
    let outcome = decided.as_ref().map(Vec::as_slice).map_err(super::Rejection::code);
    let expected = then.map(|event| vec![event]);
    assert_eq!(
        outcome,
        expected.as_ref().map(Vec::as_slice).map_err(|code| *code),
        "given {given:?}, when {when:?}"
    );
    assert_eq!(order, Order::replay(ID, given), "deciding changes nothing");
}

#[test]
fn create_order() {
    let one = [item("p-1", 2, "29.99")];
    check(&[], &create(&one), Ok(created(&one)));
    check(&[], &create(&[]), Err("OrderHasNoItems"));
    check(&[], &create(&[item("p", 0, "1")]), Err("InvalidQuantity"));
    check(&[], &create(&[item("p", 1, "1"), item("q", -3, "1")]), Err("InvalidQuantity"));
    check(&[], &create(&[item("p", 1, "0")]), Err("InvalidPrice"));
    check(&[], &create(&[item("p", 1, "0.00")]), Err("InvalidPrice"));
    check(&[], &create(&[item("p", 1, "-0.01")]), Err("InvalidPrice"));
    for given in [pending(), confirmed(), cancelled()] {
        check(&given, &create(&one), Err("OrderAlreadyExists"));
    }
}

#[test]
fn add_item() {
    let added = OrderEvent::ItemAdded { product: "p-2".into(), quantity: 3, price: Decimal::new(10, 2) };
    check(&pending(), &add("p-2", 3, "0.10"), Ok(added));
    check(&pending(), &add("p-2", 0, "1"), Err("InvalidQuantity"));
    check(&pending(), &add("p-2", i64::MIN, "1"), Err("InvalidQuantity"));
    check(&pending(), &add("p-2", 1, "0"), Err("InvalidPrice"));
    check(&[], &add("p-2", 1, "1"), Err("OrderNotFound"));
    check(&confirmed(), &add("p-2", 1, "1"), Err("OrderNotPending"));
    check(&cancelled(), &add("p-2", 1, "1"), Err("OrderNotPending"));
}

#[test]
fn remove_item() {
    let twice = [created(&[item("a", 1, "1"), item("b", 1, "1"), item("a", 2, "2")])];
    check(&twice, &remove("a"), Ok(OrderEvent::ItemRemoved { product: "a".into() }));
    check(&twice, &remove("c"), Err("ItemNotFound"));
    check(&pending(), &remove("p-1"), Err("OrderHasNoItems"));
    check(&[created(&[item("a", 1, "1"), item("a", 2, "2")])], &remove("a"), Err("OrderHasNoItems"));
    check(&[], &remove("a"), Err("OrderNotFound"));
    check(&confirmed(), &remove("p-1"), Err("OrderNotPending"));
    check(&cancelled(), &remove("p-1"), Err("OrderNotPending"));
}

#[test]
fn replace_item() {
    let replace = |product: &str, replacement: &str, quantity, price: &str| {
        let Item { product: replacement, quantity, price } = item(replacement, quantity, price);
        OrderCommand::from(ReplaceItem { product: product.into(), replacement, quantity, price })
    };
    let given = [created(&[item("a", 1, "1"), item("b", 1, "1"), item("a", 2, "2")])];
    let both = |with: &str| {
        let added = OrderEvent::ItemAdded { product: with.into(), quantity: 3, price: Decimal::new(10, 2) };
        vec![OrderEvent::ItemRemoved { product: "a".into() }, added]
    };
    for with in ["c", "b", "a"] {
        let events = Order::replay(ID, &given).decide(&replace("a", with, 3, "0.10"));
        assert_eq!(events, Ok(both(with)));
        let after = Order::replay(ID, given.iter().chain(&both(with)));
        assert_eq!(after.items(), [item("b", 1, "1"), item(with, 3, "0.10")]);
    }
    // The last item can be replaced: there is one all the time.
    let events = Order::replay(ID, &pending()).decide(&replace("p-1", "p-2", 1, "1"));
    assert_eq!(events.map(|events| events.len()), Ok(2));
    check(&given, &replace("c", "d", 1, "1"), Err("ItemNotFound"));
    check(&given, &replace("a", "d", 0, "1"), Err("InvalidQuantity"));
    check(&given, &replace("a", "d", 1, "0"), Err("InvalidPrice"));
    check(&[], &replace("a", "d", 1, "1"), Err("OrderNotFound"));
    check(&confirmed(), &replace("p-1", "d", 1, "1"), Err("OrderNotPending"));
    check(&cancelled(), &replace("p-1", "d", 1, "1"), Err("OrderNotPending"));
    // The total is that of what is left and what comes.
    let huge = [created(&[Item::new("a", 1, HUGE)])];
    assert!(Order::replay(ID, &huge).decide(&replace("a", "b", 1, "1")).is_ok());
    check(&given, &replace("a", "b", 2, &HUGE.to_string()), Err("Malformed"));
}

#[test]
fn request_delivery() {
    let at = |text: &str| OrderEvent::DeliveryRequested { deliver_at: text.parse().expect("a moment") };
    let told = "2026-03-02T01:30:07.013+02:00";
    check(&pending(), &deliver(told), Ok(at(told)));
    check(&[], &deliver(told), Err("OrderNotFound"));
    check(&confirmed(), &deliver(told), Err("OrderNotPending"));
    check(&cancelled(), &deliver(told), Err("OrderNotPending"));
    let twice = [pending(), vec![at("2026-03-01T00:00:00Z"), at(told)]].concat();
    let deliver_at = Order::replay(ID, &twice).deliver_at();
    assert_eq!(deliver_at.map(|at| at.to_string()).as_deref(), Some("2026-03-01T23:30:07.013Z"));
    assert_eq!(Order::replay(ID, &pending()).deliver_at(), None);
}

#[test]
fn confirm_and_cancel() {
    check(&pending(), &confirm(), Ok(OrderEvent::OrderConfirmed {}));
    check(&pending(), &cancel(), Ok(OrderEvent::OrderCancelled { reason: "no need".to_owned() }));
    for command in [confirm(), cancel()] {
        check(&[], &command, Err("OrderNotFound"));
        check(&confirmed(), &command, Err("OrderNotPending"));
        check(&cancelled(), &command, Err("OrderNotPending"));
    }
}

#[test]
fn a_total_that_is_not_exact_is_refused() {
    let huge = Item::new("p", 1, HUGE);
    check(&[], &create(&[Item::new("p", 2, HUGE)]), Err("Malformed"));
    check(&[], &create(&[huge.clone(), item("q", 1, "1")]), Err("Malformed"));
    check(&[], &create(std::slice::from_ref(&huge)), Ok(created(std::slice::from_ref(&huge))));
    let given = [created(&[huge])];
    check(&given, &add("q", 1, "1"), Err("Malformed"));
    // Too small to change the last digit: `Decimal`'s own sum would lose it.
    check(&given, &add("q", 1, "0.0000001"), Err("Malformed"));
}

#[test]
fn a_rejection_says_where_the_order_stands() {
    for (given, word) in [(confirmed(), "confirmed"), (cancelled(), "cancelled")] {
        let rejection = Order::replay(ID, &given).decide(&confirm()).expect_err("a rejection");
        assert!(rejection.to_string().contains(word), "{rejection}");
        assert!(rejection.to_string().contains(&ID.to_string()), "{rejection}");
    }
}

#[test]
fn evolve() {
    let (a, b) = (item("a", 1, "1.50"), item("b", 2, "0.25"));
    let added = OrderEvent::ItemAdded { product: "b".into(), quantity: 2, price: b.price };
    let removed = OrderEvent::ItemRemoved { product: "a".into() };
    let course: [(OrderEvent, OrderStatus, &[Item], &str); 4] = [
        (created(std::slice::from_ref(&a)), OrderStatus::Pending, std::slice::from_ref(&a), "1.50"),
        (added, OrderStatus::Pending, &[a.clone(), b.clone()], "2.00"),
        (removed, OrderStatus::Pending, std::slice::from_ref(&b), "0.50"),
        (OrderEvent::OrderConfirmed {}, OrderStatus::Confirmed, std::slice::from_ref(&b), "0.50"),
    ];
    let mut order = Order::new(ID);
    assert_eq!((order.status(), order.customer()), (OrderStatus::Absent, None));
    for (event, status, items, total) in course {
        order.evolve(&event);
        assert_eq!((order.status(), order.items()), (status, items), "{event:?}");
        assert_eq!(order.total().map(|total| total.to_string()).as_deref(), Some(total), "{event:?}");
        assert_eq!(order.customer().map(ToString::to_string).as_deref(), Some("c"));
    }
}

#[test]
fn events_survive_being_written_and_read() {
    let price = Decimal::from_str_exact("12345678901234.1234").expect("a price");
    for event in [
        created(&[Item::new("p", i64::MAX, price), item("q", 1, "0.10")]),
        OrderEvent::ItemAdded { product: "p".into(), quantity: 1, price },
        OrderEvent::ItemRemoved { product: "p".into() },
        OrderEvent::DeliveryRequested {
            deliver_at: "2026-03-02T01:30:07.013-05:30".parse().expect("a moment"),
        },
        OrderEvent::OrderConfirmed {},
        OrderEvent::OrderCancelled { reason: "¿por qué?".to_owned() },
    ] {
        let text = serde_json::to_string(&event).expect("JSON");
        assert!(text.contains(event.name()), "{text}");
        assert_eq!(serde_json::from_str::<OrderEvent>(&text).ok().as_ref(), Some(&event), "{text}");
    }
}

#[test]
fn a_price_is_read_from_text_and_never_rounded() {
    let read = |price: &str| {
        let text = format!(r#"{{"product":"p","quantity":1,"price":{price}}}"#);
        serde_json::from_str::<Item>(&text).map(|item| item.price.to_string()).ok()
    };
    assert_eq!(read(r#""0.10""#).as_deref(), Some("0.10"));
    assert_eq!(read(r#""0.12345678901234567890123456789""#), None);
    assert_eq!(read("0.10"), None);
}

fn commands() -> impl Strategy<Value = OrderCommand> {
    let product = prop::sample::select(vec!["a", "b", "c"]);
    let item = (product.clone(), -1..4_i64, -1..2000_i64)
        .prop_map(|(product, quantity, cents)| Item::new(product, quantity, Decimal::new(cents, 2)));
    prop_oneof![
        2 => prop::collection::vec(item.clone(), 0..3).prop_map(|items| create(&items)),
        5 => item.prop_map(|Item { product, quantity, price }| AddItem { product, quantity, price }.into()),
        3 => product.prop_map(remove),
        1 => Just(deliver("2026-03-01T09:05:07Z")),
        1 => Just(confirm()),
        1 => Just(cancel()),
    ]
}

proptest! {
    #[test]
    fn a_live_order_has_items_and_an_exact_total(course in prop::collection::vec(commands(), 0..30)) {
        let mut order = Order::new(ID);
        for command in &course {
            let before = order.clone();
            for event in order.decide(command).unwrap_or_default() {
                order.evolve(&event);
            }
            if matches!(before.status(), OrderStatus::Confirmed | OrderStatus::Cancelled) {
                prop_assert_eq!(&order, &before, "a closed order doesn't change");
            }
            prop_assert_eq!(order.status() == OrderStatus::Absent, order.items().is_empty());
            // Counted in cents, with integers: another way to the same sum.
            let cents: i64 = order.items().iter().map(|item| item.quantity * as_cents(item.price)).sum();
            prop_assert_eq!(order.total(), Some(Decimal::new(cents, 2)));
        }
    }

    #[test]
    fn totals_are_exact_or_refused(
        lines in prop::collection::vec((1..i64::MAX, 1..i64::MAX, 0..28_u32), 1..6),
    ) {
        let items: Vec<_> = lines
            .iter()
            .map(|(quantity, price, scale)| Item::new("p", *quantity, Decimal::new(*price, *scale)))
            .collect();
        match Order::new(ID).decide(&create(&items)) {
            Ok(events) => {
                let total = Order::replay(ID, &events).total();
                prop_assert_eq!(total.map(digits_of), Some(exact_sum(&lines)));
            }
            Err(rejection) => prop_assert_eq!(rejection.code(), "Malformed"),
        }
    }
}

fn as_cents(price: Decimal) -> i64 {
    i64::try_from(price.mantissa()).expect("a small price") * 10_i64.pow(2 - price.scale())
}

/// The sum as a number of 10^-28ths in base 10^9, least digit first: long arithmetic with nothing
/// to overflow.
fn exact_sum(lines: &[(i64, i64, u32)]) -> Vec<u64> {
    let mut sum = vec![0; 12];
    for (quantity, price, scale) in lines {
        let mut product = to_digits((i128::from(*quantity) * i128::from(*price)).unsigned_abs());
        for _ in *scale..28 {
            scale_up(&mut product);
        }
        let mut carry = 0;
        for (digit, add) in sum.iter_mut().zip(product) {
            let value = *digit + add + carry;
            (*digit, carry) = (value % BASE, value / BASE);
        }
    }
    sum
}

const BASE: u64 = 1_000_000_000;

fn digits_of(value: Decimal) -> Vec<u64> {
    let mut digits = to_digits(value.mantissa().unsigned_abs());
    for _ in value.scale()..28 {
        scale_up(&mut digits);
    }
    digits
}

fn to_digits(mut value: u128) -> Vec<u64> {
    (0..12)
        .map(|_| {
            let digit = u64::try_from(value % u128::from(BASE)).expect("below the base");
            value /= u128::from(BASE);
            digit
        })
        .collect()
}

fn scale_up(digits: &mut [u64]) {
    let mut carry = 0;
    for digit in digits {
        let value = *digit * 10 + carry;
        (*digit, carry) = (value % BASE, value / BASE);
    }
}
