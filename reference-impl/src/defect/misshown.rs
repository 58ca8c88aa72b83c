//! What defects of what is shown of an order have in common.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AnswerPoint, Points, Strike};
use crate::BoxFuture;
use crate::domain::{CustomerId, OrderId};
use crate::projection::{
    At, CustomerOrder, CustomerOrdersRepository, OrderSummary, OrdersOfCustomer, ReadRepository,
};
use crate::store::StoreError;

/// An order's details are shown otherwise than they are.
pub(super) fn details(points: Points, strike: Strike, shown: fn(&OrderSummary) -> OrderSummary) -> Points {
    let (orders, inner) = (Ordinals::default(), points.answer);
    Points { answer: Arc::new(Details { strike, orders, shown, inner }), ..points }
}

/// The rows of a customer's list are shown otherwise than they are.
pub(super) fn listed(points: Points, strike: Strike, shown: fn(&CustomerOrder) -> CustomerOrder) -> Points {
    let (orders, inner) = (Ordinals::default(), points.answer);
    Points { answer: Arc::new(Listed { strike, orders, shown, inner }), ..points }
}

#[derive(Debug)]
struct Details {
    strike: Strike,
    orders: Ordinals,
    shown: fn(&OrderSummary) -> OrderSummary,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for Details {
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
            if self.strike.hits(self.orders.of(&order.to_string())) {
                found.value = found.value.map(|row| Arc::new((self.shown)(&row)));
            }
            Ok(found)
        })
    }
}

#[derive(Debug)]
struct Listed {
    strike: Strike,
    orders: Ordinals,
    shown: fn(&CustomerOrder) -> CustomerOrder,
    inner: Arc<dyn AnswerPoint>,
}

impl Listed {
    fn shown(&self, row: &Arc<CustomerOrder>) -> Arc<CustomerOrder> {
        if !self.strike.hits(self.orders.of(&row.order.to_string())) {
            return Arc::clone(row);
        }
        Arc::new((self.shown)(row))
    }
}

impl AnswerPoint for Listed {
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
            found.value.rows = found.value.rows.iter().map(|row| self.shown(row)).collect();
            Ok(found)
        })
    }
}
