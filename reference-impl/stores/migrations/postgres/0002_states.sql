-- Which write model the database keeps; none before it is first opened.
ALTER TABLE store ADD COLUMN write_model TEXT CHECK (write_model IN ('events', 'state'));
UPDATE store SET write_model = 'events' WHERE head > 0;

-- The state-based write model: each order as it is now. opened, position: those of the first and of the last message
-- about it. total is NULL where no exact decimal can hold it.
CREATE TABLE orders (
    order_id    UUID PRIMARY KEY,
    version     BIGINT NOT NULL CHECK (version > 0),
    customer_id TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    total       NUMERIC,
    created_at  TIMESTAMPTZ NOT NULL,
    opened      BIGINT NOT NULL,
    position    BIGINT NOT NULL
);

-- Its lines, in the order they were added: 1, 2 and so on.
CREATE TABLE order_items (
    order_id UUID NOT NULL REFERENCES orders,
    line     BIGINT NOT NULL CHECK (line > 0),
    product  TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    price    NUMERIC NOT NULL,
    PRIMARY KEY (order_id, line)
);

-- What has happened to the orders, written with the change itself: the read side and the feed are fed from it. It is
-- kept, so that a read model can be built anew. Positions have no gaps.
CREATE TABLE outbox (
    position    BIGINT PRIMARY KEY,
    order_id    UUID NOT NULL,
    version     BIGINT NOT NULL,
    name        TEXT NOT NULL,
    data        JSON NOT NULL,
    event_id    UUID NOT NULL,
    recorded_at TIMESTAMPTZ NOT NULL,
    command_id  UUID NOT NULL,
    causation   UUID,
    actor       TEXT
);
CREATE UNIQUE INDEX outbox_versions ON outbox (order_id, version);
CREATE UNIQUE INDEX outbox_event_ids ON outbox (event_id);
