//! `cut-cents`: an amount is shown without its cents.
//!
//! The bug behind it: the list was made when all prices were whole, and its column is an integer still. Conversions cut
//! off what doesn't fit, and say nothing.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::CustomerId;
use crate::projection::{At, CustomerOrder, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "cut-cents",
    summary: "a customer's list shows totals without their cents",
    default_rate: Rate::Always,
    breaks: &["CV-1", "CV-2", "QS-5"],
    may_break: &["BR-1", "BR-6", "EC-1", "EC-2", "EC-3", "EC-4", "QS-3", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(CutCents { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct CutCents {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl CutCents {
    fn cut(&self, row: &Arc<CustomerOrder>) -> Arc<CustomerOrder> {
        if !self.strike.hits(self.orders.of(&row.order.to_string())) {
            return Arc::clone(row);
        }
        Arc::new(CustomerOrder { total: row.total.trunc(), ..CustomerOrder::clone(row) })
    }
}

impl AnswerPoint for CutCents {
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
            let mut found = self.inner.list(rows, customer, offset, limit).await?;
            found.value.rows = found.value.rows.iter().map(|row| self.cut(row)).collect();
            Ok(found)
        })
    }
}
