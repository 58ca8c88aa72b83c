//! Rejections: the business's "no", each with a stable code.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{OrderId, OrderStatus, ProductId, money};

/// Why the rules of the order refuse a command. The text is for people, [`Rejection::code`] for
/// programs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum Rejection {
    /// There is an order of that id already.
    #[error("order {order} already exists and is {status}")]
    OrderAlreadyExists {
        /// The order asked for.
        order: OrderId,
        /// Its status now.
        status: OrderStatus,
    },
    /// The command would leave a live order without items.
    #[error("order {order} would have no items")]
    OrderHasNoItems {
        /// The order asked for.
        order: OrderId,
    },
    /// A quantity below 1.
    #[error("the quantity of {product} must be at least 1, not {quantity}")]
    InvalidQuantity {
        /// The line's product.
        product: ProductId,
        /// The quantity asked for.
        quantity: i64,
    },
    /// A price at or below 0.
    #[error("the price of {product} must be above 0, not {price}")]
    InvalidPrice {
        /// The line's product.
        product: ProductId,
        /// The price asked for.
        #[serde(with = "money::as_text")]
        price: Decimal,
    },
    /// There is no order of that id.
    #[error("order {order} does not exist")]
    OrderNotFound {
        /// The order asked for.
        order: OrderId,
    },
    /// The order doesn't change any more.
    #[error("order {order} is {status}, and only a pending order can change")]
    OrderNotPending {
        /// The order asked for.
        order: OrderId,
        /// Its status now.
        status: OrderStatus,
    },
    /// The order has no such item.
    #[error("order {order} has no item {product}")]
    ItemNotFound {
        /// The order asked for.
        order: OrderId,
        /// The product that isn't in it.
        product: ProductId,
    },
    /// More lines of a product than a command takes out at once.
    #[error("order {order} has {lines} lines of {product}, and at most {most} go at once")]
    TooManyLines {
        /// The order asked for.
        order: OrderId,
        /// The product of these lines.
        product: ProductId,
        /// How many there are.
        lines: usize,
        /// How many the command takes out at most.
        most: usize,
    },
    /// The total would need more digits than can be held. Rounding money in silence is no choice.
    #[error("the total of order {order} would not fit into an exact decimal of 28 digits")]
    TotalNotExact {
        /// The order asked for.
        order: OrderId,
    },
}

impl Rejection {
    /// The code programs go by. It never changes, whatever becomes of the text.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::OrderAlreadyExists { .. } => "OrderAlreadyExists",
            Self::OrderHasNoItems { .. } => "OrderHasNoItems",
            Self::InvalidQuantity { .. } => "InvalidQuantity",
            Self::InvalidPrice { .. } => "InvalidPrice",
            Self::OrderNotFound { .. } => "OrderNotFound",
            Self::OrderNotPending { .. } => "OrderNotPending",
            Self::ItemNotFound { .. } => "ItemNotFound",
            Self::TooManyLines { .. } => "TooManyLines",
            // To a client this is a value out of range, as any other such value.
            Self::TotalNotExact { .. } => "Malformed",
        }
    }
}
