//! SQLite: one file, in the same process.
//!
//! Two connections write and several read, in WAL mode. What the write side commits is on disk before
//! it is acknowledged (`synchronous = FULL`). Read models can be had again from the log, so that their
//! writes need not wait for the disk (`NORMAL`): a crash of the machine can lose the last of them, rows
//! and checkpoint together, and they are projected again.

mod engine;
mod generations;
mod lists;
mod rows;
mod states;
mod summaries;
mod transaction;
mod triggers;
mod write;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reference_impl::projection::InlineProjection;
use reference_impl::system::Stores;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use tokio::sync::{Mutex, watch};

use crate::defect::{StorePoint, installed};
use crate::error::{DEADLINE, OpenError};
use crate::inline::{Attached, Inline};
use crate::migrate::Schema;
use crate::opened::{Opened, model_of_new};
use crate::options::{Options, ProjectedBy, WriteModel};
use crate::store::{DatabaseStore, poll};
use lists::Lists;
use summaries::Summaries;
use write::SqliteWriteSide;

/// How long SQLite waits for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How often is looked for what other processes have written.
const POLL: Duration = Duration::from_millis(200);
/// How many rows SQLite's own thread reads ahead.
const ROW_BUFFER: usize = 1024;
/// How many readers there are.
const READERS: u32 = 4;

const SCHEMA: Schema = Schema(&[
    ("orders", include_str!("../../migrations/sqlite/0001_orders.sql")),
    ("states", include_str!("../../migrations/sqlite/0002_states.sql")),
    ("rows", include_str!("../../migrations/sqlite/0003_rows.sql")),
    ("delivery", include_str!("../../migrations/sqlite/0004_delivery.sql")),
]);

/// The connections to one file.
struct Connections {
    /// For events and keys.
    writer: SqlitePool,
    /// For the rows of read models.
    projector: SqlitePool,
    readers: SqlitePool,
    /// Held by whoever writes: SQLite has one writer at a time, and would have the other sleep and
    /// look again.
    turn: Arc<Mutex<()>>,
    /// Which table has the log.
    model: WriteModel,
    /// Where defects wrap the store.
    point: Arc<dyn StorePoint>,
}

/// Opens the stores in `file`.
pub(crate) async fn open(file: &Path, options: &Options) -> Result<Stores, OpenError> {
    let address = format!("sqlite:{}", file.display());
    let refused = |error: sqlx::Error| OpenError::from_database(&address, &error);
    let connect = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(ROW_BUFFER);
    let pool = |connections| {
        SqlitePoolOptions::new()
            .max_connections(connections)
            .acquire_timeout(DEADLINE)
            .test_before_acquire(false)
    };
    let durable = connect.clone().synchronous(SqliteSynchronous::Full);
    let writer = pool(1).connect_with(durable).await.map_err(refused)?;
    let migrated = SCHEMA.migrator().run(&writer).await;
    migrated.map_err(|error| OpenError::from_migration(&address, SCHEMA.version(), error))?;
    let connect = connect.synchronous(SqliteSynchronous::Normal);
    let projector = pool(1).connect_with(connect.clone()).await.map_err(refused)?;
    let readers = pool(READERS).connect_with(connect.read_only(true)).await.map_err(refused)?;

    let row = sqlx::query_as(
        "UPDATE store SET openings = openings + 1, write_model = coalesce(write_model, ?1)
         RETURNING openings, head, write_model",
    );
    // What can't be used is left as it is.
    let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await.map_err(refused)?;
    let row = row.bind(model_of_new(options)).fetch_one(&mut *transaction).await.map_err(refused)?;
    let Opened { opening, head, model } = Opened::of(&address, row, false, options)?;
    transaction.commit().await.map_err(refused)?;
    let point = installed(options);
    triggers::set(&writer, options.projected_by == ProjectedBy::Triggers, &*point).await.map_err(refused)?;
    let heads = Arc::new(watch::Sender::new(head));
    let connections =
        Arc::new(Connections { writer, projector, readers, turn: Arc::default(), model, point });
    let attached = Arc::new(Attached::default());
    let (inline, told) = match options.projected_by {
        ProjectedBy::Events => (None, None),
        by => {
            let (summaries, lists) = (Summaries(Arc::clone(&connections)), Lists(Arc::clone(&connections)));
            (Some(Inline { summaries, lists, by, attached: Arc::clone(&attached) }), Some(attached))
        }
    };
    let database = Arc::new(SqliteWriteSide { connections: Arc::clone(&connections), inline });
    tokio::spawn(poll(Arc::downgrade(&database), Arc::downgrade(&heads), POLL));
    let write = DatabaseStore::start(database, model, heads);
    let inline = told.map(|told| told as Arc<dyn InlineProjection>);
    Ok(Stores { write, read: Arc::new(rows::read_side(&connections)), inline, opening })
}
