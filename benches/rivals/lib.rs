//! What the rivals' tests share: the built-in order system as they speak to it, without anything of Proofmark.

use reference_impl::OrderSystem;
use reference_impl::application::{CommandError, Envelope};
use reference_impl::domain::{Item, OrderCommand, OrderId};
use rust_decimal::Decimal;
use uuid::Uuid;

/// A fresh system, whose read models show at once.
///
/// # Panics
/// Never: strong synchronisation needs nothing.
pub fn system(seed: u64) -> OrderSystem {
    OrderSystem::builder().seed(seed).build().expect("strong mode needs nothing")
}

/// The order with that number. Each test has a system to itself, so numbers are enough.
pub fn order(number: u8) -> OrderId {
    OrderId::new(Uuid::from_u128(0x0000_0000_0000_4000_8000_0000_0000_0000 | u128::from(number)))
}

/// A line of an order.
pub fn item(product: &str, quantity: i64, price: Decimal) -> Item {
    Item::new(product, quantity, price)
}

/// Sends a command: nothing, or the code of the refusal.
///
/// # Errors
/// The refusal's code.
///
/// # Panics
/// When the system fails.
pub async fn send(system: &OrderSystem, order: OrderId, command: OrderCommand) -> Result<(), &'static str> {
    match system.send(Envelope::new(order, command)).await {
        Ok(_) => Ok(()),
        Err(CommandError::Rejected(refusal)) => Err(refusal.code()),
        Err(error) => panic!("{error}"),
    }
}
