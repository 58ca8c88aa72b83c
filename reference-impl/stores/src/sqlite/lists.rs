//! The rows of `customer_orders` in SQLite.

use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::domain::{CustomerId, OrderId};
use reference_impl::projection::{
    At, CustomerOrder, CustomerOrdersRepository, OrdersOfCustomer, ReadRepository,
};
use reference_impl::store::{Position, StoreError};

use super::rows::Rows;
use crate::error::{corrupt, in_time};
use crate::text::column;
use crate::wire::{OrderColumns, json, parsed, unsigned};

const FIND: &str = "
    SELECT g.checkpoint, r.data
    FROM generations g LEFT JOIN customer_orders_rows r ON r.generation = g.id AND r.order_id = ?2
    WHERE g.id = ?1 AND g.swept = 0";

/// `CROSS JOIN` keeps the order of the tables: the other way round, each row there is would be looked for among
/// those that were asked for.
const FIND_ALL: &str = "
    SELECT r.data
    FROM json_each(?2) AS asked CROSS JOIN customer_orders_rows r ON r.generation = ?1 AND r.order_id = asked.value";

/// Checkpoint, how many there are and the page, out of one statement: all from the same instant.
const LIST: &str = "
    SELECT g.checkpoint,
           (SELECT count(*) FROM customer_orders_rows c WHERE c.generation = g.id AND c.customer_id = ?2),
           r.data
    FROM generations g
    LEFT JOIN (SELECT generation, data, opened FROM customer_orders_rows
               WHERE generation = ?1 AND customer_id = ?2
               ORDER BY opened DESC LIMIT ?3 OFFSET ?4) r ON r.generation = g.id
    WHERE g.id = ?1 AND g.swept = 0
    ORDER BY r.opened DESC";

/// A row that has taken in more already stays.
const UPSERT: &str = "
    INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, data)
    SELECT ?1, value ->> 'order_id', value ->> 'customer_id', value ->> 'opened', value ->> 'status',
           value ->> 'total', value ->> 'position', value ->> 'data'
    FROM json_each(?2) WHERE true
    ON CONFLICT (generation, order_id) DO UPDATE SET
        customer_id = excluded.customer_id, opened = excluded.opened, status = excluded.status,
        total = excluded.total, position = excluded.position, data = excluded.data
    WHERE excluded.position > customer_orders_rows.position";

/// One generation of `customer_orders`.
#[derive(Debug)]
pub(super) struct SqliteCustomerOrders(pub(super) Rows);

impl SqliteCustomerOrders {
    async fn found(&self, order: OrderId) -> Result<At<Option<Arc<CustomerOrder>>>, StoreError> {
        let found = sqlx::query_as(FIND).bind(self.0.id()).bind(order.to_string());
        let found: Option<(i64, Option<String>)> =
            in_time(found.fetch_optional(&self.0.connections.readers)).await?;
        let (checkpoint, data) = found.ok_or_else(|| self.0.gone())?;
        let value = data.map(|data| parsed(&data)).transpose()?;
        Ok(At { value, position: Position::new(unsigned(checkpoint)?) })
    }

    async fn found_all(&self, orders: &[OrderId]) -> Result<Vec<Arc<CustomerOrder>>, StoreError> {
        let found = sqlx::query_scalar(FIND_ALL).bind(self.0.id()).bind(json(&orders)?);
        let found: Vec<String> = in_time(found.fetch_all(&self.0.connections.readers)).await?;
        found.iter().map(|data| parsed(data).map(Arc::new)).collect()
    }

    async fn listed(
        &self,
        customer: &CustomerId,
        offset: usize,
        limit: usize,
    ) -> Result<At<OrdersOfCustomer>, StoreError> {
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let found = sqlx::query_as(LIST).bind(self.0.id()).bind(column(customer.as_str()));
        let found = found.bind(number(limit)).bind(number(offset));
        let found: Vec<(i64, i64, Option<String>)> =
            in_time(found.fetch_all(&self.0.connections.readers)).await?;
        let (checkpoint, total, _) = found.first().ok_or_else(|| self.0.gone())?;
        let (position, total_count) = (Position::new(unsigned(*checkpoint)?), usize::try_from(*total));
        let rows = found.iter().filter_map(|(_, _, data)| data.as_deref());
        let rows = rows.map(|data| parsed(data).map(Arc::new)).collect::<Result<_, _>>()?;
        Ok(At { value: OrdersOfCustomer { rows, total_count: total_count.map_err(corrupt)? }, position })
    }
}

impl ReadRepository<CustomerOrder> for SqliteCustomerOrders {
    fn find(&self, order: OrderId) -> BoxFuture<'_, Result<At<Option<Arc<CustomerOrder>>>, StoreError>> {
        Box::pin(self.found(order))
    }

    fn find_all<'a>(
        &'a self,
        orders: &'a [OrderId],
    ) -> BoxFuture<'a, Result<Vec<Arc<CustomerOrder>>, StoreError>> {
        Box::pin(self.found_all(orders))
    }

    fn put(
        &self,
        rows: Vec<Arc<CustomerOrder>>,
        checkpoint: Position,
    ) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            let columns: Vec<_> = rows.iter().map(|row| OrderColumns::of(row)).collect::<Result<_, _>>()?;
            let rows = if columns.is_empty() { None } else { Some(json(&columns)?) };
            self.0.put(UPSERT, rows, checkpoint).await
        })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(self.0.checkpoint())
    }
}

impl CustomerOrdersRepository for SqliteCustomerOrders {
    fn list<'a>(
        &'a self,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        Box::pin(self.listed(customer, offset, limit))
    }
}
