//! Commands: what an order can be asked to do. Each is a message type of its own.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomerId, Item, OffsetDateTime, ProductId, money};

/// Opens the order for a customer, with its first items.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CreateOrder {
    /// Who orders.
    pub customer: CustomerId,
    /// What is ordered; an order needs at least one.
    pub items: Vec<Item>,
}

/// Adds one line to a pending order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AddItem {
    /// What is added.
    pub product: ProductId,
    /// How many, at least 1.
    pub quantity: i64,
    /// The price of one, above 0.
    #[serde(with = "money::as_text")]
    pub price: Decimal,
}

/// Takes every line of one product out of a pending order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RemoveItem {
    /// What is taken out.
    pub product: ProductId,
}

/// Puts one line in the place of every line of a product of a pending order. It has two effects, and has both or none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ReplaceItem {
    /// What is taken out.
    pub product: ProductId,
    /// What comes instead; may be the same product.
    pub replacement: ProductId,
    /// How many, at least 1.
    pub quantity: i64,
    /// The price of one, above 0.
    #[serde(with = "money::as_text")]
    pub price: Decimal,
}

/// Says when a pending order is to be delivered. A later one takes the place of an earlier one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RequestDelivery {
    /// The moment, told at any offset from UTC.
    pub deliver_at: OffsetDateTime,
}

/// Confirms a pending order. From then on it doesn't change any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConfirmOrder {}

/// Cancels a pending order. From then on it doesn't change any more.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CancelOrder {
    /// Why, in the customer's words; may be empty.
    pub reason: String,
}

/// Any of the commands: what the aggregate decides on and what an idempotency key remembers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OrderCommand {
    /// See [`CreateOrder`].
    CreateOrder(CreateOrder),
    /// See [`AddItem`].
    AddItem(AddItem),
    /// See [`RemoveItem`].
    RemoveItem(RemoveItem),
    /// See [`ReplaceItem`].
    ReplaceItem(ReplaceItem),
    /// See [`RequestDelivery`].
    RequestDelivery(RequestDelivery),
    /// See [`ConfirmOrder`].
    ConfirmOrder(ConfirmOrder),
    /// See [`CancelOrder`].
    CancelOrder(CancelOrder),
}

macro_rules! into_order_command {
    ($($name:ident),+) => {$(
        impl From<$name> for OrderCommand {
            fn from(command: $name) -> Self {
                Self::$name(command)
            }
        }
    )+};
}

into_order_command!(
    CreateOrder,
    AddItem,
    RemoveItem,
    ReplaceItem,
    RequestDelivery,
    ConfirmOrder,
    CancelOrder
);
