//! `unstable-paging`: pages skip some rows and bring others twice.
//!
//! The bug behind it: `LIMIT … OFFSET …` over an `ORDER BY` that leaves ties open, or over none. The database may
//! answer each page in another order, and does as soon as it picks another plan.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::projection::{At, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "unstable-paging",
    summary: "the order of a customer's orders is another one at one reading in N",
    default_rate: Rate::one_in(2),
    breaks: &["QS-3"],
    may_break: &["CV-1", "EC-1", "EC-2", "QS-1", "QS-4", "QS-5", "RB-1"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(UnstablePaging { strike, readings: Occasions::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct UnstablePaging {
    strike: Strike,
    readings: Occasions,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for UnstablePaging {
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
        if !self.strike.hits(self.readings.next()) {
            return self.inner.list(rows, customer, offset, limit);
        }
        Box::pin(async move {
            let mut all = self.inner.list(rows, customer, 0, usize::MAX).await?;
            all.value.rows.reverse();
            all.value.rows = all.value.rows.into_iter().skip(offset).take(limit).collect();
            Ok(all)
        })
    }
}
