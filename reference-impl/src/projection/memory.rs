//! Read repositories in memory.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use super::{
    At, CustomerOrder, CustomerOrderGenerations, CustomerOrders, CustomerOrdersRepository,
    InMemoryGenerations, OrderSummaries, OrderSummary, OrderSummaryGenerations, OrdersOfCustomer, Projection,
    ReadRepository, ReadSide,
};
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

    fn find_all<'a>(
        &'a self,
        orders: &'a [OrderId],
    ) -> BoxFuture<'a, Result<Vec<Arc<OrderSummary>>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            Ok(orders.iter().filter_map(|order| kept.rows.get(order).cloned()).collect())
        })
    }

    fn put(
        &self,
        rows: Vec<Arc<OrderSummary>>,
        checkpoint: Position,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(checkpoint);
            kept.rows.extend(rows.into_iter().map(|row| (row.order, row)));
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

impl Orders {
    fn keep(&mut self, mut rows: Vec<Arc<CustomerOrder>>) {
        rows.sort_unstable_by_key(|row| row.opened);
        for row in rows {
            if self.rows.insert(row.order, Arc::clone(&row)).is_none() {
                self.by_customer.entry(row.customer.clone()).or_default().push(row.order);
            }
        }
    }
}

impl ReadRepository<CustomerOrder> for InMemoryCustomerOrders {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<CustomerOrder>>>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            Ok(At { value: kept.rows.get(&order).cloned(), position: kept.checkpoint })
        })
    }

    fn find_all<'a>(
        &'a self,
        orders: &'a [OrderId],
    ) -> BoxFuture<'a, Result<Vec<Arc<CustomerOrder>>, StoreError>> {
        Box::pin(async move {
            let kept = read(&self.0);
            Ok(orders.iter().filter_map(|order| kept.rows.get(order).cloned()).collect())
        })
    }

    fn put(
        &self,
        rows: Vec<Arc<CustomerOrder>>,
        checkpoint: Position,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let mut kept = write(&self.0);
            kept.checkpoint = kept.checkpoint.max(checkpoint);
            kept.keep(rows);
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

/// All read models in memory.
#[derive(Debug)]
pub struct InMemoryReadSide {
    order_summaries: Arc<InMemoryGenerations<dyn ReadRepository<OrderSummary>>>,
    customer_orders: Arc<InMemoryGenerations<dyn CustomerOrdersRepository>>,
}

impl InMemoryReadSide {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            order_summaries: Arc::new(InMemoryGenerations::new(OrderSummaries::empty)),
            customer_orders: Arc::new(InMemoryGenerations::new(CustomerOrders::empty)),
        }
    }
}

impl Default for InMemoryReadSide {
    fn default() -> Self {
        Self::new()
    }
}

impl ReadSide for InMemoryReadSide {
    fn order_summaries(&self) -> Arc<OrderSummaryGenerations> {
        self.order_summaries.clone()
    }

    fn customer_orders(&self) -> Arc<CustomerOrderGenerations> {
        self.customer_orders.clone()
    }
}
