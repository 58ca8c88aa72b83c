//! The rows of `order_summary` in PostgreSQL.

use std::sync::Arc;

use reference_impl::domain::OrderId;
use reference_impl::projection::{At, GenerationId, OrderSummary};
use reference_impl::store::{Position, StoreError};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::types::Uuid;

use super::Pools;
use crate::error::{in_time, unavailable};
use crate::rows::RowTable;
use crate::wire::{SummaryColumns, signed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total::text,
           r.item_count, r.status, (extract(epoch FROM r.created_at) * 1000)::bigint, r.items::text, r.version,
           r.position, (extract(epoch FROM r.deliver_at) * 1000)::bigint
    FROM generations g LEFT JOIN order_summary_rows r ON r.generation = g.id AND r.order_id = $2
    WHERE g.id = $1 AND NOT g.swept";

const FIND_ALL: &str = "
    SELECT 0::bigint, r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total::text,
           r.item_count, r.status, (extract(epoch FROM r.created_at) * 1000)::bigint, r.items::text, r.version,
           r.position, (extract(epoch FROM r.deliver_at) * 1000)::bigint
    FROM order_summary_rows r WHERE r.generation = $1 AND r.order_id = ANY($2)";

/// Moves the checkpoint and keeps the rows, in one way to the server and back: one statement is one transaction. It
/// holds the generation's row first, so that of several processes that project one waits for the other. A row that
/// has taken in more already stays.
const PUT: &str = "
    WITH there AS (
        UPDATE generations SET checkpoint = greatest(checkpoint, $2) WHERE id = $1 AND NOT swept RETURNING id
    ), kept AS (
        INSERT INTO order_summary_rows (generation, order_id, customer_id, customer_name, customer_email, total,
                                        item_count, status, created_at, items, version, position, deliver_at)
        SELECT there.id, order_id, customer_id, customer_name, customer_email, total::numeric, item_count, status,
               'epoch'::timestamptz + created_at * interval '1 millisecond', items::jsonb, version, position,
               'epoch'::timestamptz + deliver_at * interval '1 millisecond'
        FROM there, UNNEST($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[],
                           $10::bigint[], $11::text[], $12::bigint[], $13::bigint[], $14::bigint[])
             AS new (order_id, customer_id, customer_name, customer_email, total, item_count, status, created_at,
                     items, version, position, deliver_at)
        ON CONFLICT (generation, order_id) DO UPDATE SET
            customer_id = excluded.customer_id, customer_name = excluded.customer_name,
            customer_email = excluded.customer_email, total = excluded.total, item_count = excluded.item_count,
            status = excluded.status, created_at = excluded.created_at, items = excluded.items,
            version = excluded.version, position = excluded.position, deliver_at = excluded.deliver_at
        WHERE excluded.position > order_summary_rows.position
    )
    SELECT id FROM there";

/// The rows of `order_summary`.
#[derive(Clone)]
pub(super) struct Summaries(pub(super) Pools);

impl RowTable for Summaries {
    type Row = OrderSummary;
    type Engine = Pools;

    fn engine(&self) -> &Pools {
        &self.0
    }

    async fn find(
        &self,
        generation: GenerationId,
        order: OrderId,
    ) -> Result<Option<At<Option<Arc<OrderSummary>>>>, StoreError> {
        let found = sqlx::query(FIND).bind(signed(generation.0)).bind(order.as_uuid());
        let Some(found) = in_time(found.fetch_optional(&self.0.durable)).await? else { return Ok(None) };
        let checkpoint = found.try_get(0).map_err(|error| unavailable(&error))?;
        Ok(Some(At { value: summary(&found)?, position: Position::new(unsigned(checkpoint)?) }))
    }

    async fn find_all_in(
        &self,
        on: &mut PgConnection,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> Result<Vec<Arc<OrderSummary>>, StoreError> {
        let orders: Vec<_> = orders.iter().map(OrderId::as_uuid).collect();
        let found = sqlx::query(FIND_ALL).bind(signed(generation.0)).bind(orders);
        let found = in_time(found.fetch_all(on)).await?;
        found.iter().filter_map(|row| summary(row).transpose()).collect()
    }

    async fn put_in(
        &self,
        on: &mut PgConnection,
        generation: GenerationId,
        rows: &[Arc<OrderSummary>],
        checkpoint: Position,
    ) -> Result<bool, StoreError> {
        fn all<T>(rows: &[SummaryColumns], column: impl Fn(&SummaryColumns) -> T) -> Vec<T> {
            rows.iter().map(column).collect()
        }
        let columns: Vec<_> = rows.iter().map(|row| SummaryColumns::of(row)).collect::<Result<_, _>>()?;
        let put = sqlx::query(PUT)
            .bind(signed(generation.0))
            .bind(signed(checkpoint.get()))
            .bind(all(&columns, |row| row.order_id))
            .bind(all(&columns, |row| row.customer_id.clone()))
            .bind(all(&columns, |row| row.customer_name.clone()))
            .bind(all(&columns, |row| row.customer_email.clone()))
            .bind(all(&columns, |row| row.total.clone()))
            .bind(all(&columns, |row| row.item_count))
            .bind(all(&columns, |row| row.status.clone()))
            .bind(all(&columns, |row| row.created_at))
            .bind(all(&columns, |row| row.items.clone()))
            .bind(all(&columns, |row| row.version))
            .bind(all(&columns, |row| row.position))
            .bind(all(&columns, |row| row.deliver_at));
        Ok(in_time(put.fetch_optional(on)).await?.is_some())
    }

    async fn checkpoint(&self, generation: GenerationId) -> Result<Option<Position>, StoreError> {
        super::rows::checkpoint(&self.0, generation).await
    }
}

/// The row after the first column, if there is one.
fn summary(row: &PgRow) -> Result<Option<Arc<OrderSummary>>, StoreError> {
    let columns = || -> Result<Option<SummaryColumns>, sqlx::Error> {
        let Some(order_id) = row.try_get::<Option<Uuid>, _>(1)? else { return Ok(None) };
        Ok(Some(SummaryColumns {
            order_id,
            customer_id: row.try_get(2)?,
            customer_name: row.try_get(3)?,
            customer_email: row.try_get(4)?,
            total: row.try_get(5)?,
            item_count: row.try_get(6)?,
            status: row.try_get(7)?,
            created_at: row.try_get(8)?,
            items: row.try_get(9)?,
            version: row.try_get(10)?,
            position: row.try_get(11)?,
            deliver_at: row.try_get(12)?,
        }))
    };
    columns().map_err(|error| unavailable(&error))?.map(SummaryColumns::row).transpose()
}
