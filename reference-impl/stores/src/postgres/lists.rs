//! The rows of `customer_orders` in PostgreSQL.

use std::sync::Arc;

use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{At, CustomerOrder, GenerationId, OrdersOfCustomer};
use reference_impl::store::{Position, StoreError};
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use super::Pools;
use crate::error::{in_time, unavailable};
use crate::rows::{ListTable, RowTable};
use crate::text::column;
use crate::wire::{OrderColumns, page, signed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, 0::bigint, r.order_id, r.customer_id, r.opened, r.status, r.total::text, r.position, r.version, r.items::text
    FROM generations g LEFT JOIN customer_orders_rows r ON r.generation = g.id AND r.order_id = $2
    WHERE g.id = $1 AND NOT g.swept";

const FIND_ALL: &str = "
    SELECT 0::bigint, 0::bigint, r.order_id, r.customer_id, r.opened, r.status, r.total::text, r.position, r.version, r.items::text
    FROM customer_orders_rows r WHERE r.generation = $1 AND r.order_id = ANY($2)";

/// Checkpoint, how many there are and the page, out of one statement: all from the same instant.
const LIST: &str = "
    SELECT g.checkpoint,
           (SELECT count(*) FROM customer_orders_rows c WHERE c.generation = g.id AND c.customer_id = $2),
           r.order_id, r.customer_id, r.opened, r.status, r.total::text, r.position, r.version, r.items::text
    FROM generations g
    LEFT JOIN (SELECT * FROM customer_orders_rows
               WHERE generation = $1 AND customer_id = $2
               ORDER BY opened DESC LIMIT $3 OFFSET $4) r ON r.generation = g.id
    WHERE g.id = $1 AND NOT g.swept
    ORDER BY r.opened DESC";

/// Moves the checkpoint and keeps the rows, in one way to the server and back: one statement is one transaction. It
/// holds the generation's row first, so that of several processes that project one waits for the other. A row that
/// has taken in more already stays.
const PUT: &str = "
    WITH there AS (
        UPDATE generations SET checkpoint = greatest(checkpoint, $2) WHERE id = $1 AND NOT swept RETURNING id
    ), kept AS (
        INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, version,
                                          items)
        SELECT there.id, order_id, customer_id, opened, status, total::numeric, position, version, items::jsonb
        FROM there, UNNEST($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
                           $10::text[])
             AS new (order_id, customer_id, opened, status, total, position, version, items)
        ON CONFLICT (generation, order_id) DO UPDATE SET
            customer_id = excluded.customer_id, opened = excluded.opened, status = excluded.status,
            total = excluded.total, position = excluded.position, version = excluded.version,
            items = excluded.items
        WHERE excluded.position > customer_orders_rows.position
    )
    SELECT id FROM there";

/// The rows of `customer_orders`.
#[derive(Clone)]
pub(super) struct Lists(pub(super) Pools);

impl RowTable for Lists {
    type Row = CustomerOrder;
    type Engine = Pools;

    fn engine(&self) -> &Pools {
        &self.0
    }

    async fn find(
        &self,
        generation: GenerationId,
        order: OrderId,
    ) -> Result<Option<At<Option<Arc<CustomerOrder>>>>, StoreError> {
        let found = sqlx::query(FIND).bind(signed(generation.0)).bind(order.as_uuid());
        let Some(found) = in_time(found.fetch_optional(&self.0.durable)).await? else { return Ok(None) };
        let (checkpoint, _, order) = columns(&found).map_err(|error| unavailable(&error))?;
        let value = order.map(OrderColumns::row).transpose()?;
        Ok(Some(At { value, position: Position::new(unsigned(checkpoint)?) }))
    }

    async fn find_all_in(
        &self,
        on: &mut PgConnection,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> Result<Vec<Arc<CustomerOrder>>, StoreError> {
        let orders: Vec<_> = orders.iter().map(OrderId::as_uuid).collect();
        let found = sqlx::query(FIND_ALL).bind(signed(generation.0)).bind(orders).fetch_all(on);
        let found = all_columns(&in_time(found).await?)?;
        found.into_iter().filter_map(|(.., order)| order.map(OrderColumns::row)).collect()
    }

    async fn put_in(
        &self,
        on: &mut PgConnection,
        generation: GenerationId,
        rows: &[Arc<CustomerOrder>],
        checkpoint: Position,
    ) -> Result<bool, StoreError> {
        fn all<T>(rows: &[OrderColumns], column: impl Fn(&OrderColumns) -> T) -> Vec<T> {
            rows.iter().map(column).collect()
        }
        let columns: Vec<_> = rows.iter().map(|row| OrderColumns::of(row)).collect::<Result<_, _>>()?;
        let put = sqlx::query(PUT)
            .bind(signed(generation.0))
            .bind(signed(checkpoint.get()))
            .bind(all(&columns, |row| row.order_id))
            .bind(all(&columns, |row| row.customer_id.clone()))
            .bind(all(&columns, |row| row.opened))
            .bind(all(&columns, |row| row.status.clone()))
            .bind(all(&columns, |row| row.total.clone()))
            .bind(all(&columns, |row| row.position))
            .bind(all(&columns, |row| row.version))
            .bind(all(&columns, |row| row.items.clone()));
        Ok(in_time(put.fetch_optional(on)).await?.is_some())
    }

    async fn checkpoint(&self, generation: GenerationId) -> Result<Option<Position>, StoreError> {
        super::rows::checkpoint(&self.0, generation).await
    }
}

impl ListTable for Lists {
    async fn list(
        &self,
        generation: GenerationId,
        customer: &CustomerId,
        offset: usize,
        limit: usize,
    ) -> Result<Option<At<OrdersOfCustomer>>, StoreError> {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let found = sqlx::query(LIST).bind(signed(generation.0)).bind(column(customer.as_str()));
        let found = found.bind(number(limit)).bind(number(offset)).fetch_all(&self.0.durable);
        page(all_columns(&in_time(found).await?)?)
    }
}

/// The two columns before an order, and the order if there is one.
type Found = (i64, i64, Option<OrderColumns>);

fn all_columns(rows: &[PgRow]) -> Result<Vec<Found>, StoreError> {
    rows.iter().map(|row| columns(row).map_err(|error| unavailable(&error))).collect()
}

fn columns(row: &PgRow) -> Result<Found, sqlx::Error> {
    let (checkpoint, total) = (row.try_get(0)?, row.try_get(1)?);
    let Some(order_id) = row.try_get(2)? else { return Ok((checkpoint, total, None)) };
    let order = OrderColumns {
        order_id,
        customer_id: row.try_get(3)?,
        opened: row.try_get(4)?,
        status: row.try_get(5)?,
        total: row.try_get(6)?,
        position: row.try_get(7)?,
        version: row.try_get(8)?,
        items: row.try_get(9)?,
    };
    Ok((checkpoint, total, Some(order)))
}
