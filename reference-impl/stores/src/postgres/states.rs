//! Orders as rows in PostgreSQL: the state-based write model.

use std::collections::HashMap;

use reference_impl::domain::{Item, OrderId};
use reference_impl::store::StoreError;
use sqlx::postgres::{PgArguments, PgConnection, PgRow};
use sqlx::query::Query;
use sqlx::types::Uuid;
use sqlx::{PgExecutor, Postgres, Row};

use crate::error::{in_time, unavailable};
use crate::inline::CustomerColumns;
use crate::state::{Changes, Gathered, OrderState};
use crate::text::{column, original};
use crate::wire::{StateColumns, decimal};

/// Each order with its lines, out of one statement: all from the same instant.
const FIND: &str = "
    SELECT o.order_id, o.version, o.customer_id, o.status, (extract(epoch FROM o.created_at) * 1000)::bigint,
           o.opened, o.position, i.product, i.quantity, i.price::text, (extract(epoch FROM o.deliver_at) * 1000)::bigint
    FROM orders o LEFT JOIN order_items i ON i.order_id = o.order_id
    WHERE o.order_id = ANY($1) ORDER BY o.order_id, i.line";

/// Those of the orders that there are.
pub(super) async fn orders(
    executor: impl PgExecutor<'_>,
    orders: Vec<Uuid>,
) -> Result<HashMap<OrderId, OrderState>, StoreError> {
    let rows = in_time(sqlx::query(FIND).bind(orders).fetch_all(executor)).await?;
    let mut gathered = Gathered::default();
    for row in rows {
        let (head, line) = columns(&row).map_err(|error| unavailable(&error))?;
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
pub(super) async fn know(on: &mut PgConnection, customers: Vec<CustomerColumns>) -> Result<(), StoreError> {
    if customers.is_empty() {
        return Ok(());
    }
    let (mut ids, mut names, mut emails) = (Vec::new(), Vec::new(), Vec::new());
    for (id, name, email) in customers {
        ids.push(id);
        names.push(name);
        emails.push(email);
    }
    let upsert = sqlx::query(
        "INSERT INTO customers (customer_id, name, email) SELECT * FROM UNNEST($1::text[], $2::text[], $3::text[])
         ON CONFLICT (customer_id) DO UPDATE SET name = excluded.name, email = excluded.email",
    );
    in_time(upsert.bind(ids).bind(names).bind(emails).execute(on)).await?;
    Ok(())
}

type LineColumns = (Option<String>, Option<i64>, Option<String>);

fn columns(row: &PgRow) -> Result<(StateColumns, LineColumns), sqlx::Error> {
    let head = StateColumns {
        order_id: row.try_get(0)?,
        version: row.try_get(1)?,
        customer_id: row.try_get(2)?,
        status: row.try_get(3)?,
        total: None,
        created_at: row.try_get(4)?,
        deliver_at: row.try_get(10)?,
        opened: row.try_get(5)?,
        position: row.try_get(6)?,
    };
    Ok((head, (row.try_get(7)?, row.try_get(8)?, row.try_get(9)?)))
}

/// Binds what is to be written to `orders` and `order_items`, a vector a column.
pub(super) fn bind<'q>(
    write: Query<'q, Postgres, PgArguments>,
    changes: &Changes,
) -> Query<'q, Postgres, PgArguments> {
    fn all<T, U>(rows: &[T], column: impl Fn(&T) -> U) -> Vec<U> {
        rows.iter().map(column).collect()
    }
    let orders = all(&changes.orders, StateColumns::of);
    let lines = &changes.lines;
    write
        .bind(all(&orders, |row| row.order_id))
        .bind(all(&orders, |row| row.version))
        .bind(all(&orders, |row| row.customer_id.clone()))
        .bind(all(&orders, |row| row.status.clone()))
        .bind(all(&orders, |row| row.total.clone()))
        .bind(all(&orders, |row| row.created_at))
        .bind(all(&orders, |row| row.opened))
        .bind(all(&orders, |row| row.position))
        .bind(all(&orders, |row| row.deliver_at))
        .bind(all(lines, |(order, ..)| order.as_uuid()))
        .bind(all(lines, |(_, line, _)| *line))
        .bind(all(lines, |(.., item)| column(item.product.as_str()).into_owned()))
        .bind(all(lines, |(.., item)| item.quantity))
        .bind(all(lines, |(.., item)| item.price.to_string()))
        .bind(all(&changes.shorter, |(order, _)| order.as_uuid()))
        .bind(all(&changes.shorter, |(_, left)| *left))
}
