-- One row: how many times the database was opened, and the position of the last event.
CREATE TABLE store (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    openings INTEGER NOT NULL,
    head     INTEGER NOT NULL
) STRICT;
INSERT INTO store (one, openings, head) VALUES (1, 0, 0);

-- One row an order: the version of its stream.
CREATE TABLE streams (
    order_id TEXT PRIMARY KEY,
    version  INTEGER NOT NULL CHECK (version > 0)
) STRICT, WITHOUT ROWID;

-- The log. Positions and versions have no gaps. recorded_at: milliseconds since 1970-01-01T00:00:00Z.
CREATE TABLE events (
    position    INTEGER PRIMARY KEY,
    order_id    TEXT NOT NULL,
    version     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    data        TEXT NOT NULL CHECK (json_valid(data)),
    event_id    TEXT NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL,
    command_id  TEXT NOT NULL,
    causation   TEXT,
    actor       TEXT,
    UNIQUE (order_id, version)
) STRICT;

-- Idempotency keys, by actor ('' where nobody said who). outcome: where the events are, or why there are none.
CREATE TABLE keys (
    actor   TEXT NOT NULL,
    key     TEXT NOT NULL,
    command TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (actor, key)
) STRICT, WITHOUT ROWID;

-- Generations of read models: which projection has folded each, how far the log is reflected, which one answers
-- queries, and which are being cleared away and answer nothing any more.
CREATE TABLE generations (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    read_model TEXT NOT NULL,
    version    INTEGER NOT NULL,
    digest     TEXT NOT NULL,
    checkpoint INTEGER NOT NULL,
    current    INTEGER NOT NULL DEFAULT 0 CHECK (current IN (0, 1)),
    swept      INTEGER NOT NULL DEFAULT 0 CHECK (swept IN (0, 1)),
    CHECK (current + swept < 2)
) STRICT;
CREATE UNIQUE INDEX one_current_generation ON generations (read_model) WHERE current = 1;

-- Totals and prices are decimals as text: a number here would be a float.
CREATE TABLE order_summary_rows (
    generation     INTEGER NOT NULL,
    order_id       TEXT NOT NULL,
    customer_id    TEXT NOT NULL,
    customer_name  TEXT,
    customer_email TEXT,
    total          TEXT NOT NULL,
    item_count     INTEGER NOT NULL,
    status         TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    items          TEXT NOT NULL CHECK (json_valid(items)),
    version        INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    PRIMARY KEY (generation, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_summary_by_customer ON order_summary_rows (generation, customer_id);
CREATE INDEX order_summary_by_status ON order_summary_rows (generation, status);

CREATE VIEW order_summary_view AS
SELECT r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count, r.status,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.created_at / 1000.0, 'unixepoch') AS created_at,
       r.items, r.version, r.position
FROM order_summary_rows r
JOIN generations g ON g.id = r.generation AND g.current = 1;

-- data: the row as the projection folds it; the other columns are for looking it up.
CREATE TABLE customer_orders_rows (
    generation  INTEGER NOT NULL,
    order_id    TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    opened      INTEGER NOT NULL,
    status      TEXT NOT NULL,
    total       TEXT NOT NULL,
    position    INTEGER NOT NULL,
    data        TEXT NOT NULL,
    PRIMARY KEY (generation, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX customer_orders_by_customer ON customer_orders_rows (generation, customer_id, opened);

CREATE VIEW customer_orders_view AS
SELECT r.order_id, r.customer_id, r.status, r.total, r.opened, r.position
FROM customer_orders_rows r
JOIN generations g ON g.id = r.generation AND g.current = 1;
