//! The rows of `order_summary` in SQLite.

use std::sync::Arc;

use reference_impl::domain::OrderId;
use reference_impl::projection::{At, GenerationId, OrderSummary};
use reference_impl::store::{Position, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::Connections;
use crate::error::{corrupt, in_time, unavailable};
use crate::rows::RowTable;
use crate::wire::{SummaryColumns, json, signed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count,
           r.status, r.created_at, r.items, r.version, r.position, r.deliver_at
    FROM generations g LEFT JOIN order_summary_rows r ON r.generation = g.id AND r.order_id = ?2
    WHERE g.id = ?1 AND g.swept = 0";

/// `CROSS JOIN` keeps the order of the tables: the other way round, each row there is would be looked for among
/// those that were asked for.
const FIND_ALL: &str = "
    SELECT 0, r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count,
           r.status, r.created_at, r.items, r.version, r.position, r.deliver_at
    FROM json_each(?2) AS asked CROSS JOIN order_summary_rows r ON r.generation = ?1 AND r.order_id = asked.value";

/// A row that has taken in more already stays.
const UPSERT: &str = "
    INSERT INTO order_summary_rows (generation, order_id, customer_id, customer_name, customer_email, total,
                                    item_count, status, created_at, items, version, position, deliver_at)
    SELECT ?1, value ->> 'order_id', value ->> 'customer_id', value ->> 'customer_name',
           value ->> 'customer_email', value ->> 'total', value ->> 'item_count', value ->> 'status',
           value ->> 'created_at', value ->> 'items', value ->> 'version', value ->> 'position',
           value ->> 'deliver_at'
    FROM json_each(?2) WHERE true
    ON CONFLICT (generation, order_id) DO UPDATE SET
        customer_id = excluded.customer_id, customer_name = excluded.customer_name,
        customer_email = excluded.customer_email, total = excluded.total, item_count = excluded.item_count,
        status = excluded.status, created_at = excluded.created_at, items = excluded.items,
        version = excluded.version, position = excluded.position, deliver_at = excluded.deliver_at
    WHERE excluded.position > order_summary_rows.position";

/// The rows of `order_summary`.
#[derive(Clone)]
pub(super) struct Summaries(pub(super) Arc<Connections>);

impl RowTable for Summaries {
    type Row = OrderSummary;
    type Engine = Arc<Connections>;

    fn engine(&self) -> &Arc<Connections> {
        &self.0
    }

    async fn find(
        &self,
        generation: GenerationId,
        order: OrderId,
    ) -> Result<Option<At<Option<Arc<OrderSummary>>>>, StoreError> {
        let found = sqlx::query(FIND).bind(signed(generation.0)).bind(order.to_string());
        let Some(found) = in_time(found.fetch_optional(&self.0.readers)).await? else { return Ok(None) };
        let checkpoint = found.try_get(0).map_err(|error| unavailable(&error))?;
        Ok(Some(At { value: summary(&found)?, position: Position::new(unsigned(checkpoint)?) }))
    }

    async fn find_all_in(
        &self,
        on: &mut SqliteConnection,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> Result<Vec<Arc<OrderSummary>>, StoreError> {
        let found = sqlx::query(FIND_ALL).bind(signed(generation.0)).bind(json(&orders)?);
        let found = in_time(found.fetch_all(on)).await?;
        found.iter().filter_map(|row| summary(row).transpose()).collect()
    }

    async fn put_in(
        &self,
        on: &mut SqliteConnection,
        generation: GenerationId,
        rows: &[Arc<OrderSummary>],
        checkpoint: Position,
    ) -> Result<bool, StoreError> {
        let columns: Vec<_> = rows.iter().map(|row| SummaryColumns::of(row)).collect::<Result<_, _>>()?;
        let rows = if columns.is_empty() { None } else { Some(json(&columns)?) };
        super::rows::put(on, generation, UPSERT, rows, checkpoint).await
    }

    async fn checkpoint(&self, generation: GenerationId) -> Result<Option<Position>, StoreError> {
        super::rows::checkpoint(&self.0, generation).await
    }
}

/// The row after the first column, if there is one.
fn summary(row: &SqliteRow) -> Result<Option<Arc<OrderSummary>>, StoreError> {
    let text = |index: usize| row.try_get::<Option<String>, _>(index).map_err(|error| unavailable(&error));
    let number = |index: usize| row.try_get::<i64, _>(index).map_err(|error| unavailable(&error));
    let Some(order) = text(1)? else { return Ok(None) };
    let columns = SummaryColumns {
        order_id: order.parse().map_err(corrupt)?,
        customer_id: text(2)?.unwrap_or_default(),
        customer_name: text(3)?,
        customer_email: text(4)?,
        total: text(5)?.unwrap_or_default(),
        item_count: number(6)?,
        status: text(7)?.unwrap_or_default(),
        created_at: number(8)?,
        items: text(9)?.unwrap_or_default(),
        version: number(10)?,
        position: number(11)?,
        deliver_at: row.try_get(12).map_err(|error| unavailable(&error))?,
    };
    columns.row().map(Some)
}
