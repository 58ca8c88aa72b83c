//! Orders as rows in SQLite: the state-based write model.

use std::collections::HashMap;

use reference_impl::domain::{Item, OrderId};
use reference_impl::store::StoreError;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqliteExecutor};

use crate::error::{corrupt, in_time, unavailable};
use crate::inline::CustomerColumns;
use crate::state::{Changes, Gathered, Line, OrderState};
use crate::text::{column, original};
use crate::wire::{StateColumns, decimal, json};

/// Each order with its lines, out of one statement: all from the same instant.
const FIND: &str = "
    SELECT o.order_id, o.version, o.customer_id, o.status, o.created_at, o.opened, o.position, i.product, i.quantity,
           i.price, o.deliver_at
    FROM json_each(?1) AS asked CROSS JOIN orders o ON o.order_id = asked.value
    LEFT JOIN order_items i ON i.order_id = o.order_id
    ORDER BY o.order_id, i.line";

/// Those of the orders that there are.
pub(super) async fn orders(
    executor: impl SqliteExecutor<'_>,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, OrderState>, StoreError> {
    let rows = in_time(sqlx::query(FIND).bind(json(&orders)?).fetch_all(executor)).await?;
    let mut gathered = Gathered::default();
    for row in rows {
        let (order, head, line) = columns(&row).map_err(|error| unavailable(&error))?;
        let head = StateColumns { order_id: order.parse().map_err(corrupt)?, ..head };
        let item = match line {
            (Some(product), Some(quantity), Some(price)) => {
                Some(Item::new(&*original(&product), quantity, decimal(&price)?))
            }
            _ => None,
        };
        gathered.add(head.head()?, item);
    }
    Ok(gathered.into_orders())
}

/// Keeps what is known of customers, in place of what was.
pub(super) async fn know(on: &mut SqliteConnection, customers: &[CustomerColumns]) -> Result<(), StoreError> {
    if customers.is_empty() {
        return Ok(());
    }
    let upsert = sqlx::query(
        "INSERT INTO customers (customer_id, name, email)
         SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?1) WHERE true
         ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, email = excluded.email",
    );
    in_time(upsert.bind(json(&customers)?).execute(on)).await?;
    Ok(())
}

type LineColumns = (Option<String>, Option<i64>, Option<String>);

/// The order's id, as text, and the rest.
fn columns(row: &SqliteRow) -> Result<(String, StateColumns, LineColumns), sqlx::Error> {
    let head = StateColumns {
        order_id: sqlx::types::Uuid::nil(),
        version: row.try_get(1)?,
        customer_id: row.try_get(2)?,
        status: row.try_get(3)?,
        total: None,
        created_at: row.try_get(4)?,
        deliver_at: row.try_get(10)?,
        opened: row.try_get(5)?,
        position: row.try_get(6)?,
    };
    Ok((row.try_get(0)?, head, (row.try_get(7)?, row.try_get(8)?, row.try_get(9)?)))
}

/// Writes `order_items`, then `orders`: whoever is told of an order finds its lines.
pub(super) async fn write(connection: &mut SqliteConnection, changes: &Changes) -> Result<(), StoreError> {
    if !changes.shorter.is_empty() {
        let delete = sqlx::query(
            "DELETE FROM order_items WHERE (order_id, line) IN
             (SELECT i.order_id, i.line FROM json_each(?1) AS shorter
              CROSS JOIN order_items i ON i.order_id = shorter.value ->> 0 AND i.line > shorter.value ->> 1)",
        );
        in_time(delete.bind(json(&changes.shorter)?).execute(&mut *connection)).await?;
    }
    if !changes.lines.is_empty() {
        let line = |(order, line, item): &Line| {
            (*order, *line, column(item.product.as_str()).into_owned(), item.quantity, item.price.to_string())
        };
        let lines: Vec<_> = changes.lines.iter().map(line).collect();
        let upsert = sqlx::query(
            "INSERT INTO order_items (order_id, line, product, quantity, price)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1) WHERE true
             ON CONFLICT (order_id, line) DO UPDATE SET
                 product = excluded.product, quantity = excluded.quantity, price = excluded.price",
        );
        in_time(upsert.bind(json(&lines)?).execute(&mut *connection)).await?;
    }
    let orders: Vec<_> = changes.orders.iter().map(StateColumns::of).collect();
    let upsert = sqlx::query(
        "INSERT INTO orders (order_id, version, customer_id, status, total, created_at, opened, position, deliver_at)
         SELECT value ->> 'order_id', value ->> 'version', value ->> 'customer_id', value ->> 'status',
                value ->> 'total', value ->> 'created_at', value ->> 'opened', value ->> 'position',
                value ->> 'deliver_at'
         FROM json_each(?1) WHERE true
         ON CONFLICT (order_id) DO UPDATE SET
             version = excluded.version, customer_id = excluded.customer_id, status = excluded.status,
             total = excluded.total, created_at = excluded.created_at, opened = excluded.opened,
             position = excluded.position, deliver_at = excluded.deliver_at",
    );
    in_time(upsert.bind(json(&orders)?).execute(connection)).await?;
    Ok(())
}
