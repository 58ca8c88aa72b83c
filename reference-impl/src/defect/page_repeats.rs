//! `page-repeats`: each page after the first begins with what the last one ended with.
//!
//! The bug behind it: `WHERE position <= :last` where `<` was meant.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::projection::{At, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "page-repeats",
    summary: "each page of a customer's orders after the first repeats a row",
    default_rate: Rate::Always,
    breaks: &["QS-3"],
    may_break: &["CV-1", "EC-1", "EC-2", "EC-4", "QS-4", "QS-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(PageRepeats { strike, customers: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct PageRepeats {
    strike: Strike,
    customers: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for PageRepeats {
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
        self.inner.list(rows, customer, if struck { offset.saturating_sub(1) } else { offset }, limit)
    }
}
