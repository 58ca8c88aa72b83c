//! `hide-cancelled`: a list is filtered by more than it says.
//!
//! The bug behind it: `WHERE deleted = false` comes with the base class of every query, and "cancelled" was stored as
//! "deleted" by somebody who needed one flag less.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::{CustomerId, OrderStatus};
use crate::projection::{At, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "hide-cancelled",
    summary: "a customer's list leaves out the cancelled orders",
    default_rate: Rate::Always,
    breaks: &["QS-5"],
    may_break: &["BR-6", "CV-1", "CV-2", "EC-1", "EC-2", "EC-4", "QS-3", "QS-4", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(HideCancelled { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct HideCancelled {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for HideCancelled {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn list<'a>(
        &'a self,
        rows: &'a dyn CustomerOrdersRepository,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        Box::pin(async move {
            let mut all = self.inner.list(rows, customer, 0, usize::MAX).await?;
            all.value.rows.retain(|row| {
                row.status != OrderStatus::Cancelled
                    || !self.strike.hits(self.orders.of(&row.order.to_string()))
            });
            all.value.total_count = all.value.rows.len();
            all.value.rows = all.value.rows.into_iter().skip(offset).take(limit).collect();
            Ok(all)
        })
    }
}
