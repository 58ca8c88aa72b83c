//! The write side in SQLite: the log and keys, whichever the write model.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use reference_impl::domain::{OrderEvent, OrderId};
use reference_impl::store::{ActorKey, KeptOutcome, Position, RecordedEvent, StoreError, Version};
use serde::Serialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection, SqliteExecutor};
use uuid::Uuid;

use super::lists::Lists;
use super::summaries::Summaries;
use super::transaction::Writing;
use super::{Connections, states};
use crate::engine::InTransaction as _;
use crate::error::{corrupt, in_time, unavailable};
use crate::inline::Inline;
use crate::options::WriteModel;
use crate::plan::{Facts, Plan, Request, keys, orders};
use crate::state::OrderState;
use crate::store::Database;
use crate::text::column;
use crate::wire::{EventColumns, actor_key, json, key_columns, outcome, outcome_columns, signed, unsigned};

/// Events and keys in one file.
pub(super) struct SqliteWriteSide {
    pub(super) connections: Arc<Connections>,
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

impl Database for SqliteWriteSide {
    async fn commit(&self, requests: &[Request]) -> Result<Plan, StoreError> {
        let Connections { writer, turn, model, point, .. } = &*self.connections;
        let mut transaction = Writing::begin(writer, turn).await?;
        let plan = Plan::of(facts(&mut transaction, *model, requests).await?, requests);
        if plan.is_empty() {
            transaction.rollback().await?;
            return Ok(plan);
        }
        let customers = match &self.inline {
            Some(inline) => inline.customers(&plan).await?,
            None => None,
        };
        let known = customers.is_some();
        states::know(&mut transaction, &customers.unwrap_or_default()).await?;
        let mut parts = point.parts(plan).into_iter();
        let mut plan = parts.next().unwrap_or_default();
        carry_out(&mut transaction, *model, known, &plan).await?;
        for part in parts {
            transaction.commit().await?;
            point.between().await;
            transaction = Writing::begin(writer, turn).await?;
            carry_out(&mut transaction, *model, known, &part).await?;
            plan = plan.with(part);
        }
        let mut reached = None;
        if let Some(inline) = &self.inline {
            reached = Some((inline, inline.follow(&mut transaction, &plan).await?));
        }
        point.settle(Box::pin(transaction.commit())).await?;
        if let Some((inline, reached)) = reached {
            inline.committed(&reached);
        }
        Ok(plan)
    }

    fn one_at_a_time(&self) -> bool {
        true
    }

    async fn load(&self, order: OrderId) -> Result<Option<OrderState>, StoreError> {
        Ok(states::orders(&self.connections.readers, &[order]).await?.remove(&order))
    }

    async fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let rows = sqlx::query(on_log!(
            self.connections.model,
            "SELECT position, order_id, version, data, event_id, recorded_at, command_id, causation, actor FROM",
            "WHERE order_id = ?1 AND version > ?2 ORDER BY version"
        ));
        let rows = rows.bind(order.to_string()).bind(signed(after.get()));
        in_time(rows.fetch_all(&self.connections.readers)).await?.iter().map(event).collect()
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        read_all(&self.connections.readers, self.connections.model, after, limit).await
    }

    async fn head(&self) -> Result<Position, StoreError> {
        let head = sqlx::query_scalar("SELECT head FROM store");
        Ok(Position::new(unsigned(in_time(head.fetch_one(&self.connections.readers)).await?)?))
    }

    async fn find(&self, key: &ActorKey) -> Result<Option<KeptOutcome>, StoreError> {
        let (actor, key) = key_columns(key);
        let found = sqlx::query_as("SELECT command, outcome FROM keys WHERE actor = ?1 AND key = ?2");
        let found = found.bind(actor).bind(key).fetch_optional(&self.connections.readers);
        let found: Option<(String, String)> = in_time(found).await?;
        found.map(|(command, kept)| outcome(&command, &kept)).transpose()
    }
}

/// At most `limit` events after `after`.
pub(super) async fn read_all(
    executor: impl SqliteExecutor<'_>,
    model: WriteModel,
    after: Position,
    limit: usize,
) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
    let rows = sqlx::query(on_log!(
        model,
        "SELECT position, order_id, version, data, event_id, recorded_at, command_id, causation, actor FROM",
        "WHERE position > ?1 ORDER BY position LIMIT ?2"
    ));
    let rows = rows.bind(signed(after.get())).bind(i64::try_from(limit).unwrap_or(i64::MAX));
    in_time(rows.fetch_all(executor)).await?.iter().map(event).collect()
}

async fn facts(
    connection: &mut SqliteConnection,
    model: WriteModel,
    requests: &[Request],
) -> Result<Facts, StoreError> {
    let head = sqlx::query_scalar("SELECT head FROM store").fetch_one(&mut *connection);
    let head = Position::new(unsigned(in_time(head).await?)?);
    let orders = orders(requests);
    let mut facts = match model {
        WriteModel::Events => {
            Facts { head, versions: versions(&mut *connection, &orders).await?, ..Facts::default() }
        }
        WriteModel::State => Facts::of_states(head, states::orders(&mut *connection, &orders).await?),
    };
    let used: Vec<_> = keys(requests).into_iter().map(key_columns).collect();
    if !used.is_empty() {
        let found = sqlx::query_as(
            "SELECT k.actor, k.key, k.command, k.outcome FROM json_each(?1) AS used
             CROSS JOIN keys k ON k.actor = used.value ->> 0 AND k.key = used.value ->> 1",
        );
        let found = found.bind(json(&used)?).fetch_all(&mut *connection);
        let found: Vec<(String, String, String, String)> = in_time(found).await?;
        for (actor, key, command, kept) in found {
            facts.keys.insert(actor_key(&actor, &key), outcome(&command, &kept)?);
        }
    }
    Ok(facts)
}

async fn versions(
    connection: &mut SqliteConnection,
    orders: &[OrderId],
) -> Result<HashMap<OrderId, Version>, StoreError> {
    let found = sqlx::query_as(
        "SELECT order_id, version FROM streams WHERE order_id IN (SELECT value FROM json_each(?1))",
    );
    let found: Vec<(String, i64)> = in_time(found.bind(json(&orders)?).fetch_all(connection)).await?;
    let mut versions = HashMap::with_capacity(found.len());
    for (order, version) in found {
        versions.insert(order.parse().map_err(corrupt)?, Version::new(unsigned(version)?));
    }
    Ok(versions)
}

#[derive(Serialize)]
struct NewEvent<'a> {
    position: i64,
    order_id: Uuid,
    version: i64,
    name: &'static str,
    data: &'a OrderEvent,
    event_id: Uuid,
    recorded_at: i64,
    command_id: Uuid,
    causation: Option<Uuid>,
    actor: Option<Cow<'a, str>>,
}

impl<'a> NewEvent<'a> {
    fn of(recorded: &'a RecordedEvent) -> Self {
        let metadata = &recorded.metadata;
        Self {
            position: signed(recorded.position.get()),
            order_id: recorded.order.as_uuid(),
            version: signed(recorded.version.get()),
            name: recorded.event.name(),
            data: &recorded.event,
            event_id: metadata.event_id.as_uuid(),
            recorded_at: metadata.time.as_unix_millis(),
            command_id: metadata.command_id.as_uuid(),
            causation: metadata.causation.map(|causation| causation.as_uuid()),
            actor: metadata.actor.as_ref().map(|actor| column(actor.as_str())),
        }
    }
}

/// Writes a plan: one statement a table, however many rows.
async fn carry_out(
    connection: &mut SqliteConnection,
    model: WriteModel,
    customers_known: bool,
    plan: &Plan,
) -> Result<(), StoreError> {
    if !plan.events.is_empty() {
        write_log(connection, model, plan).await?;
        let head = sqlx::query("UPDATE store SET head = ?1, customers_known = ?2");
        let head = head.bind(signed(plan.head.get())).bind(customers_known);
        in_time(head.execute(&mut *connection)).await?;
    }
    if !plan.streams.is_empty() {
        match model {
            WriteModel::Events => write_streams(connection, plan).await?,
            WriteModel::State => states::write(connection, &plan.changes).await?,
        }
    }
    write_keys(connection, plan).await
}

async fn write_log(
    connection: &mut SqliteConnection,
    model: WriteModel,
    plan: &Plan,
) -> Result<(), StoreError> {
    let events: Vec<_> = plan.events.iter().map(|event| NewEvent::of(event)).collect();
    let insert = sqlx::query(on_log!(
        model,
        "INSERT INTO",
        "(position, order_id, version, name, data, event_id, recorded_at, command_id, causation, actor)
         SELECT value ->> 'position', value ->> 'order_id', value ->> 'version', value ->> 'name',
                value -> 'data', value ->> 'event_id', value ->> 'recorded_at', value ->> 'command_id',
                value ->> 'causation', value ->> 'actor'
         FROM json_each(?1)"
    ));
    in_time(insert.bind(json(&events)?).execute(connection)).await?;
    Ok(())
}

async fn write_streams(connection: &mut SqliteConnection, plan: &Plan) -> Result<(), StoreError> {
    let streams: Vec<_> =
        plan.streams.iter().map(|(order, version)| (order.as_uuid(), version.get())).collect();
    let upsert = sqlx::query(
        "INSERT INTO streams (order_id, version)
         SELECT value ->> 0, value ->> 1 FROM json_each(?1) WHERE true
         ON CONFLICT (order_id) DO UPDATE SET version = excluded.version",
    );
    in_time(upsert.bind(json(&streams)?).execute(connection)).await?;
    Ok(())
}

async fn write_keys(connection: &mut SqliteConnection, plan: &Plan) -> Result<(), StoreError> {
    if !plan.keys.is_empty() {
        let mut rows = Vec::with_capacity(plan.keys.len());
        for (key, kept) in &plan.keys {
            let ((actor, key), (command, outcome)) = (key_columns(key), outcome_columns(kept)?);
            rows.push((actor, key, command, outcome));
        }
        let insert = sqlx::query(
            "INSERT INTO keys (actor, key, command, outcome)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)",
        );
        in_time(insert.bind(json(&rows)?).execute(connection)).await?;
    }
    Ok(())
}

fn event(row: &SqliteRow) -> Result<Arc<RecordedEvent>, StoreError> {
    let id = |index: usize| -> Result<Uuid, StoreError> {
        let text = row.try_get::<&str, _>(index).map_err(|error| unavailable(&error))?;
        text.parse().map_err(corrupt)
    };
    let number = |index: usize| row.try_get::<i64, _>(index).map_err(|error| unavailable(&error));
    let text = |index: usize| row.try_get::<Option<String>, _>(index).map_err(|error| unavailable(&error));
    let columns = EventColumns {
        position: number(0)?,
        order: id(1)?,
        version: number(2)?,
        data: text(3)?.unwrap_or_default(),
        event_id: id(4)?,
        recorded_at: number(5)?,
        command_id: id(6)?,
        causation: text(7)?.map(|text| text.parse().map_err(corrupt)).transpose()?,
        actor: text(8)?,
    };
    columns.event()
}
