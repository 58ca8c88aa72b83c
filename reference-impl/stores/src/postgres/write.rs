//! The write side in PostgreSQL: the log and keys, whichever the write model.

use std::collections::HashMap;
use std::sync::Arc;

use reference_impl::domain::OrderId;
use reference_impl::store::{ActorKey, KeptOutcome, Position, RecordedEvent, StoreError, Version};
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::types::Uuid;
use sqlx::{PgExecutor, Row};

use super::follow::CHANNEL;
use super::lists::Lists;
use super::summaries::Summaries;
use super::{Pools, states};
use crate::engine::InTransaction;
use crate::error::{in_time, unavailable};
use crate::inline::Inline;
use crate::options::WriteModel;
use crate::plan::{Facts, Plan, Request, keys, orders};
use crate::state::OrderState;
use crate::store::Database;
use crate::text::column;
use crate::wire::{EventColumns, actor_key, json, key_columns, outcome, outcome_columns, signed, unsigned};

/// Events and keys on a server.
pub(super) struct PostgresWriteSide {
    pub(super) pools: Pools,
    /// The read models that each append brings along, if it does.
    pub(super) inline: Option<Inline<Summaries, Lists>>,
}

/// The statement over the table that has the log: `events` or `outbox`.
macro_rules! on_log {
    ($model:expr, $before:literal, $after:literal) => {
        match $model {
            WriteModel::Events => concat!($before, " events ", $after),
            WriteModel::State => concat!($before, " outbox ", $after),
        }
    };
}

impl Database for PostgresWriteSide {
    async fn commit(&self, requests: &[Request]) -> Result<Plan, StoreError> {
        let mut transaction = in_time(self.pools.durable.begin()).await?;
        let (point, model) = (&*self.pools.point, self.pools.model);
        let plan = Plan::of(facts(&mut transaction, &self.pools, requests).await?, requests);
        if plan.is_empty() {
            in_time(transaction.rollback()).await?;
            return Ok(plan);
        }
        let customers = match &self.inline {
            Some(inline) => inline.customers(&plan).await?,
            None => None,
        };
        let known = customers.is_some();
        states::know(&mut transaction, customers.unwrap_or_default()).await?;
        let mut parts = point.parts(plan).into_iter();
        let mut plan = parts.next().unwrap_or_default();
        carry_out(&mut transaction, model, known, &plan).await?;
        for part in parts {
            in_time(transaction.commit()).await?;
            point.between().await;
            transaction = in_time(self.pools.durable.begin()).await?;
            carry_out(&mut transaction, model, known, &part).await?;
            plan = plan.with(part);
        }
        let mut reached = None;
        if let Some(inline) = &self.inline {
            reached = Some((inline, inline.follow(&mut transaction, &plan).await?));
        }
        point.settle(Box::pin(InTransaction::commit(transaction))).await?;
        if let Some((inline, reached)) = reached {
            inline.committed(&reached);
        }
        Ok(plan)
    }

    fn one_at_a_time(&self) -> bool {
        !self.pools.point.position_sequence()
    }

    async fn load(&self, order: OrderId) -> Result<Option<OrderState>, StoreError> {
        Ok(states::orders(&self.pools.durable, vec![order.as_uuid()]).await?.remove(&order))
    }

    async fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let rows = sqlx::query(on_log!(
            self.pools.model,
            "SELECT position, order_id, version, data::text, event_id,
                    (extract(epoch FROM recorded_at) * 1000)::bigint, command_id, causation, actor
             FROM",
            "WHERE order_id = $1 AND version > $2 ORDER BY version"
        ));
        let rows = rows.bind(order.as_uuid()).bind(signed(after.get()));
        in_time(rows.fetch_all(&self.pools.durable)).await?.iter().map(event).collect()
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        read_all(&self.pools.durable, self.pools.model, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let head = sqlx::query_scalar("SELECT head FROM store");
        Ok(Position::new(unsigned(in_time(head.fetch_one(&self.pools.durable)).await?)?))
    }

    async fn find(&self, key: &ActorKey) -> Result<Option<KeptOutcome>, StoreError> {
        let (actor, key) = key_columns(key);
        let found =
            sqlx::query_as("SELECT command::text, outcome::text FROM keys WHERE actor = $1 AND key = $2");
        let found = found.bind(actor).bind(key).fetch_optional(&self.pools.durable);
        let found: Option<(String, String)> = in_time(found).await?;
        found.map(|(command, kept)| outcome(&command, &kept)).transpose()
    }
}

/// At most `limit` events after `after`.
pub(super) async fn read_all(
    executor: impl PgExecutor<'_>,
    model: WriteModel,
    after: Position,
    limit: usize,
) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
    let rows = sqlx::query(on_log!(
        model,
        "SELECT position, order_id, version, data::text, event_id,
                (extract(epoch FROM recorded_at) * 1000)::bigint, command_id, causation, actor
         FROM",
        "WHERE position > $1 ORDER BY position LIMIT $2"
    ));
    let rows = rows.bind(signed(after.get())).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    in_time(rows.fetch_all(executor)).await?.iter().map(event).collect()
}

/// Takes the lock that every append takes, then looks: what it sees stays so until the commit.
async fn facts(
    connection: &mut PgConnection,
    pools: &Pools,
    requests: &[Request],
) -> Result<Facts, StoreError> {
    let head = if pools.point.position_sequence() {
        sqlx::query_scalar(DRAWN_HEAD).bind(most_events(requests)).fetch_one(&mut *connection)
    } else {
        sqlx::query_scalar("SELECT head FROM store FOR UPDATE").fetch_one(&mut *connection)
    };
    let head = Position::new(unsigned(in_time(head).await?)?);
    let orders: Vec<_> = orders(requests).iter().map(OrderId::as_uuid).collect();
    let mut facts = match pools.model {
        WriteModel::Events => {
            Facts { head, versions: versions(&mut *connection, orders).await?, ..Facts::default() }
        }
        WriteModel::State => Facts::of_states(head, states::orders(&mut *connection, orders).await?),
    };
    let (actors, used): (Vec<_>, Vec<_>) = keys(requests)
        .into_iter()
        .map(key_columns)
        .map(|(actor, key)| (actor.into_owned(), key.into_owned()))
        .unzip();
    if !used.is_empty() {
        let found = sqlx::query_as(
            "SELECT k.actor, k.key, k.command::text, k.outcome::text
             FROM UNNEST($1::text[], $2::text[]) AS used (actor, key)
             JOIN keys k ON k.actor = used.actor AND k.key = used.key",
        );
        let found = found.bind(actors).bind(used).fetch_all(&mut *connection);
        let found: Vec<(String, String, String, String)> = in_time(found).await?;
        for (actor, key, command, kept) in found {
            facts.keys.insert(actor_key(&actor, &key), outcome(&command, &kept)?);
        }
    }
    Ok(facts)
}

/// Draws as many numbers as there may be events: the position before the first of them.
const DRAWN_HEAD: &str = "SELECT coalesce(min(drawn), 1) - 1 FROM (SELECT nextval('loose_positions') AS drawn FROM generate_series(1, $1)) d";

fn most_events(requests: &[Request]) -> i64 {
    let events = requests.iter().map(|request| match request {
        Request::Append(append) => append.events.len(),
        Request::Keep(..) => 0,
    });
    i64::try_from(events.sum::<usize>()).unwrap_or(i64::MAX)
}

/// Nobody else writes to these orders until the commit.
async fn versions(
    connection: &mut PgConnection,
    orders: Vec<Uuid>,
) -> Result<HashMap<OrderId, Version>, StoreError> {
    let found = sqlx::query_as("SELECT order_id, version FROM streams WHERE order_id = ANY($1) FOR UPDATE");
    let found: Vec<(Uuid, i64)> = in_time(found.bind(orders).fetch_all(connection)).await?;
    let version = |(order, version)| Ok((OrderId::new(order), Version::new(unsigned(version)?)));
    found.into_iter().map(version).collect()
}

/// The new events, a vector a column.
#[derive(Default)]
struct NewEvents {
    positions: Vec<i64>,
    orders: Vec<Uuid>,
    versions: Vec<i64>,
    names: Vec<&'static str>,
    data: Vec<String>,
    event_ids: Vec<Uuid>,
    recorded_at: Vec<i64>,
    command_ids: Vec<Uuid>,
    causations: Vec<Option<Uuid>>,
    actors: Vec<Option<String>>,
}

impl NewEvents {
    fn of(events: &[Arc<RecordedEvent>]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for recorded in events {
            let metadata = &recorded.metadata;
            columns.positions.push(signed(recorded.position.get()));
            columns.orders.push(recorded.order.as_uuid());
            columns.versions.push(signed(recorded.version.get()));
            columns.names.push(recorded.event.name());
            columns.data.push(json(&recorded.event)?);
            columns.event_ids.push(metadata.event_id.as_uuid());
            columns.recorded_at.push(metadata.time.as_unix_millis());
            columns.command_ids.push(metadata.command_id.as_uuid());
            columns.causations.push(metadata.causation.map(|causation| causation.as_uuid()));
            columns.actors.push(metadata.actor.as_ref().map(|actor| column(actor.as_str()).into_owned()));
        }
        Ok(columns)
    }
}

/// The new keys, a vector a column.
#[derive(Default)]
struct NewKeys {
    actors: Vec<String>,
    keys: Vec<String>,
    commands: Vec<String>,
    outcomes: Vec<String>,
}

impl NewKeys {
    fn of(new: &[(ActorKey, KeptOutcome)]) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for (key, kept) in new {
            let ((actor, key), (command, outcome)) = (key_columns(key), outcome_columns(kept)?);
            columns.actors.push(actor.into_owned());
            columns.keys.push(key.into_owned());
            columns.commands.push(command);
            columns.outcomes.push(outcome);
        }
        Ok(columns)
    }
}

/// All that a plan writes, in one way to the server and back: the log, keys, the head, and what else the write
/// model keeps. Others hear of the head once it is committed, and not before.
macro_rules! write_all {
    ($log:literal, $kept:literal) => {
        concat!(
            "WITH new_events AS (
                INSERT INTO ",
            $log,
            " (position, order_id, version, name, data, event_id, recorded_at, command_id, causation, actor)
                SELECT position, order_id, version, name, data::json, event_id,
                       'epoch'::timestamptz + recorded_at * interval '1 millisecond', command_id, causation, actor
                FROM UNNEST($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[],
                            $7::bigint[], $8::uuid[], $9::uuid[], $10::text[])
                     AS new (position, order_id, version, name, data, event_id, recorded_at, command_id, causation,
                             actor)
            ), new_keys AS (
                INSERT INTO keys (actor, key, command, outcome)
                SELECT actor, key, command::json, outcome::json
                FROM UNNEST($11::text[], $12::text[], $13::text[], $14::text[]) AS new (actor, key, command, outcome)
            ), moved AS (
                UPDATE store SET head = $15, customers_known = $17 WHERE head < $15 RETURNING head
            ), ",
            $kept,
            " SELECT pg_notify($16, head::text) FROM moved"
        )
    };
}

const WRITE_EVENTS: &str = write_all!(
    "events",
    "new_streams AS (
        INSERT INTO streams (order_id, version) SELECT * FROM UNNEST($18::uuid[], $19::bigint[])
        ON CONFLICT (order_id) DO UPDATE SET version = excluded.version
    )"
);

const WRITE_STATES: &str = write_all!(
    "outbox",
    "new_orders AS (
        INSERT INTO orders (order_id, version, customer_id, status, total, created_at, opened, position, deliver_at)
        SELECT order_id, version, customer_id, status, total::numeric,
               'epoch'::timestamptz + created_at * interval '1 millisecond', opened, position,
               'epoch'::timestamptz + deliver_at * interval '1 millisecond'
        FROM UNNEST($18::uuid[], $19::bigint[], $20::text[], $21::text[], $22::text[], $23::bigint[], $24::bigint[],
                    $25::bigint[], $26::bigint[])
             AS new (order_id, version, customer_id, status, total, created_at, opened, position, deliver_at)
        ON CONFLICT (order_id) DO UPDATE SET
            version = excluded.version, customer_id = excluded.customer_id, status = excluded.status,
            total = excluded.total, created_at = excluded.created_at, opened = excluded.opened,
            position = excluded.position, deliver_at = excluded.deliver_at
    ), new_lines AS (
        INSERT INTO order_items (order_id, line, product, quantity, price)
        SELECT order_id, line, product, quantity, price::numeric
        FROM UNNEST($27::uuid[], $28::bigint[], $29::text[], $30::bigint[], $31::text[])
             AS new (order_id, line, product, quantity, price)
        ON CONFLICT (order_id, line) DO UPDATE SET
            product = excluded.product, quantity = excluded.quantity, price = excluded.price
    ), old_lines AS (
        DELETE FROM order_items i USING UNNEST($32::uuid[], $33::bigint[]) AS shorter (order_id, lines)
        WHERE i.order_id = shorter.order_id AND i.line > shorter.lines
    )"
);

async fn carry_out(
    connection: &mut PgConnection,
    model: WriteModel,
    customers_known: bool,
    plan: &Plan,
) -> Result<(), StoreError> {
    let (events, keys) = (NewEvents::of(&plan.events)?, NewKeys::of(&plan.keys)?);
    let statement = match model {
        WriteModel::Events => WRITE_EVENTS,
        WriteModel::State => WRITE_STATES,
    };
    let write = sqlx::query(statement)
        .bind(events.positions)
        .bind(events.orders)
        .bind(events.versions)
        .bind(events.names)
        .bind(events.data)
        .bind(events.event_ids)
        .bind(events.recorded_at)
        .bind(events.command_ids)
        .bind(events.causations)
        .bind(events.actors)
        .bind(keys.actors)
        .bind(keys.keys)
        .bind(keys.commands)
        .bind(keys.outcomes)
        .bind(signed(plan.head.get()))
        .bind(CHANNEL)
        .bind(customers_known);
    let write = match model {
        WriteModel::Events => {
            let streams =
                plan.streams.iter().map(|(order, version)| (order.as_uuid(), signed(version.get())));
            let (orders, versions): (Vec<_>, Vec<_>) = streams.unzip();
            write.bind(orders).bind(versions)
        }
        WriteModel::State => states::bind(write, &plan.changes),
    };
    in_time(write.execute(connection)).await?;
    Ok(())
}

fn event(row: &PgRow) -> Result<Arc<RecordedEvent>, StoreError> {
    let columns = || -> Result<EventColumns, sqlx::Error> {
        Ok(EventColumns {
            position: row.try_get(0)?,
            order: row.try_get(1)?,
            version: row.try_get(2)?,
            data: row.try_get(3)?,
            event_id: row.try_get(4)?,
            recorded_at: row.try_get(5)?,
            command_id: row.try_get(6)?,
            causation: row.try_get(7)?,
            actor: row.try_get(8)?,
        })
    };
    columns().map_err(|error| unavailable(&error))?.event()
}
