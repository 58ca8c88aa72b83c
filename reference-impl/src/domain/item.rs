//! One line of an order.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{ProductId, Rejection, money};

/// One line of an order: so many of a product at a price for each.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Item {
    /// What is ordered.
    pub product: ProductId,
    /// How many. Signed, so that 0 and negatives reach the rule that refuses them by name.
    pub quantity: i64,
    /// The price of one, in the order's currency.
    #[serde(with = "money::as_text")]
    pub price: Decimal,
}

impl Item {
    /// A line of `quantity` pieces of `product` at `price` each.
    pub fn new(product: impl Into<ProductId>, quantity: i64, price: Decimal) -> Self {
        Self { product: product.into(), quantity, price }
    }

    /// The rules that any line has to keep, whatever order it goes into.
    ///
    /// # Errors
    /// [`Rejection::InvalidQuantity`] below 1, [`Rejection::InvalidPrice`] at or below 0.
    pub fn check(&self) -> Result<(), Rejection> {
        if self.quantity < 1 {
            return Err(Rejection::InvalidQuantity {
                product: self.product.clone(),
                quantity: self.quantity,
            });
        }
        if self.price <= Decimal::ZERO {
            return Err(Rejection::InvalidPrice { product: self.product.clone(), price: self.price });
        }
        Ok(())
    }
}
