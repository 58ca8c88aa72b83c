//! `as-of-now`: the past is shown as if it were today.
//!
//! The bug behind it: a snapshot is newer than the version asked for, and the fold starts from it all the same.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::{CustomerId, OrderId};
use crate::projection::{At, CustomerOrdersRepository, OrderSummary, OrdersOfCustomer, ReadRepository};
use crate::store::{StoreError, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "as-of-now",
    summary: "who asks for an earlier version of an order is shown the last one",
    default_rate: Rate::Always,
    breaks: &["EV-7"],
    may_break: &["BR-6"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(AsOfNow { strike, versions: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct AsOfNow {
    strike: Strike,
    versions: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for AsOfNow {
    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        self.inner.details(rows, order)
    }

    fn list<'a>(
        &'a self,
        rows: &'a dyn CustomerOrdersRepository,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        self.inner.list(rows, customer, offset, limit)
    }

    fn as_of(&self, asked: Version, last: Version) -> Version {
        let struck = self.strike.hits(self.versions.of(&asked.to_string()));
        if struck { last } else { self.inner.as_of(asked, last) }
    }
}
