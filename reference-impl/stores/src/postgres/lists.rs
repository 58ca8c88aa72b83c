//! The rows of `customer_orders` in PostgreSQL.

use std::sync::Arc;

use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{At, CustomerOrder, GenerationId, OrdersOfCustomer};
use reference_impl::store::{Position, StoreError};

use super::Pools;
use crate::error::in_time;
use crate::rows::{ListTable, RowTable};
use crate::text::column;
use crate::wire::{OrderColumns, page, parsed, signed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, r.data::text
    FROM generations g LEFT JOIN customer_orders_rows r ON r.generation = g.id AND r.order_id = $2
    WHERE g.id = $1 AND NOT g.swept";

const FIND_ALL: &str = "
    SELECT r.data::text FROM customer_orders_rows r WHERE r.generation = $1 AND r.order_id = ANY($2)";

/// Checkpoint, how many there are and the page, out of one statement: all from the same instant.
const LIST: &str = "
    SELECT g.checkpoint,
           (SELECT count(*) FROM customer_orders_rows c WHERE c.generation = g.id AND c.customer_id = $2),
           r.data::text
    FROM generations g
    LEFT JOIN (SELECT generation, data, opened FROM customer_orders_rows
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
        INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, data)
        SELECT there.id, order_id, customer_id, opened, status, total::numeric, position, data::json
        FROM there, UNNEST($3::uuid[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[], $9::text[])
             AS new (order_id, customer_id, opened, status, total, position, data)
        ON CONFLICT (generation, order_id) DO UPDATE SET
            customer_id = excluded.customer_id, opened = excluded.opened, status = excluded.status,
            total = excluded.total, position = excluded.position, data = excluded.data
        WHERE excluded.position > customer_orders_rows.position
    )
    SELECT id FROM there";

/// The rows of `customer_orders`.
#[derive(Clone)]
pub(super) struct Lists(pub(super) Pools);

impl RowTable for Lists {
    type Row = CustomerOrder;

    async fn find(
        &self,
        generation: GenerationId,
        order: OrderId,
    ) -> Result<Option<At<Option<Arc<CustomerOrder>>>>, StoreError> {
        let found = sqlx::query_as(FIND).bind(signed(generation.0)).bind(order.as_uuid());
        let found: Option<(i64, Option<String>)> = in_time(found.fetch_optional(&self.0.durable)).await?;
        let Some((checkpoint, data)) = found else { return Ok(None) };
        let value = data.map(|data| parsed(&data)).transpose()?;
        Ok(Some(At { value, position: Position::new(unsigned(checkpoint)?) }))
    }

    async fn find_all(
        &self,
        generation: GenerationId,
        orders: &[OrderId],
    ) -> Result<Vec<Arc<CustomerOrder>>, StoreError> {
        let found = sqlx::query_scalar(FIND_ALL)
            .bind(signed(generation.0))
            .bind(orders.iter().map(OrderId::as_uuid).collect::<Vec<_>>());
        let found: Vec<String> = in_time(found.fetch_all(&self.0.durable)).await?;
        found.iter().map(|data| parsed(data).map(Arc::new)).collect()
    }

    async fn put(
        &self,
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
            .bind(all(&columns, |row| row.status))
            .bind(all(&columns, |row| row.total.clone()))
            .bind(all(&columns, |row| row.position))
            .bind(all(&columns, |row| row.data.clone()));
        Ok(in_time(put.fetch_optional(&self.0.projector)).await?.is_some())
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
        let found = sqlx::query_as(LIST).bind(signed(generation.0)).bind(column(customer.as_str()));
        let found = found.bind(number(limit)).bind(number(offset)).fetch_all(&self.0.durable);
        page(&in_time(found).await?)
    }
}
