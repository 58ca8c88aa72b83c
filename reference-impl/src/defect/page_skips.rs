//! `page-skips`: each page after the first skips a row.
//!
//! The bug behind it: the next page begins behind its cursor, and the cursor is the first row that was not shown instead
//! of the last one that was.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::projection::{At, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "page-skips",
    summary: "each page of a customer's orders after the first skips a row",
    default_rate: Rate::Always,
    breaks: &["QS-3"],
    may_break: &["CV-1", "EC-1", "EC-2", "EC-4", "QS-4", "QS-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(PageSkips { strike, customers: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct PageSkips {
    strike: Strike,
    customers: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for PageSkips {
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
        let struck = self.strike.hits(self.customers.of(&customer.to_string()));
        self.inner.list(rows, customer, if struck { offset + usize::from(offset > 0) } else { offset }, limit)
    }
}
