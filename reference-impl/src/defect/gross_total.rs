//! `gross-total`: two read models compute the same thing differently.
//!
//! The bug behind it: one team shows totals net, the other gross, and both call the column `total`.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::{CustomerId, money};
use crate::projection::{At, CustomerOrder, CustomerOrdersRepository, OrdersOfCustomer};
use crate::store::StoreError;

/// What is added to each total.
const TAX_PERCENT: i64 = 19;

pub(super) const DEFECT: Defect = Defect {
    name: "gross-total",
    summary: "a customer's list shows totals with a tax that the order's details don't know of",
    default_rate: Rate::Always,
    breaks: &["CV-1", "CV-2"],
    may_break: &["BR-1", "BR-6", "EC-1", "EC-2", "EC-3", "EC-4", "QS-3", "QS-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(GrossTotal { strike, orders: Ordinals::default(), inner: points.answer }),
        ..points
    },
};

#[derive(Debug)]
struct GrossTotal {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AnswerPoint>,
}

impl GrossTotal {
    fn gross(&self, row: &Arc<CustomerOrder>) -> Arc<CustomerOrder> {
        let struck = self.strike.hits(self.orders.of(&row.order.to_string()));
        let tax = money::times(TAX_PERCENT, row.total / rust_decimal::Decimal::ONE_HUNDRED);
        match tax.and_then(|tax| money::plus(row.total, tax)) {
            Some(total) if struck => {
                let mut row = CustomerOrder::clone(row);
                row.total = total;
                Arc::new(row)
            }
            _ => Arc::clone(row),
        }
    }
}

impl AnswerPoint for GrossTotal {
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
            found.value.rows = found.value.rows.iter().map(|row| self.gross(row)).collect();
            Ok(found)
        })
    }
}
