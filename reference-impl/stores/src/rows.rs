//! The rows of read models over any database.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{
    At, CustomerOrder, CustomerOrderGenerations, CustomerOrdersRepository, GenerationId, OrderSummary,
    OrderSummaryGenerations, OrdersOfCustomer, ReadRepository, ReadSide,
};
use reference_impl::store::{Position, StoreError};

use crate::engine::{Engine, InTransaction as _};
use crate::generations::{DatabaseGenerations, GenerationTable};

/// The connections of a table's database.
macro_rules! connection {
    ($table:ty) => {
        <<$table as $crate::rows::RowTable>::Engine as $crate::engine::Engine>::Connection
    };
}
pub(crate) use connection;

/// The rows of one read model in one database, of all generations. A generation that is not there, or is
/// being cleared away, has no answer: `None`, or `false`.
pub(crate) trait RowTable: Clone + Send + Sync + 'static {
    /// What a row looks like.
    type Row: Send + Sync + 'static;
    /// The database.
    type Engine: Engine;

    /// The database.
    fn engine(&self) -> &Self::Engine;

    /// See [`ReadRepository::find`].
    fn find(&self, generation: GenerationId, order: OrderId) -> impl Answer<Option<Arc<Self::Row>>>;

    /// See [`ReadRepository::find_all`]. A generation that is not there has no rows.
    fn find_all_in(
        &self,
        on: &mut <Self::Engine as Engine>::Connection,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> impl Future<Output = Result<Vec<Arc<Self::Row>>, StoreError>> + Send;

    /// See [`ReadRepository::put`]. All or nothing is up to the transaction that `on` is in, if it takes more than
    /// one statement.
    fn put_in(
        &self,
        on: &mut <Self::Engine as Engine>::Connection,
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
    /// What is said once the generation was replaced.
    fn gone(&self) -> StoreError {
        StoreError::Replaced { reason: format!("generation {}", self.generation.0) }
    }
}

impl<T: RowTable> ReadRepository<T::Row> for Rows<T> {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<T::Row>>>, StoreError>> {
        Box::pin(async move { self.table.find(self.generation, order).await?.ok_or_else(|| self.gone()) })
    }

    fn find_all<'a>(&'a self, orders: &'a [OrderId]) -> BoxFuture<'a, Result<Vec<Arc<T::Row>>, StoreError>> {
        Box::pin(async move {
            let mut reader = self.table.engine().reader().await?;
            self.table.find_all_in(&mut reader, self.generation, orders).await
        })
    }

    fn put(&self, rows: Vec<Arc<T::Row>>, checkpoint: Position) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let engine = self.table.engine();
            if engine.point().checkpoint_first() {
                let mut put = engine.put().await?;
                self.table.put_in(&mut put, self.generation, &[], checkpoint).await?;
                put.commit().await?;
                engine.point().between().await;
            }
            let mut put = engine.put().await?;
            if self.table.put_in(&mut put, self.generation, &rows, checkpoint).await? {
                return put.commit().await;
            }
            put.rollback().await?;
            Err(self.gone())
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
pub(crate) struct DatabaseReadSide<S: GenerationTable, L: GenerationTable> {
    summaries: Arc<DatabaseGenerations<S, dyn ReadRepository<OrderSummary>>>,
    lists: Arc<DatabaseGenerations<L, dyn CustomerOrdersRepository>>,
}

impl<S: GenerationTable, L: GenerationTable> fmt::Debug for DatabaseReadSide<S, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseReadSide").finish_non_exhaustive()
    }
}

impl<S, L> DatabaseReadSide<S, L>
where
    S: GenerationTable<Rows: RowTable<Row = OrderSummary>>,
    L: GenerationTable<Rows: ListTable>,
{
    /// `order_summary` and `customer_orders`, each with the table of its generations.
    pub(crate) fn new(summaries: S, lists: L) -> Self {
        let (summary_rows, list_rows) = (summaries.rows().clone(), lists.rows().clone());
        Self {
            summaries: Arc::new(DatabaseGenerations::new(summaries, move |generation| {
                Arc::new(Rows { table: summary_rows.clone(), generation })
                    as Arc<dyn ReadRepository<OrderSummary>>
            })),
            lists: Arc::new(DatabaseGenerations::new(lists, move |generation| {
                Arc::new(Rows { table: list_rows.clone(), generation }) as Arc<dyn CustomerOrdersRepository>
            })),
        }
    }
}

impl<S, L> ReadSide for DatabaseReadSide<S, L>
where
    S: GenerationTable<Rows: RowTable<Row = OrderSummary>>,
    L: GenerationTable<Rows: ListTable>,
{
    fn order_summaries(&self) -> Arc<OrderSummaryGenerations> {
        self.summaries.clone()
    }

    fn customer_orders(&self) -> Arc<CustomerOrderGenerations> {
        self.lists.clone()
    }
}
