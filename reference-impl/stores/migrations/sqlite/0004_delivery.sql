-- When an order is to be delivered, in milliseconds since 1970, if somebody has said: orders that there are have nobody who did.
ALTER TABLE orders ADD COLUMN deliver_at INTEGER;
ALTER TABLE order_summary_rows ADD COLUMN deliver_at INTEGER;

DROP VIEW order_summary_view;
CREATE VIEW order_summary_view AS
SELECT r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count, r.status,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.created_at / 1000.0, 'unixepoch') AS created_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.deliver_at / 1000.0, 'unixepoch') AS deliver_at,
       r.items, r.version, r.position
FROM order_summary_rows r
JOIN generations g ON g.id = r.generation AND g.current = 1;

-- They don't know of it. Whoever opens the database makes them anew, where they are wanted.
DROP TRIGGER IF EXISTS new_orders_show;
DROP TRIGGER IF EXISTS orders_show;
