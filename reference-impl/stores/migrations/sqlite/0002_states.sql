-- Which write model the database keeps; none before it is first opened.
ALTER TABLE store ADD COLUMN write_model TEXT CHECK (write_model IN ('events', 'state'));
UPDATE store SET write_model = 'events' WHERE head > 0;

-- The state-based write model: each order as it is now. opened, position: those of the first and of the last message
-- about it. total is a decimal as text; NULL where no exact decimal can hold it.
CREATE TABLE orders (
    order_id    TEXT PRIMARY KEY,
    version     INTEGER NOT NULL CHECK (version > 0),
    customer_id TEXT NOT NULL,
    status      TEXT NOT NULL CHECK (status IN ('pending', 'confirmed', 'cancelled')),
    total       TEXT,
    created_at  INTEGER NOT NULL,
    opened      INTEGER NOT NULL,
    position    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Its lines, in the order they were added: 1, 2 and so on. They are written before their order.
CREATE TABLE order_items (
    order_id TEXT NOT NULL REFERENCES orders DEFERRABLE INITIALLY DEFERRED,
    line     INTEGER NOT NULL CHECK (line > 0),
    product  TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    price    TEXT NOT NULL,
    PRIMARY KEY (order_id, line)
) STRICT, WITHOUT ROWID;

-- What has happened to the orders, written with the change itself: the read side and the feed are fed from it. It is
-- kept, so that a read model can be built anew. Positions have no gaps.
CREATE TABLE outbox (
    position    INTEGER PRIMARY KEY,
    order_id    TEXT NOT NULL,
    version     INTEGER NOT NULL,
    name        TEXT NOT NULL,
    data        TEXT NOT NULL CHECK (json_valid(data)),
    event_id    TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    command_id  TEXT NOT NULL,
    causation   TEXT,
    actor       TEXT
) STRICT;
CREATE UNIQUE INDEX outbox_versions ON outbox (order_id, version);
CREATE UNIQUE INDEX outbox_event_ids ON outbox (event_id);
