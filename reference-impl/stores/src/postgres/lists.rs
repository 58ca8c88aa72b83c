//! The rows of `customer_orders` in PostgreSQL.

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
use crate::wire::{OrderColumns, parsed, unsigned};

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

/// A row that has taken in more already stays.
const UPSERT: &str = "
    INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, data)
    SELECT $1, order_id, customer_id, opened, status, total::numeric, position, data::json
    FROM UNNEST($2::uuid[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::text[])
         AS new (order_id, customer_id, opened, status, total, position, data)
    ON CONFLICT (generation, order_id) DO UPDATE SET
        customer_id = excluded.customer_id, opened = excluded.opened, status = excluded.status,
        total = excluded.total, position = excluded.position, data = excluded.data
    WHERE excluded.position > customer_orders_rows.position";

/// One generation of `customer_orders`.
#[derive(Debug)]
pub(super) struct PostgresCustomerOrders(pub(super) Rows);

impl PostgresCustomerOrders {
    async fn found(&self, order: OrderId) -> Result<At<Option<Arc<CustomerOrder>>>, StoreError> {
        let found = sqlx::query_as(FIND).bind(self.0.id()).bind(order.as_uuid());
        let found: Option<(i64, Option<String>)> = in_time(found.fetch_optional(&self.0.pool)).await?;
        let (checkpoint, data) = found.ok_or_else(|| self.0.gone())?;
        let value = data.map(|data| parsed(&data)).transpose()?;
        Ok(At { value, position: Position::new(unsigned(checkpoint)?) })
    }

    async fn found_all(&self, orders: &[OrderId]) -> Result<Vec<Arc<CustomerOrder>>, StoreError> {
        let orders: Vec<_> = orders.iter().map(OrderId::as_uuid).collect();
        let found = sqlx::query_scalar(FIND_ALL).bind(self.0.id()).bind(orders);
        let found: Vec<String> = in_time(found.fetch_all(&self.0.pool)).await?;
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
        let found: Vec<(i64, i64, Option<String>)> = in_time(found.fetch_all(&self.0.pool)).await?;
        let (checkpoint, total, _) = found.first().ok_or_else(|| self.0.gone())?;
        let (position, total_count) = (Position::new(unsigned(*checkpoint)?), usize::try_from(*total));
        let rows = found.iter().filter_map(|(_, _, data)| data.as_deref());
        let rows = rows.map(|data| parsed(data).map(Arc::new)).collect::<Result<_, _>>()?;
        Ok(At { value: OrdersOfCustomer { rows, total_count: total_count.map_err(corrupt)? }, position })
    }

    async fn keep(&self, rows: &[Arc<CustomerOrder>], checkpoint: Position) -> Result<(), StoreError> {
        let columns: Vec<_> = rows.iter().map(|row| OrderColumns::of(row)).collect::<Result<_, _>>()?;
        let mut transaction = self.0.begin(checkpoint).await?;
        if !columns.is_empty() {
            fn all<T>(rows: &[OrderColumns], column: impl Fn(&OrderColumns) -> T) -> Vec<T> {
                rows.iter().map(column).collect()
            }
            let upsert = sqlx::query(UPSERT)
                .bind(self.0.id())
                .bind(all(&columns, |row| row.order_id))
                .bind(all(&columns, |row| row.customer_id.clone()))
                .bind(all(&columns, |row| row.opened))
                .bind(all(&columns, |row| row.status))
                .bind(all(&columns, |row| row.total.clone()))
                .bind(all(&columns, |row| row.position))
                .bind(all(&columns, |row| row.data.clone()));
            in_time(upsert.execute(&mut *transaction)).await?;
        }
        in_time(transaction.commit()).await
    }
}

impl ReadRepository<CustomerOrder> for PostgresCustomerOrders {
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
        Box::pin(async move { self.keep(&rows, checkpoint).await })
    }

    fn checkpoint(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(self.0.checkpoint())
    }
}

impl CustomerOrdersRepository for PostgresCustomerOrders {
    fn list<'a>(
        &'a self,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        Box::pin(self.listed(customer, offset, limit))
    }
}
