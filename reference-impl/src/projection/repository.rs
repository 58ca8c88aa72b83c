//! Ports to where read models keep their rows.

use std::fmt::Debug;
use std::sync::Arc;

use super::{CustomerOrder, CustomerOrderGenerations, OrderSummaryGenerations};
use crate::BoxFuture;
use crate::domain::{CustomerId, OrderId};
use crate::store::{Position, StoreError};

/// What was read, and the checkpoint it reflects: both from the same instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// What was read.
    pub value: T,
    /// The global position up to which the log is reflected.
    pub position: Position,
}

/// The rows of one read model, by order, and its checkpoint.
pub trait ReadRepository<Row>: Send + Sync + Debug {
    /// The row of an order.
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<Row>>>, StoreError>>;

    /// The rows of those orders that have one, in any order.
    fn find_all<'a>(&'a self, orders: &'a [OrderId]) -> BoxFuture<'a, Result<Vec<Arc<Row>>, StoreError>>;

    /// Keeps rows, each in place of its order's former one, and moves the checkpoint to `checkpoint` if
    /// that is further. All or nothing: a reader never sees one without the others.
    fn put(&self, rows: Vec<Arc<Row>>, checkpoint: Position) -> BoxFuture<'_, Result<(), StoreError>>;

    /// How far the log is reflected.
    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>>;
}

/// Some of a customer's orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersOfCustomer {
    /// The rows asked for, newest first.
    pub rows: Vec<Arc<CustomerOrder>>,
    /// How many the customer has in all.
    pub total_count: usize,
}

/// The rows of `customer_orders`, which can also be had by customer.
pub trait CustomerOrdersRepository: ReadRepository<CustomerOrder> {
    /// The customer's orders, newest first: at most `limit` of them after the first `offset`.
    fn list<'a>(
        &'a self,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>>;
}

/// Where all read models of one system keep their rows.
pub trait ReadSide: Send + Sync + Debug {
    /// The generations of `order_summary`.
    fn order_summaries(&self) -> Arc<OrderSummaryGenerations>;

    /// The generations of `customer_orders`.
    fn customer_orders(&self) -> Arc<CustomerOrderGenerations>;
}
