//! The write side in PostgreSQL: events, streams and keys.

use std::collections::HashMap;
use std::sync::Arc;

use reference_impl::domain::OrderId;
use reference_impl::store::{ActorKey, KeptOutcome, Position, RecordedEvent, StoreError, Version};
use sqlx::postgres::{PgConnection, PgPool, PgRow};
use sqlx::{Row, types::Uuid};

use super::follow::CHANNEL;
use crate::error::{in_time, unavailable};
use crate::plan::{Facts, Plan, Request, keys, orders};
use crate::store::Database;
use crate::text::column;
use crate::wire::{EventColumns, actor_key, json, key_columns, outcome, outcome_columns, signed, unsigned};

/// Events and keys on a server.
pub(super) struct PostgresWriteSide(pub(super) PgPool);

impl Database for PostgresWriteSide {
    async fn commit(&self, requests: &[Request]) -> Result<Plan, StoreError> {
        let mut transaction = in_time(self.0.begin()).await?;
        let plan = Plan::of(facts(&mut transaction, requests).await?, requests);
        if plan.is_empty() {
            in_time(transaction.rollback()).await?;
        } else {
            carry_out(&mut transaction, &plan).await?;
            in_time(transaction.commit()).await?;
        }
        Ok(plan)
    }

    async fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, order_id, version, data::text, event_id,
                    (extract(epoch FROM recorded_at) * 1000)::bigint, command_id, causation, actor
             FROM events WHERE order_id = $1 AND version > $2 ORDER BY version",
        );
        let rows = rows.bind(order.as_uuid()).bind(signed(after.get()));
        in_time(rows.fetch_all(&self.0)).await?.iter().map(event).collect()
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let rows = sqlx::query(
            "SELECT position, order_id, version, data::text, event_id,
                    (extract(epoch FROM recorded_at) * 1000)::bigint, command_id, causation, actor
             FROM events WHERE position > $1 ORDER BY position LIMIT $2",
        );
        let rows = rows.bind(signed(after.get())).bind(i64::try_from(limit).unwrap_or(i64::MAX));
        in_time(rows.fetch_all(&self.0)).await?.iter().map(event).collect()
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let head = sqlx::query_scalar("SELECT head FROM store");
        Ok(Position::new(unsigned(in_time(head.fetch_one(&self.0)).await?)?))
    }

    async fn find(&self, key: &ActorKey) -> Result<Option<KeptOutcome>, StoreError> {
        let (actor, key) = key_columns(key);
        let found =
            sqlx::query_as("SELECT command::text, outcome::text FROM keys WHERE actor = $1 AND key = $2");
        let found = found.bind(actor).bind(key).fetch_optional(&self.0);
        let found: Option<(String, String)> = in_time(found).await?;
        found.map(|(command, kept)| outcome(&command, &kept)).transpose()
    }
}

/// Takes the lock that every append takes, then looks: what it sees stays so until the commit.
async fn facts(connection: &mut PgConnection, requests: &[Request]) -> Result<Facts, StoreError> {
    let head = sqlx::query_scalar("SELECT head FROM store FOR UPDATE").fetch_one(&mut *connection);
    let head = Position::new(unsigned(in_time(head).await?)?);
    let orders: Vec<_> = orders(requests).iter().map(OrderId::as_uuid).collect();
    let found = sqlx::query_as("SELECT order_id, version FROM streams WHERE order_id = ANY($1)");
    let found: Vec<(Uuid, i64)> = in_time(found.bind(orders).fetch_all(&mut *connection)).await?;
    let mut versions = HashMap::with_capacity(found.len());
    for (order, version) in found {
        versions.insert(OrderId::new(order), Version::new(unsigned(version)?));
    }
    let mut facts = Facts { head, versions, keys: HashMap::new() };
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
            columns.recorded_at.push(signed(metadata.time.as_unix_millis()));
            columns.command_ids.push(metadata.command_id.as_uuid());
            columns.causations.push(metadata.causation.map(|causation| causation.as_uuid()));
            columns.actors.push(metadata.actor.as_ref().map(|actor| column(actor.as_str()).into_owned()));
        }
        Ok(columns)
    }
}

/// Writes a plan: one statement a table, however many rows.
async fn carry_out(connection: &mut PgConnection, plan: &Plan) -> Result<(), StoreError> {
    if !plan.events.is_empty() {
        let new = NewEvents::of(&plan.events)?;
        let insert = sqlx::query(
            "INSERT INTO events (position, order_id, version, name, data, event_id, recorded_at, command_id,
                                 causation, actor)
             SELECT position, order_id, version, name, data::json, event_id,
                    'epoch'::timestamptz + recorded_at * interval '1 millisecond', command_id, causation, actor
             FROM UNNEST($1::bigint[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::uuid[],
                         $7::bigint[], $8::uuid[], $9::uuid[], $10::text[])
                  AS new (position, order_id, version, name, data, event_id, recorded_at, command_id,
                          causation, actor)",
        );
        let insert = insert.bind(new.positions).bind(new.orders).bind(new.versions).bind(new.names);
        let insert = insert.bind(new.data).bind(new.event_ids).bind(new.recorded_at).bind(new.command_ids);
        let insert = insert.bind(new.causations).bind(new.actors);
        in_time(insert.execute(&mut *connection)).await?;
        let (orders, versions): (Vec<_>, Vec<_>) =
            plan.streams.iter().map(|(order, version)| (order.as_uuid(), signed(version.get()))).unzip();
        let upsert = sqlx::query(
            "INSERT INTO streams (order_id, version) SELECT * FROM UNNEST($1::uuid[], $2::bigint[])
             ON CONFLICT (order_id) DO UPDATE SET version = excluded.version",
        );
        in_time(upsert.bind(orders).bind(versions).execute(&mut *connection)).await?;
        // Others hear of it once it is committed, and not before.
        let head = sqlx::query(
            "WITH moved AS (UPDATE store SET head = $1 RETURNING head) SELECT pg_notify($2, head::text) FROM moved",
        );
        in_time(head.bind(signed(plan.head.get())).bind(CHANNEL).execute(&mut *connection)).await?;
    }
    if !plan.keys.is_empty() {
        let (mut actors, mut keys) = (Vec::new(), Vec::new());
        let (mut commands, mut outcomes) = (Vec::new(), Vec::new());
        for (key, kept) in &plan.keys {
            let ((actor, key), (command, outcome)) = (key_columns(key), outcome_columns(kept)?);
            actors.push(actor.into_owned());
            keys.push(key.into_owned());
            commands.push(command);
            outcomes.push(outcome);
        }
        let insert = sqlx::query(
            "INSERT INTO keys (actor, key, command, outcome)
             SELECT actor, key, command::json, outcome::json
             FROM UNNEST($1::text[], $2::text[], $3::text[], $4::text[]) AS new (actor, key, command, outcome)",
        );
        let insert = insert.bind(actors).bind(keys).bind(commands).bind(outcomes);
        in_time(insert.execute(connection)).await?;
    }
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
