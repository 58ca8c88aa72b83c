-- One row: how many times the database was opened, and the position of the last event. Whoever appends holds this row
-- until the commit, so that positions become readable in their order.
CREATE TABLE store (
    one      BOOLEAN PRIMARY KEY DEFAULT TRUE CHECK (one),
    openings BIGINT NOT NULL,
    head     BIGINT NOT NULL
);
INSERT INTO store (openings, head) VALUES (0, 0);

-- One row an order: the version of its stream.
CREATE TABLE streams (
    order_id UUID PRIMARY KEY,
    version  BIGINT NOT NULL CHECK (version > 0)
);

-- The log. Positions and versions have no gaps. data is JSON and not JSONB, which can't hold every text.
CREATE TABLE events (
    position    BIGINT PRIMARY KEY,
    order_id    UUID NOT NULL,
    version     BIGINT NOT NULL,
    name        TEXT NOT NULL,
    data        JSON NOT NULL,
    event_id    UUID NOT NULL UNIQUE,
    recorded_at TIMESTAMPTZ NOT NULL,
    command_id  UUID NOT NULL,
    causation   UUID,
    actor       TEXT,
    UNIQUE (order_id, version)
);

-- Idempotency keys, by actor ('' where nobody said who). outcome: where the events are, or why there are none.
CREATE TABLE keys (
    actor   TEXT NOT NULL,
    key     TEXT NOT NULL,
    command JSON NOT NULL,
    outcome JSON NOT NULL,
    PRIMARY KEY (actor, key)
);

-- Generations of read models: which projection has folded each, how far the log is reflected, which one answers
-- queries, and which are being cleared away and answer nothing any more.
CREATE TABLE generations (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    read_model TEXT NOT NULL,
    version    BIGINT NOT NULL,
    digest     TEXT NOT NULL,
    checkpoint BIGINT NOT NULL,
    current    BOOLEAN NOT NULL DEFAULT FALSE,
    swept      BOOLEAN NOT NULL DEFAULT FALSE,
    CHECK (NOT (current AND swept))
);
CREATE UNIQUE INDEX one_current_generation ON generations (read_model) WHERE current;

CREATE TABLE order_summary_rows (
    generation     BIGINT NOT NULL,
    order_id       UUID NOT NULL,
    customer_id    TEXT NOT NULL,
    customer_name  TEXT,
    customer_email TEXT,
    total          NUMERIC NOT NULL,
    item_count     BIGINT NOT NULL,
    status         TEXT NOT NULL,
    created_at     TIMESTAMPTZ NOT NULL,
    items          JSONB NOT NULL,
    version        BIGINT NOT NULL,
    position       BIGINT NOT NULL,
    PRIMARY KEY (generation, order_id)
);
CREATE INDEX order_summary_by_customer ON order_summary_rows (generation, customer_id);
CREATE INDEX order_summary_by_status ON order_summary_rows (generation, status);

CREATE VIEW order_summary_view AS
SELECT r.order_id, r.customer_id, r.customer_name, r.customer_email, r.total, r.item_count, r.status, r.created_at,
       r.items, r.version, r.position
FROM order_summary_rows r
JOIN generations g ON g.id = r.generation AND g.current;

-- data: the row as the projection folds it; the other columns are for looking it up.
CREATE TABLE customer_orders_rows (
    generation  BIGINT NOT NULL,
    order_id    UUID NOT NULL,
    customer_id TEXT NOT NULL,
    opened      BIGINT NOT NULL,
    status      TEXT NOT NULL,
    total       NUMERIC NOT NULL,
    position    BIGINT NOT NULL,
    data        JSON NOT NULL,
    PRIMARY KEY (generation, order_id)
);
CREATE INDEX customer_orders_by_customer ON customer_orders_rows (generation, customer_id, opened);

CREATE VIEW customer_orders_view AS
SELECT r.order_id, r.customer_id, r.status, r.total, r.opened, r.position
FROM customer_orders_rows r
JOIN generations g ON g.id = r.generation AND g.current;
