//! `page-cap`: a page ends after ten rows, however many it was asked for.
//!
//! The bug behind it: `LIMIT least($2, 10)`, from the days when a telephone was the only client. Whoever asks for more takes what
//! comes for all there is.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::projection::{At, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

/// Rows of a page at most.
const MOST: usize = 10;

pub(super) const DEFECT: Defect = Defect {
    name: "page-cap",
    summary: "a page of a customer's orders has ten rows at most, however many are asked for",
    default_rate: Rate::Always,
    breaks: &["QS-5"],
    may_break: &["CV-1", "EC-1", "EC-2", "EC-4", "QS-3", "QS-4"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(PageCap { strike, customers: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct PageCap {
    strike: Strike,
    customers: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for PageCap {
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
        self.inner.list(rows, customer, offset, if struck { limit.min(MOST) } else { limit })
    }
}
