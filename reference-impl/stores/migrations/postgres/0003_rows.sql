-- Rows of customer_orders have a column for each thing, so that the database can write them, too. Those there are were
-- folded otherwise: they are built anew.
DROP VIEW customer_orders_view;
DELETE FROM customer_orders_rows;
DELETE FROM generations WHERE read_model = 'customer_orders';
ALTER TABLE customer_orders_rows
    DROP COLUMN data,
    ADD COLUMN version BIGINT NOT NULL,
    ADD COLUMN items   JSONB NOT NULL;

CREATE VIEW customer_orders_view AS
SELECT r.order_id, r.customer_id, r.status, r.total, r.opened, r.version, r.position
FROM customer_orders_rows r
JOIN generations g ON g.id = r.generation AND g.current;

-- What the directory said of a customer when they last opened an order: for triggers, which can't ask it. NULL where it
-- doesn't know them.
CREATE TABLE customers (
    customer_id TEXT PRIMARY KEY,
    name        TEXT,
    email       TEXT
);

-- Whether whoever wrote the head has seen to it that triggers find the customers of new orders.
ALTER TABLE store ADD COLUMN customers_known BOOLEAN NOT NULL DEFAULT FALSE;

-- Shows an order in the rows that answer queries. The name and address of the customer stay as they were when it was
-- opened; a row that has taken in more already stays; an order whose total can't be held exactly keeps its last row. A new
-- order whose customer nobody has put where this finds them is left to the read model itself.
CREATE FUNCTION show_order_row(shown orders) RETURNS VOID LANGUAGE plpgsql AS $$
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
                                    item_count, status, created_at, items, version, position)
    SELECT g.id, shown.order_id, shown.customer_id, c.name, c.email, shown.total, lines_count, shown.status, shown.created_at,
           lines, shown.version, shown.position
    FROM generations g LEFT JOIN customers c ON c.customer_id = shown.customer_id
    WHERE g.read_model = 'order_summary' AND g.current
      AND (c.customer_id IS NOT NULL OR EXISTS (SELECT 1 FROM order_summary_rows r
                                                WHERE r.generation = g.id AND r.order_id = shown.order_id))
    ON CONFLICT (generation, order_id) DO UPDATE SET
        total = excluded.total, item_count = excluded.item_count, status = excluded.status, items = excluded.items,
        version = excluded.version, position = excluded.position
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

CREATE FUNCTION show_order() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    PERFORM show_order_row(NEW);
    RETURN NULL;
END $$;

-- Moves the checkpoints of rows that reflected all there was, where the rows have taken in what is new.
CREATE FUNCTION show_head() RETURNS TRIGGER LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.customers_known THEN
        UPDATE generations SET checkpoint = NEW.head WHERE current AND checkpoint = OLD.head;
    END IF;
    RETURN NULL;
END $$;
