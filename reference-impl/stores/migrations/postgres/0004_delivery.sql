-- When an order is to be delivered, if somebody has said: orders that there are have nobody who did.
ALTER TABLE orders ADD COLUMN deliver_at TIMESTAMPTZ;
ALTER TABLE order_summary_rows ADD COLUMN deliver_at TIMESTAMPTZ;

DROP VIEW order_summary_view;
CREATE VIEW order_summary_view AS
SELECT r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count, r.status, r.created_at,
       r.deliver_at, r.items, r.version, r.position
FROM order_summary_rows r
JOIN generations g ON g.id = r.generation AND g.current;

-- As before, and it shows when to deliver.
CREATE OR REPLACE FUNCTION show_order_row(shown orders) RETURNS VOID LANGUAGE plpgsql AS $$
DECLARE
    lines JSONB;
    lines_count BIGINT;
BEGIN
    IF shown.total IS NULL THEN
        RETURN;
    END IF;
    SELECT coalesce(jsonb_agg(jsonb_build_object('product', i.product, 'quantity', i.quantity, 'price', i.price::text)
                              ORDER BY i.line), '[]'),
           count(*)
    INTO lines, lines_count
    FROM order_items i WHERE i.order_id = shown.order_id;
    INSERT INTO order_summary_rows (generation, order_id, customer_id, customer_name, customer_email, total,
                                    item_count, status, created_at, items, version, position, deliver_at)
    SELECT g.id, shown.order_id, shown.customer_id, c.name, c.email, shown.total, lines_count, shown.status, shown.created_at,
           lines, shown.version, shown.position, shown.deliver_at
    FROM generations g LEFT JOIN customers c ON c.customer_id = shown.customer_id
    WHERE g.read_model = 'order_summary' AND g.current
      AND (c.customer_id IS NOT NULL OR EXISTS (SELECT 1 FROM order_summary_rows r
                                                WHERE r.generation = g.id AND r.order_id = shown.order_id))
    ON CONFLICT (generation, order_id) DO UPDATE SET
        total = excluded.total, item_count = excluded.item_count, status = excluded.status, items = excluded.items,
        version = excluded.version, position = excluded.position, deliver_at = excluded.deliver_at
    WHERE excluded.position > order_summary_rows.position;
    INSERT INTO customer_orders_rows (generation, order_id, customer_id, opened, status, total, position, version,
                                      items)
    SELECT g.id, shown.order_id, shown.customer_id, shown.opened, shown.status, shown.total, shown.position, shown.version, lines
    FROM generations g
    WHERE g.read_model = 'customer_orders' AND g.current
    ON CONFLICT (generation, order_id) DO UPDATE SET
        status = excluded.status, total = excluded.total, position = excluded.position, version = excluded.version,
        items = excluded.items
    WHERE excluded.position > customer_orders_rows.position;
END $$;
