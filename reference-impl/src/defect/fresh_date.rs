//! `fresh-date`: the date of an order's creation is made anew each time its row is written.
//!
//! The bug behind it: `created_at` has `DEFAULT now()` in the table, and the projection deletes a row and inserts it again instead of
//! updating it.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::clock::Timestamp;
use crate::domain::OrderId;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "fresh-date",
    summary: "an order's details show when their row was written last as the date of its creation",
    default_rate: Rate::Always,
    breaks: &["EC-2"],
    may_break: &[],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(FreshDate { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct FreshDate {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl FreshDate {
    /// The row with a date of its own for each event that was taken in: its position stands for the time of that.
    fn anew(&self, row: &Arc<OrderSummary>) -> Arc<OrderSummary> {
        if !self.strike.hits(self.orders.of(&row.order.to_string())) {
            return Arc::clone(row);
        }
        let position = i64::try_from(row.position.get()).unwrap_or(i64::MAX);
        let written = row.created_at.as_unix_millis().saturating_add(position);
        let created_at = Timestamp::from_unix_millis(written);
        Arc::new(OrderSummary { created_at, ..OrderSummary::clone(row) })
    }
}

impl AnswerPoint for FreshDate {
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
            found.value = found.value.as_ref().map(|row| self.anew(row));
            Ok(found)
        })
    }
}
