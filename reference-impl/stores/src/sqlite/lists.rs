//! The rows of `customer_orders` in SQLite.

use std::sync::Arc;

use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{At, CustomerOrder, GenerationId, OrdersOfCustomer};
use reference_impl::store::{Position, StoreError};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};
use uuid::Uuid;

use super::Connections;
use crate::error::{corrupt, in_time, unavailable};
use crate::rows::{ListTable, RowTable};
use crate::text::column;
use crate::wire::{OrderColumns, json, page, signed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, 0, r.order_id, r.customer_id, r.opened, r.status, r.total, r.position, r.version, r.items
    FROM generations g LEFT JOIN customer_orders_rows r ON r.generation = g.id AND r.order_id = ?2
    WHERE g.id = ?1 AND g.swept = 0";

/// `CROSS JOIN` keeps the order of the tables: the other way round, each row there is would be looked for among
/// those that were asked for.
const FIND_ALL: &str = "
    SELECT 0, 0, r.order_id, r.customer_id, r.opened, r.status, r.total, r.position, r.version, r.items
    FROM json_each(?2) AS asked CROSS JOIN customer_orders_rows r ON r.generation = ?1 AND r.order_id = asked.value";

/// Checkpoint, how many there are and the page, out of one statement: all from the same instant.
const LIST: &str = "
    SELECT g.checkpoint,
           (SELECT count(*) FROM customer_orders_rows c WHERE c.generation = g.id AND c.customer_id = ?2),
           r.order_id, r.customer_id, r.opened, r.status, r.total, r.position, r.version, r.items
    FROM generations g
    LEFT JOIN (SELECT * FROM customer_orders_rows
               WHERE generation = ?1 AND customer_id = ?2
               ORDER BY opened DESC LIMIT ?3 OFFSET ?4) r ON r.generation = g.id
    WHERE g.id = ?1 AND g.swept = 0
    ORDER BY r.opened DESC";

/// A row that has taken in more already stays.
const UPSERT: &str = "
    INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, version,
                                      items)
    SELECT ?1, value ->> 'order_id', value ->> 'customer_id', value ->> 'opened', value ->> 'status',
           value ->> 'total', value ->> 'position', value ->> 'version', value ->> 'items'
    FROM json_each(?2) WHERE true
    ON CONFLICT (generation, order_id) DO UPDATE SET
        customer_id = excluded.customer_id, opened = excluded.opened, status = excluded.status,
        total = excluded.total, position = excluded.position, version = excluded.version, items = excluded.items
    WHERE excluded.position > customer_orders_rows.position";

/// The rows of `customer_orders`.
#[derive(Clone)]
pub(super) struct Lists(pub(super) Arc<Connections>);

impl RowTable for Lists {
    type Row = CustomerOrder;
    type Engine = Arc<Connections>;

    fn engine(&self) -> &Arc<Connections> {
        &self.0
    }

    async fn find(
        &self,
        generation: GenerationId,
        order: OrderId,
    ) -> Result<Option<At<Option<Arc<CustomerOrder>>>>, StoreError> {
        let found = sqlx::query(FIND).bind(signed(generation.0)).bind(order.to_string());
        let Some(found) = in_time(found.fetch_optional(&self.0.readers)).await? else { return Ok(None) };
        let (checkpoint, _, order) = columns(&found)?;
        let value = order.map(OrderColumns::row).transpose()?;
        Ok(Some(At { value, position: Position::new(unsigned(checkpoint)?) }))
    }

    async fn find_all_in(
        &self,
        on: &mut SqliteConnection,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> Result<Vec<Arc<CustomerOrder>>, StoreError> {
        let found = sqlx::query(FIND_ALL).bind(signed(generation.0)).bind(json(&orders)?).fetch_all(on);
        let found = all_columns(&in_time(found).await?)?;
        found.into_iter().filter_map(|(.., order)| order.map(OrderColumns::row)).collect()
    }

    async fn put_in(
        &self,
        on: &mut SqliteConnection,
        generation: GenerationId,
        rows: &[Arc<CustomerOrder>],
        checkpoint: Position,
    ) -> Result<bool, StoreError> {
        let columns: Vec<_> = rows.iter().map(|row| OrderColumns::of(row)).collect::<Result<_, _>>()?;
        let rows = if columns.is_empty() { None } else { Some(json(&columns)?) };
        super::rows::put(on, generation, UPSERT, rows, checkpoint).await
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
        let found = found.bind(number(limit)).bind(number(offset)).fetch_all(&self.0.readers);
        page(all_columns(&in_time(found).await?)?)
    }
}

/// The two columns before an order, and the order if there is one.
type Found = (i64, i64, Option<OrderColumns>);

fn all_columns(rows: &[SqliteRow]) -> Result<Vec<Found>, StoreError> {
    rows.iter().map(columns).collect()
}

fn columns(row: &SqliteRow) -> Result<Found, StoreError> {
    let columns = |id: Option<Uuid>| -> Result<Found, sqlx::Error> {
        let (checkpoint, total) = (row.try_get(0)?, row.try_get(1)?);
        let Some(order_id) = id else { return Ok((checkpoint, total, None)) };
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
    };
    let id: Option<&str> = row.try_get(2).map_err(|error| unavailable(&error))?;
    columns(id.map(str::parse).transpose().map_err(corrupt)?).map_err(|error| unavailable(&error))
}
