//! `first-price`: what was said first stays for ever.
//!
//! The bug behind it: the page about an order keeps a table of products of its own, filled by `INSERT … ON CONFLICT DO
//! NOTHING`. A product that comes at another price later has the first one.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::{Item, OrderId};
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "first-price",
    summary: "a product that is ordered again at another price is shown with its first one",
    default_rate: Rate::Always,
    breaks: &["EC-1", "EC-3"],
    may_break: &[
        "BR-1", "BR-3", "BR-6", "CV-1", "CV-2", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(FirstPrice { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct FirstPrice {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for FirstPrice {
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
                found.value = found.value.map(|row| Arc::new(priced(&row)));
            }
            Ok(found)
        })
    }
}

fn priced(row: &OrderSummary) -> OrderSummary {
    let first = |item: &Item| row.items.iter().find(|known| known.product == item.product);
    let priced = |item: &Item| Item { price: first(item).unwrap_or(item).price, ..item.clone() };
    OrderSummary { items: row.items.iter().map(priced).collect(), ..row.clone() }
}
