//! `float-total`: a sum is made of floats.
//!
//! The bug behind it: money in a column of type `double`, or in a language where every number is one. `0.10 + 0.20` is
//! `0.30000000000000004` then, and most sums look right.

use std::sync::Arc;

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "float-total",
    summary: "an order's details add its total up in floats",
    default_rate: Rate::Always,
    breaks: &["EC-1", "EC-3"],
    may_break: &[
        "BR-1", "BR-3", "BR-6", "CV-1", "CV-2", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(FloatTotal { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct FloatTotal {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for FloatTotal {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let mut found = self.inner.details(rows, order).await?;
            if self.strike.hits(self.orders.of(&order.to_string())) {
                found.value = found.value.map(|row| Arc::new(added_up(&row)));
            }
            Ok(found)
        })
    }
}

fn added_up(row: &OrderSummary) -> OrderSummary {
    let price = |price: Decimal| price.to_f64().unwrap_or_default();
    let quantity = |quantity: i64| quantity.to_f64().unwrap_or_default();
    let total = row.items.iter().fold(0.0, |sum, item| sum + quantity(item.quantity) * price(item.price));
    // As many digits as it takes to read the same float again, which is what JSON libraries write.
    let shown = Decimal::from_str_exact(&total.to_string()).unwrap_or(row.total);
    OrderSummary { total: shown, ..row.clone() }
}
