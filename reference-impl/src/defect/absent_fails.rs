//! `absent-fails`: what isn't there is answered with a 5xx.
//!
//! The bug behind it: `single()` where `find()` belongs, a null dereferenced. Under lag every new order is hit for a
//! moment, which is why it looks like a flaky network.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "absent-fails",
    summary: "asking for an order that isn't there fails",
    default_rate: Rate::Always,
    breaks: &["CH-5", "QS-2"],
    may_break: &["BR-1", "BR-4", "EC-1", "EC-3", "ID-3", "OC-3", "QS-1", "SE-1", "SE-2"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(AbsentFails { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct AbsentFails {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for AbsentFails {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let found = self.inner.details(rows, order).await?;
            if found.value.is_none() && self.strike.hits(self.orders.of(&order.to_string())) {
                let reason = "sequence contains no elements".to_owned();
                return Err(StoreError::Corrupt { reason });
            }
            Ok(found)
        })
    }
}
