//! Triggers that show orders in the rows of read models.

use sqlx::SqlitePool;

use crate::defect::StorePoint;

/// What an order is shown as: the name and address of the customer stay as they were when it was opened; a row that has
/// taken in more already stays; an order whose total can't be held exactly keeps its last row. A new order whose customer
/// nobody has put where this finds them is left to the read model itself.
macro_rules! showing {
    ($name:literal, $event:literal) => {
        concat!(
            "CREATE TRIGGER IF NOT EXISTS ",
            $name,
            " AFTER ",
            $event,
            " ON orders WHEN NEW.total IS NOT NULL BEGIN
                INSERT INTO order_summary_rows (generation, order_id, customer_id, customer_name, customer_email, total,
                                                item_count, status, created_at, items, version, position,
                                                deliver_at)
                SELECT g.id, NEW.order_id, NEW.customer_id, c.name, c.email, NEW.total,
                       (SELECT count(*) FROM order_items WHERE order_id = NEW.order_id), NEW.status, NEW.created_at,
                       (SELECT json_group_array(json_object('product', product, 'quantity', quantity, 'price', price))
                        FROM (SELECT * FROM order_items WHERE order_id = NEW.order_id ORDER BY line)),
                       NEW.version, NEW.position, NEW.deliver_at
                FROM generations g LEFT JOIN customers c ON c.customer_id = NEW.customer_id
                WHERE g.read_model = 'order_summary' AND g.current = 1
                  AND (c.customer_id IS NOT NULL OR EXISTS (SELECT 1 FROM order_summary_rows r
                                                            WHERE r.generation = g.id AND r.order_id = NEW.order_id))
                ON CONFLICT (generation, order_id) DO UPDATE SET
                    total = excluded.total, item_count = excluded.item_count, status = excluded.status,
                    items = excluded.items, version = excluded.version, position = excluded.position,
                    deliver_at = excluded.deliver_at
                WHERE excluded.position > order_summary_rows.position;
                INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position,
                                                  version, items)
                SELECT g.id, NEW.order_id, NEW.customer_id, NEW.opened, NEW.status, NEW.total, NEW.position, NEW.version,
                       (SELECT json_group_array(json_object('product', product, 'quantity', quantity, 'price', price))
                        FROM (SELECT * FROM order_items WHERE order_id = NEW.order_id ORDER BY line))
                FROM generations g
                WHERE g.read_model = 'customer_orders' AND g.current = 1
                ON CONFLICT (generation, order_id) DO UPDATE SET
                    status = excluded.status, total = excluded.total, position = excluded.position,
                    version = excluded.version, items = excluded.items
                WHERE excluded.position > customer_orders_rows.position;
            END;"
        )
    };
}

/// The checkpoint of rows that reflected all there was moves with the head, where the rows have taken in what is new.
const MAKE: [&str; 3] = [
    showing!("new_orders_show", "INSERT"),
    showing!("orders_show", "UPDATE"),
    "CREATE TRIGGER IF NOT EXISTS head_shows AFTER UPDATE OF head ON store WHEN NEW.customers_known = 1 BEGIN
        UPDATE generations SET checkpoint = NEW.head WHERE current = 1 AND checkpoint = OLD.head;
     END",
];

const DROP: [&str; 3] = [
    "DROP TRIGGER IF EXISTS new_orders_show",
    "DROP TRIGGER IF EXISTS orders_show",
    "DROP TRIGGER IF EXISTS head_shows",
];

/// Makes the triggers, or drops them, unless it is so already, and does to the schema what else the point asks for.
/// Nobody appends meanwhile.
pub(super) async fn set(pool: &SqlitePool, wanted: bool, point: &dyn StorePoint) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    for statement in if wanted { MAKE } else { DROP }.into_iter().chain(point.opening()) {
        sqlx::raw_sql(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
