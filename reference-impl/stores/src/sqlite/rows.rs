//! What all tables of rows in SQLite have in common.

use std::sync::Arc;

use reference_impl::projection::{CustomerOrders, GenerationId, OrderSummaries, Projection};
use reference_impl::store::{Position, StoreError};
use sqlx::SqliteConnection;

use super::Connections;
use super::generations::SqliteGenerations;
use super::lists::Lists;
use super::summaries::Summaries;
use crate::error::in_time;
use crate::rows::DatabaseReadSide;
use crate::wire::{signed, unsigned};

/// The rows of all read models in one file.
pub(super) fn read_side(
    connections: &Arc<Connections>,
) -> DatabaseReadSide<SqliteGenerations<Summaries>, SqliteGenerations<Lists>> {
    let summaries = SqliteGenerations {
        connections: Arc::clone(connections),
        rows: Summaries(Arc::clone(connections)),
        read_model: OrderSummaries::NAME,
        delete: "DELETE FROM order_summary_rows WHERE generation = ?1 AND order_id IN
                 (SELECT order_id FROM order_summary_rows WHERE generation = ?1 LIMIT ?2)",
    };
    let lists = SqliteGenerations {
        connections: Arc::clone(connections),
        rows: Lists(Arc::clone(connections)),
        read_model: CustomerOrders::NAME,
        delete: "DELETE FROM customer_orders_rows WHERE generation = ?1 AND order_id IN
                 (SELECT order_id FROM customer_orders_rows WHERE generation = ?1 LIMIT ?2)",
    };
    DatabaseReadSide::new(summaries, lists)
}

/// How far a generation reflects the log.
pub(super) async fn checkpoint(
    connections: &Connections,
    generation: GenerationId,
) -> Result<Option<Position>, StoreError> {
    let found = sqlx::query_scalar("SELECT checkpoint FROM generations WHERE id = ?1 AND swept = 0");
    let found: Option<i64> =
        in_time(found.bind(signed(generation.0)).fetch_optional(&connections.readers)).await?;
    found.map(|checkpoint| unsigned(checkpoint).map(Position::new)).transpose()
}

/// Moves the checkpoint and has `upsert` take in `rows`, as JSON.
pub(super) async fn put(
    on: &mut SqliteConnection,
    generation: GenerationId,
    upsert: &'static str,
    rows: Option<String>,
    checkpoint: Position,
) -> Result<bool, StoreError> {
    let moved =
        sqlx::query("UPDATE generations SET checkpoint = max(checkpoint, ?2) WHERE id = ?1 AND swept = 0");
    let moved = moved.bind(signed(generation.0)).bind(signed(checkpoint.get())).execute(&mut *on);
    if in_time(moved).await?.rows_affected() == 0 {
        return Ok(false);
    }
    if let Some(rows) = rows {
        let upsert = sqlx::query(upsert).bind(signed(generation.0)).bind(rows);
        in_time(upsert.execute(on)).await?;
    }
    Ok(true)
}
