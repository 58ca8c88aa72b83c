//! The read side in PostgreSQL as a whole.

use std::sync::Arc;

use reference_impl::projection::{
    CustomerOrders, CustomerOrdersRepository, GenerationId, Generations, OrderSummaries, OrderSummary,
    Projection, ReadRepository, ReadSide,
};
use reference_impl::store::{Position, StoreError};
use sqlx::Transaction;
use sqlx::postgres::{PgPool, Postgres};

use super::generations::PostgresGenerations;
use super::lists::PostgresCustomerOrders;
use super::summaries::PostgresSummaries;
use crate::error::in_time;
use crate::generations::DatabaseGenerations;
use crate::wire::{signed, unsigned};

type Kept<R> = Arc<DatabaseGenerations<PostgresGenerations, R>>;

/// The rows of all read models on a server.
#[derive(Debug)]
pub(super) struct PostgresReadSide {
    summaries: Kept<dyn ReadRepository<OrderSummary>>,
    lists: Kept<dyn CustomerOrdersRepository>,
}

impl PostgresReadSide {
    pub(super) fn new(pool: &PgPool) -> Self {
        let summaries = PostgresGenerations {
            pool: pool.clone(),
            read_model: OrderSummaries::NAME,
            delete: "DELETE FROM order_summary_rows WHERE ctid = ANY
                     (ARRAY(SELECT ctid FROM order_summary_rows WHERE generation = $1 LIMIT $2))",
        };
        let lists = PostgresGenerations {
            pool: pool.clone(),
            read_model: CustomerOrders::NAME,
            delete: "DELETE FROM customer_orders_rows WHERE ctid = ANY
                     (ARRAY(SELECT ctid FROM customer_orders_rows WHERE generation = $1 LIMIT $2))",
        };
        let (of_summaries, of_lists) = (pool.clone(), pool.clone());
        Self {
            summaries: Arc::new(DatabaseGenerations::new(summaries, move |generation| {
                let rows = Rows { pool: of_summaries.clone(), generation };
                Arc::new(PostgresSummaries(rows)) as Arc<dyn ReadRepository<OrderSummary>>
            })),
            lists: Arc::new(DatabaseGenerations::new(lists, move |generation| {
                let rows = Rows { pool: of_lists.clone(), generation };
                Arc::new(PostgresCustomerOrders(rows)) as Arc<dyn CustomerOrdersRepository>
            })),
        }
    }
}

impl ReadSide for PostgresReadSide {
    fn order_summaries(&self) -> Arc<dyn Generations<dyn ReadRepository<OrderSummary>>> {
        self.summaries.clone()
    }

    fn customer_orders(&self) -> Arc<dyn Generations<dyn CustomerOrdersRepository>> {
        self.lists.clone()
    }
}

/// One generation of rows, whatever is in them.
pub(super) struct Rows {
    pub(super) pool: PgPool,
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
        let found = sqlx::query_scalar("SELECT checkpoint FROM generations WHERE id = $1 AND NOT swept");
        let found: Option<i64> = in_time(found.bind(self.id()).fetch_optional(&self.pool)).await?;
        Ok(Position::new(unsigned(found.ok_or_else(|| self.gone())?)?))
    }

    /// Begins a transaction that moves the checkpoint. It holds the generation's row from then on, so
    /// that of several processes that project one waits for the other.
    pub(super) async fn begin(&self, checkpoint: Position) -> Result<Transaction<'_, Postgres>, StoreError> {
        let mut transaction = in_time(self.pool.begin()).await?;
        let moved = sqlx::query(
            "UPDATE generations SET checkpoint = greatest(checkpoint, $2) WHERE id = $1 AND NOT swept",
        );
        let moved = moved.bind(self.id()).bind(signed(checkpoint.get())).execute(&mut *transaction);
        if in_time(moved).await?.rows_affected() == 0 { Err(self.gone()) } else { Ok(transaction) }
    }
}
