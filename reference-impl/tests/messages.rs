//! Commands and queries as a client sees them.

use reference_impl::application::{
    CommandError, Envelope, GetOrderAsOf, GetOrderDetails, HandlerNotFound, ListCustomerOrders, Message,
    QueryError,
};
use reference_impl::domain::{AddItem, CreateOrder, Item, OrderCommand, OrderStatus};
use reference_impl::store::{Position, Version};
use rust_decimal::Decimal;

use crate::support::{
    add, cancel, code, confirm, create, decimal, deliver, details, list, order, remove, send, system,
};

#[tokio::test]
async fn an_accepted_command_says_where_it_got_to() {
    let system = system();
    send(&system, order(1), create("c")).await;
    let receipt = send(&system, order(2), create("c")).await;
    assert_eq!((receipt.order, receipt.version.get(), receipt.position.get()), (order(2), 1, 2));
    let receipt = send(&system, order(1), add("p-1")).await;
    assert_eq!((receipt.order, receipt.version.get(), receipt.position.get()), (order(1), 2, 3));
    assert_eq!(system.head().await, Ok(Position::new(3)));
}

#[tokio::test]
async fn an_order_shows_all_that_happened_to_it() {
    let system = system();
    send(&system, order(1), create("c-1")).await;
    send(&system, order(1), add("p-1")).await;
    send(&system, order(1), add("p-2")).await;
    send(&system, order(1), remove("p-1")).await;
    send(&system, order(1), confirm()).await;

    let answer = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
    assert_eq!((answer.position.get(), answer.version), (5, Some(Version::new(5))));
    let row = answer.value.expect("the order");
    assert_eq!((row.status, row.total, row.item_count), (OrderStatus::Confirmed, decimal("1.20"), 2));
    assert_eq!(row.created_at.as_unix_millis(), 1_700_000_000_000);
    assert!(row.customer_name.as_ref().is_some_and(|name| name.contains(' ')));
    assert!(row.customer_email.as_ref().is_some_and(|email| email.ends_with("@example.com")));
}

#[tokio::test]
async fn a_delivery_is_at_a_moment_wherever_it_was_told() {
    let system = system();
    send(&system, order(1), create("c")).await;
    for (at, moment) in [
        ("2026-03-02T01:30:07.0139+02:00", "2026-03-01T23:30:07.013Z"),
        ("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z"),
        ("2026-03-01T18:00:00-05:30", "2026-03-01T23:30:00.000Z"),
    ] {
        let receipt = send(&system, order(1), deliver(at)).await;
        let row = details(&system, order(1)).await.expect("the order");
        assert_eq!(row.deliver_at.map(|at| at.to_string()).as_deref(), Some(moment));
        let then = system.ask(GetOrderAsOf { order: order(1), version: receipt.version }).await;
        let then = then.expect("an answer").value.expect("the order");
        assert_eq!(then.deliver_at, row.deliver_at);
    }
    send(&system, order(1), confirm()).await;
    let late = system.send(Envelope::new(order(1), deliver("2026-03-01T00:00:00Z"))).await;
    assert_eq!(code(&late), "OrderNotPending");
}

#[tokio::test]
async fn a_rejection_has_no_effect() {
    let system = system();
    send(&system, order(1), create("c")).await;
    let before = (details(&system, order(1)).await, list(&system, "c").await, system.head().await);
    let nothing = AddItem { product: "p".into(), quantity: 0, price: Decimal::ONE };
    assert_eq!(code(&system.send(Envelope::new(order(1), nothing)).await), "InvalidQuantity");
    assert_eq!(code(&system.send(Envelope::new(order(1), create("c"))).await), "OrderAlreadyExists");
    assert_eq!(code(&system.send(Envelope::new(order(1), remove("p-0"))).await), "OrderHasNoItems");
    assert_eq!(code(&system.send(Envelope::new(order(2), cancel())).await), "OrderNotFound");
    let after = (details(&system, order(1)).await, list(&system, "c").await, system.head().await);
    assert_eq!(before, after);
}

#[tokio::test]
async fn what_is_malformed_is_not_decided_on() {
    let system = system();
    let blank = CreateOrder { customer: " ".into(), items: vec![Item::new("p", 1, Decimal::ONE)] };
    assert_eq!(code(&system.send(Envelope::new(order(1), blank)).await), "Malformed");
    let unnamed = CreateOrder { customer: "c".into(), items: vec![Item::new("", 1, Decimal::ONE)] };
    assert_eq!(code(&system.send(Envelope::new(order(1), unnamed)).await), "Malformed");
    // Malformed comes before every rule: this order doesn't exist either.
    assert_eq!(code(&system.send(Envelope::new(order(1), remove(""))).await), "Malformed");
    assert_eq!(code(&system.send(Envelope::new(order(1), add(&"x".repeat(256)))).await), "Malformed");
    assert_eq!(code(&system.send(Envelope::new(order(1), create("c")).with_key(" ")).await), "Malformed");
    assert_eq!(code(&system.send(Envelope::new(order(1), create("c")).by("")).await), "Malformed");
    assert_eq!(system.head().await, Ok(Position::START));
}

#[tokio::test]
async fn a_command_known_at_run_time_only_goes_the_same_way() {
    let system = system();
    let commands: [OrderCommand; 3] = [create("c").into(), add("p").into(), confirm().into()];
    for command in commands {
        send(&system, order(1), command).await;
    }
    let row = details(&system, order(1)).await.expect("the order");
    assert_eq!((row.status, row.item_count), (OrderStatus::Confirmed, 2));
    let blank = Envelope::new(order(1), OrderCommand::from(add("")));
    assert_eq!(code(&system.send(blank).await), "Malformed");
}

#[tokio::test]
async fn absence_and_emptiness_are_answers() {
    let system = system();
    let answer = system.ask(GetOrderDetails { order: order(1) }).await.expect("an answer");
    assert_eq!(
        (answer.value, answer.position, answer.version),
        (None, Position::START, Some(Version::START))
    );
    let answer = system.ask(ListCustomerOrders::new("nobody")).await.expect("an answer");
    assert!(answer.value.rows.is_empty());
    assert_eq!((answer.value.total_count, answer.position), (0, Position::START));
}

#[tokio::test]
async fn lists_are_paged_newest_first() {
    let system = system();
    for number in 1..=25 {
        send(&system, order(number), create("c")).await;
    }
    send(&system, order(3), confirm()).await;
    let page = async |page, size| {
        let answer = system.ask(ListCustomerOrders::new("c").page(page, size)).await.expect("an answer");
        assert_eq!((answer.value.total_count, answer.position.get()), (25, 26));
        answer.value.rows.iter().map(|row| row.order.as_uuid().as_u128()).collect::<Vec<_>>()
    };
    assert_eq!(page(1, 20).await, (6..=25).rev().collect::<Vec<_>>());
    assert_eq!(page(2, 20).await, (1..=5).rev().collect::<Vec<_>>());
    assert_eq!(page(3, 20).await, []);
    assert_eq!(page(3, 7).await, [11, 10, 9, 8, 7, 6, 5]);
    assert_eq!(page(u32::MAX, 100).await, []);
    let third = list(&system, "c").await.into_iter().find(|row| row.order == order(3));
    assert_eq!(third.map(|row| (row.status, row.total)), Some((OrderStatus::Confirmed, Decimal::ONE)));
}

#[tokio::test]
async fn a_page_out_of_range_is_malformed() {
    let system = system();
    for (page, size) in [(0, 20), (1, 0), (1, 101)] {
        let answer = system.ask(ListCustomerOrders::new("c").page(page, size)).await;
        assert!(
            matches!(&answer, Err(QueryError::Rejected(refusal)) if refusal.code() == "Malformed"),
            "page {page} of {size}: {answer:?}"
        );
    }
}

#[derive(Debug)]
struct GetWeather;

impl Message for GetWeather {
    const NAME: &'static str = "GetWeather";
    type Answer = ();
    type Error = QueryError;
}

#[derive(Clone)]
struct BurnOrder;

impl From<BurnOrder> for OrderCommand {
    fn from(_: BurnOrder) -> Self {
        cancel().into()
    }
}

impl reference_impl::application::Command for BurnOrder {
    const NAME: &'static str = "BurnOrder";

    fn validate(&self) -> Result<(), reference_impl::application::Malformed> {
        Ok(())
    }
}

#[tokio::test]
async fn a_message_nobody_handles_is_not_found_a_handler_for() {
    let system = system();
    let expected = HandlerNotFound { message: "GetWeather" };
    assert_eq!(system.ask(GetWeather).await, Err(QueryError::HandlerNotFound(expected)));
    send(&system, order(1), create("c")).await;
    let outcome = system.send(Envelope::new(order(1), BurnOrder)).await;
    assert_eq!(outcome, Err(CommandError::HandlerNotFound(HandlerNotFound { message: "BurnOrder" })));
    assert_eq!(details(&system, order(1)).await.map(|row| row.status), Some(OrderStatus::Pending));
}
