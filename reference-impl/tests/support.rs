//! What the tests share: short words for orders, commands and reads.

use std::sync::Arc;
use std::time::Duration;

use reference_impl::application::{
    Command, CommandError, Envelope, GetOrderDetails, ListCustomerOrders, Receipt,
};
use reference_impl::clock::{FixedClock, Timestamp};
use reference_impl::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, Item, OrderId, RemoveItem, RequestDelivery,
};
use reference_impl::projection::{CustomerOrder, OrderSummary};
use reference_impl::store::{ExpectedVersion, Version};
use reference_impl::{OrderSystem, OrderSystemBuilder, SyncMode};
use rust_decimal::Decimal;
use uuid::Uuid;

pub(crate) const LAG: Duration = Duration::from_millis(100);
pub(crate) const LONG: Duration = Duration::from_hours(1);
pub(crate) const EVENTUAL: SyncMode = SyncMode::Eventual { lag: LAG, jitter: Duration::ZERO };

/// A builder whose clock stands still, so that two runs can be compared.
pub(crate) fn builder() -> OrderSystemBuilder {
    let clock = FixedClock::at(Timestamp::from_unix_millis(1_700_000_000_000));
    OrderSystem::builder().seed(1).clock(Arc::new(clock))
}

pub(crate) fn system() -> OrderSystem {
    builder().build().expect("strong mode needs nothing")
}

pub(crate) fn eventual() -> OrderSystem {
    builder().sync(EVENTUAL).build().expect("within a runtime")
}

pub(crate) fn with_defects(specs: &[&str]) -> OrderSystemBuilder {
    builder().defects(specs.iter().map(|spec| spec.parse().expect("a defect")))
}

pub(crate) fn order(number: u128) -> OrderId {
    OrderId::new(Uuid::from_u128(number))
}

pub(crate) fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).expect("a decimal")
}

pub(crate) fn create(customer: &str) -> CreateOrder {
    CreateOrder { customer: customer.into(), items: vec![Item::new("p-0", 1, Decimal::ONE)] }
}

pub(crate) fn add(product: &str) -> AddItem {
    AddItem { product: product.into(), quantity: 2, price: decimal("0.10") }
}

pub(crate) fn remove(product: &str) -> RemoveItem {
    RemoveItem { product: product.into() }
}

/// A request for delivery at a moment of RFC 3339.
pub(crate) fn deliver(at: &str) -> RequestDelivery {
    RequestDelivery { deliver_at: at.parse().expect("a moment") }
}

pub(crate) fn confirm() -> ConfirmOrder {
    ConfirmOrder {}
}

pub(crate) fn cancel() -> CancelOrder {
    CancelOrder { reason: "changed my mind".to_owned() }
}

pub(crate) fn at(version: u64) -> ExpectedVersion {
    ExpectedVersion::Exact(Version::new(version))
}

/// Sends a command that has to be accepted.
pub(crate) async fn send<C: Command>(system: &OrderSystem, order: OrderId, command: C) -> Receipt {
    system.send(Envelope::new(order, command)).await.expect("accepted")
}

/// The code of a rejection, or how it went otherwise.
pub(crate) fn code(outcome: &Result<Receipt, CommandError>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(CommandError::Rejected(refusal)) => refusal.code(),
        Err(_) => "failed",
    }
}

/// The order's row in `order_summary`.
pub(crate) async fn details(system: &OrderSystem, order: OrderId) -> Option<Arc<OrderSummary>> {
    system.ask(GetOrderDetails { order }).await.expect("an answer").value
}

/// The customer's first hundred rows in `customer_orders`.
pub(crate) async fn list(system: &OrderSystem, customer: &str) -> Vec<Arc<CustomerOrder>> {
    let query = ListCustomerOrders::new(customer).page(1, 100);
    system.ask(query).await.expect("an answer").value.rows
}

/// Everything the read models show of these orders and customers.
pub(crate) async fn shown(
    system: &OrderSystem,
    orders: impl IntoIterator<Item = u128>,
    customers: &[&str],
) -> (Vec<Option<Arc<OrderSummary>>>, Vec<Vec<Arc<CustomerOrder>>>) {
    let mut rows = Vec::new();
    for number in orders {
        rows.push(details(system, order(number)).await);
    }
    let mut lists = Vec::new();
    for customer in customers {
        lists.push(list(system, customer).await);
    }
    (rows, lists)
}
