//! Read repositories in memory.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use super::{At, CustomerOrder, CustomerOrdersRepository, OrderSummary, OrdersOfCustomer, ReadRepository};
use crate::BoxFuture;
use crate::domain::{CustomerId, OrderId};
use crate::lock::{read, write};
use crate::store::{Position, StoreError};

/// The rows of `order_summary`.
#[derive(Debug, Default)]
pub struct InMemoryOrderSummaries(RwLock<Summaries>);

#[derive(Debug, Default)]
struct Summaries {
    rows: HashMap<OrderId, Arc<OrderSummary>>,
    checkpoint: Position,
}

impl ReadRepository<OrderSummary> for InMemoryOrderSummaries {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            Ok(At { value: kept.rows.get(&order).cloned(), position: kept.checkpoint })
        })
    }

    fn put(&self, row: OrderSummary, checkpoint: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let row = Arc::new(row);
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(checkpoint);
            kept.rows.insert(row.order, row);
            Ok(())
        })
    }

    fn advance(&self, to: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(to);
            Ok(())
        })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(async move { Ok(read(&self.0).checkpoint) })
    }
}

/// The rows of `customer_orders`, and who they belong to.
#[derive(Debug, Default)]
pub struct InMemoryCustomerOrders(RwLock<Orders>);

#[derive(Debug, Default)]
struct Orders {
    rows: HashMap<OrderId, Arc<CustomerOrder>>,
    /// Oldest first: rows come in the order of the log.
    by_customer: HashMap<CustomerId, Vec<OrderId>>,
    checkpoint: Position,
}

impl ReadRepository<CustomerOrder> for InMemoryCustomerOrders {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<CustomerOrder>>>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            Ok(At { value: kept.rows.get(&order).cloned(), position: kept.checkpoint })
        })
    }

    fn put(&self, row: CustomerOrder, checkpoint: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let row = Arc::new(row);
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(checkpoint);
            if kept.rows.insert(row.order, Arc::clone(&row)).is_none() {
                kept.by_customer.entry(row.customer.clone()).or_default().push(row.order);
            }
            Ok(())
        })
    }

    fn advance(&self, to: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(to);
            Ok(())
        })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(async move { Ok(read(&self.0).checkpoint) })
    }
}

impl CustomerOrdersRepository for InMemoryCustomerOrders {
    fn list<'a>(
        &'a self,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            let orders = kept.by_customer.get(customer).map_or(&[][..], Vec::as_slice);
            let page = orders.iter().rev().skip(offset).take(limit);
            let value = OrdersOfCustomer {
                rows: page.filter_map(|order| kept.rows.get(order).cloned()).collect(),
                total_count: orders.len(),
            };
            Ok(At { value, position: kept.checkpoint })
        })
    }
}
