//! The rows of read models over any database.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{
    At, CustomerOrder, CustomerOrdersRepository, GenerationId, Generations, OrderSummary, OrdersOfCustomer,
    ReadRepository, ReadSide,
};
use reference_impl::store::{Position, StoreError};

use crate::generations::{DatabaseGenerations, GenerationTable};

/// The rows of one read model in one database, of all generations. A generation that is not there, or is
/// being cleared away, has no answer: `None`, or `false`.
pub(crate) trait RowTable: Clone + Send + Sync + 'static {
    /// What a row looks like.
    type Row: Send + Sync + 'static;

    /// See [`ReadRepository::find`].
    fn find(&self, generation: GenerationId, order: OrderId) -> impl Answer<Option<Arc<Self::Row>>>;

    /// See [`ReadRepository::find_all`]. A generation that is not there has no rows.
    fn find_all(
        &self,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Arc<Self::Row>>, StoreError>> + Send;

    /// See [`ReadRepository::put`].
    fn put(
        &self,
        generation: GenerationId,
        rows: &[Arc<Self::Row>],
        checkpoint: Position,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// See [`ReadRepository::checkpoint`].
    fn checkpoint(
        &self,
        generation: GenerationId,
    ) -> impl Future<Output = Result<Option<Position>, StoreError>> + Send;
}

/// Rows of `customer_orders`.
pub(crate) trait ListTable: RowTable<Row = CustomerOrder> {
    /// See [`CustomerOrdersRepository::list`].
    fn list(
        &self,
        generation: GenerationId,
        customer: &CustomerId,
        offset: usize,
        limit: usize,
    ) -> impl Answer<OrdersOfCustomer>;
}

/// What was read, and the checkpoint it reflects; nothing of a generation that is not there.
pub(crate) trait Answer<T>: Future<Output = Result<Option<At<T>>, StoreError>> + Send {}

impl<T, F: Future<Output = Result<Option<At<T>>, StoreError>> + Send> Answer<T> for F {}

/// One generation of rows.
struct Rows<T> {
    table: T,
    generation: GenerationId,
}

impl<T> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl<T> Rows<T> {
    /// What is said once another process has replaced the generation.
    fn gone(&self) -> StoreError {
        StoreError::Unavailable { reason: format!("generation {} was replaced", self.generation.0) }
    }
}

impl<T: RowTable> ReadRepository<T::Row> for Rows<T> {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<T::Row>>>, StoreError>> {
        Box::pin(async move { self.table.find(self.generation, order).await?.ok_or_else(|| self.gone()) })
    }

    fn find_all<'a>(&'a self, orders: &'a [OrderId]) -> BoxFuture<'a, Result<Vec<Arc<T::Row>>, StoreError>> {
        Box::pin(self.table.find_all(self.generation, orders))
    }

    fn put(&self, rows: Vec<Arc<T::Row>>, checkpoint: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let there = self.table.put(self.generation, &rows, checkpoint).await?;
            if there { Ok(()) } else { Err(self.gone()) }
        })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(async move { self.table.checkpoint(self.generation).await?.ok_or_else(|| self.gone()) })
    }
}

impl<T: ListTable> CustomerOrdersRepository for Rows<T> {
    fn list<'a>(
        &'a self,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        Box::pin(async move {
            let listed = self.table.list(self.generation, customer, offset, limit).await?;
            listed.ok_or_else(|| self.gone())
        })
    }
}

/// The read models of one database.
pub(crate) struct DatabaseReadSide<G> {
    summaries: Arc<DatabaseGenerations<G, dyn ReadRepository<OrderSummary>>>,
    lists: Arc<DatabaseGenerations<G, dyn CustomerOrdersRepository>>,
}

impl<G> fmt::Debug for DatabaseReadSide<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseReadSide").finish_non_exhaustive()
    }
}

impl<G: GenerationTable> DatabaseReadSide<G> {
    /// `order_summary` and `customer_orders`, each with the table of its generations and that of its rows.
    pub(crate) fn new(
        (generations_of_summaries, summaries): (G, impl RowTable<Row = OrderSummary>),
        (generations_of_lists, lists): (G, impl ListTable),
    ) -> Self {
        Self {
            summaries: Arc::new(DatabaseGenerations::new(generations_of_summaries, move |generation| {
                Arc::new(Rows { table: summaries.clone(), generation })
                    as Arc<dyn ReadRepository<OrderSummary>>
            })),
            lists: Arc::new(DatabaseGenerations::new(generations_of_lists, move |generation| {
                Arc::new(Rows { table: lists.clone(), generation }) as Arc<dyn CustomerOrdersRepository>
            })),
        }
    }
}

impl<G: GenerationTable> ReadSide for DatabaseReadSide<G> {
    fn order_summaries(&self) -> Arc<dyn Generations<dyn ReadRepository<OrderSummary>>> {
        self.summaries.clone()
    }

    fn customer_orders(&self) -> Arc<dyn Generations<dyn CustomerOrdersRepository>> {
        self.lists.clone()
    }
}
