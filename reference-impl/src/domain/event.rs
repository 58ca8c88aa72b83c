//! Events: what has happened to an order, in the past tense and for good.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{CustomerId, Item, OffsetDateTime, ProductId, money};

/// Something that has happened to an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OrderEvent {
    /// The order was opened.
    OrderCreated {
        /// Who ordered.
        customer: CustomerId,
        /// The first items.
        items: Vec<Item>,
    },
    /// A line was added.
    ItemAdded {
        /// What was added.
        product: ProductId,
        /// How many.
        quantity: i64,
        /// The price of one.
        #[serde(with = "money::as_text")]
        price: Decimal,
    },
    /// Every line of a product was taken out.
    ItemRemoved {
        /// What was taken out.
        product: ProductId,
    },
    /// The customer has said when to deliver.
    DeliveryRequested {
        /// The moment, as it was told.
        deliver_at: OffsetDateTime,
    },
    /// The order was confirmed.
    OrderConfirmed {},
    /// The order was cancelled.
    OrderCancelled {
        /// Why.
        reason: String,
    },
}

impl OrderEvent {
    /// The event's name, as feeds and audit trails call it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::OrderCreated { .. } => "OrderCreated",
            Self::ItemAdded { .. } => "ItemAdded",
            Self::ItemRemoved { .. } => "ItemRemoved",
            Self::DeliveryRequested { .. } => "DeliveryRequested",
            Self::OrderConfirmed {} => "OrderConfirmed",
            Self::OrderCancelled { .. } => "OrderCancelled",
        }
    }
}
