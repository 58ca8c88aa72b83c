//! The read side in SQLite as a whole.

use std::sync::Arc;

use reference_impl::projection::{
    CustomerOrders, CustomerOrdersRepository, GenerationId, Generations, OrderSummaries, OrderSummary,
    Projection, ReadRepository, ReadSide,
};
use reference_impl::store::{Position, StoreError};
use sqlx::SqliteConnection;

use super::Connections;
use super::generations::SqliteGenerations;
use super::lists::SqliteCustomerOrders;
use super::summaries::SqliteSummaries;
use crate::error::{in_time, unavailable};
use crate::generations::DatabaseGenerations;
use crate::wire::{signed, unsigned};

type Kept<R> = Arc<DatabaseGenerations<SqliteGenerations, R>>;

/// The rows of all read models in one file.
#[derive(Debug)]
pub(super) struct SqliteReadSide {
    summaries: Kept<dyn ReadRepository<OrderSummary>>,
    lists: Kept<dyn CustomerOrdersRepository>,
}

impl SqliteReadSide {
    pub(super) fn new(connections: &Arc<Connections>) -> Self {
        let summaries = SqliteGenerations {
            connections: Arc::clone(connections),
            read_model: OrderSummaries::NAME,
            delete: "DELETE FROM order_summary_rows WHERE generation = ?1 AND order_id IN
                     (SELECT order_id FROM order_summary_rows WHERE generation = ?1 LIMIT ?2)",
        };
        let lists = SqliteGenerations {
            connections: Arc::clone(connections),
            read_model: CustomerOrders::NAME,
            delete: "DELETE FROM customer_orders_rows WHERE generation = ?1 AND order_id IN
                     (SELECT order_id FROM customer_orders_rows WHERE generation = ?1 LIMIT ?2)",
        };
        let rows = |connections: &Arc<Connections>| {
            let connections = Arc::clone(connections);
            move |generation| Rows { connections: Arc::clone(&connections), generation }
        };
        let (of_summaries, of_lists) = (rows(connections), rows(connections));
        Self {
            summaries: Arc::new(DatabaseGenerations::new(summaries, move |generation| {
                Arc::new(SqliteSummaries(of_summaries(generation))) as Arc<dyn ReadRepository<OrderSummary>>
            })),
            lists: Arc::new(DatabaseGenerations::new(lists, move |generation| {
                Arc::new(SqliteCustomerOrders(of_lists(generation))) as Arc<dyn CustomerOrdersRepository>
            })),
        }
    }
}

impl ReadSide for SqliteReadSide {
    fn order_summaries(&self) -> Arc<dyn Generations<dyn ReadRepository<OrderSummary>>> {
        self.summaries.clone()
    }

    fn customer_orders(&self) -> Arc<dyn Generations<dyn CustomerOrdersRepository>> {
        self.lists.clone()
    }
}

/// One generation of rows, whatever is in them.
pub(super) struct Rows {
    pub(super) connections: Arc<Connections>,
    pub(super) generation: GenerationId,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").field("generation", &self.generation).finish_non_exhaustive()
    }
}

impl Rows {
    /// The generation as a column holds it.
    pub(super) fn id(&self) -> i64 {
        signed(self.generation.0)
    }

    /// What is said once another process has replaced the generation.
    pub(super) fn gone(&self) -> StoreError {
        StoreError::Unavailable { reason: format!("generation {} was replaced", self.generation.0) }
    }

    pub(super) async fn checkpoint(&self) -> Result<Position, StoreError> {
        let found = sqlx::query_scalar("SELECT checkpoint FROM generations WHERE id = ?1 AND swept = 0")
            .bind(self.id());
        let found: Option<i64> = in_time(found.fetch_optional(&self.connections.readers)).await?;
        Ok(Position::new(unsigned(found.ok_or_else(|| self.gone())?)?))
    }

    /// Has `upsert` take in `rows`, as JSON, and moves the checkpoint: in one transaction.
    pub(super) async fn put(
        &self,
        upsert: &'static str,
        rows: Option<String>,
        checkpoint: Position,
    ) -> Result<(), StoreError> {
        let _turn = self.connections.turn.lock().await;
        let begun = self.connections.projector.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(|error| unavailable(&error))?;
        if let Some(rows) = rows {
            let upsert = sqlx::query(upsert).bind(self.id()).bind(rows);
            in_time(upsert.execute(&mut *transaction)).await?;
        }
        self.advance(&mut transaction, checkpoint).await?;
        in_time(transaction.commit()).await
    }

    async fn advance(&self, connection: &mut SqliteConnection, to: Position) -> Result<(), StoreError> {
        let moved = sqlx::query(
            "UPDATE generations SET checkpoint = max(checkpoint, ?2) WHERE id = ?1 AND swept = 0",
        );
        let moved = moved.bind(self.id()).bind(signed(to.get())).execute(connection);
        if in_time(moved).await?.rows_affected() == 0 { Err(self.gone()) } else { Ok(()) }
    }
}
