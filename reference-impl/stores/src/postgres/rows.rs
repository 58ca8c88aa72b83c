//! What all tables of rows in PostgreSQL have in common.

use reference_impl::projection::{CustomerOrders, GenerationId, OrderSummaries, Projection};
use reference_impl::store::{Position, StoreError};

use super::Pools;
use super::generations::PostgresGenerations;
use super::lists::Lists;
use super::summaries::Summaries;
use crate::error::in_time;
use crate::rows::DatabaseReadSide;
use crate::wire::{signed, unsigned};

/// The rows of all read models on a server.
pub(super) fn read_side(
    pools: &Pools,
) -> DatabaseReadSide<PostgresGenerations<Summaries>, PostgresGenerations<Lists>> {
    let summaries = PostgresGenerations {
        pool: pools.durable.clone(),
        rows: Summaries(pools.clone()),
        read_model: OrderSummaries::NAME,
        delete: "DELETE FROM order_summary_rows WHERE ctid = ANY
                 (ARRAY(SELECT ctid FROM order_summary_rows WHERE generation = $1 LIMIT $2))",
    };
    let lists = PostgresGenerations {
        pool: pools.durable.clone(),
        rows: Lists(pools.clone()),
        read_model: CustomerOrders::NAME,
        delete: "DELETE FROM customer_orders_rows WHERE ctid = ANY
                 (ARRAY(SELECT ctid FROM customer_orders_rows WHERE generation = $1 LIMIT $2))",
    };
    DatabaseReadSide::new(summaries, lists)
}

/// How far a generation reflects the log.
pub(super) async fn checkpoint(
    pools: &Pools,
    generation: GenerationId,
) -> Result<Option<Position>, StoreError> {
    let found = sqlx::query_scalar("SELECT checkpoint FROM generations WHERE id = $1 AND NOT swept");
    let found: Option<i64> = in_time(found.bind(signed(generation.0)).fetch_optional(&pools.durable)).await?;
    found.map(|checkpoint| unsigned(checkpoint).map(Position::new)).transpose()
}
