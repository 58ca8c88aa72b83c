//! PostgreSQL: a server, for one process or several.
//!
//! Every wait has an end: the server gives up a statement, a lock or an idle transaction after the
//! limits that are set when a connection is made, and so does this side.

mod engine;
mod follow;
mod generations;
mod lists;
mod rows;
mod states;
mod summaries;
mod triggers;
mod write;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use reference_impl::projection::InlineProjection;
use reference_impl::system::Stores;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::address::PostgresAddress;
use crate::defect::{StorePoint, installed};
use crate::error::{DEADLINE, OpenError};
use crate::inline::{Attached, Inline};
use crate::migrate::Schema;
use crate::opened::{Opened, StoreRow, model_of_new};
use crate::options::{Options, ProjectedBy, WriteModel};
use crate::store::DatabaseStore;
use lists::Lists;
use summaries::Summaries;
use write::PostgresWriteSide;

/// How long the server may take to let the first connection in.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many connections there are: one writes events, one listens, the others read.
const CONNECTIONS: u32 = 8;
/// How many there are besides that project: two read models, and a rebuild beside.
const PROJECTORS: u32 = 3;

const SCHEMA: Schema = Schema(&[
    ("orders", include_str!("../../migrations/postgres/0001_orders.sql")),
    ("states", include_str!("../../migrations/postgres/0002_states.sql")),
    ("rows", include_str!("../../migrations/postgres/0003_rows.sql")),
    ("delivery", include_str!("../../migrations/postgres/0004_delivery.sql")),
]);

/// Where a server is, out of its address: with the password.
pub(crate) fn options(address: &str) -> Option<PgConnectOptions> {
    PgConnectOptions::from_str(address).ok()
}

/// The connections to one server.
#[derive(Clone)]
struct Pools {
    /// What these commit is on disk.
    durable: PgPool,
    /// For the rows of read models. A crash of the server can lose the last of what these commit, rows and
    /// checkpoint together, and they are projected again: so they need not wait for the disk.
    projector: PgPool,
    /// Which table has the log.
    model: WriteModel,
    /// Where defects wrap the store.
    point: Arc<dyn StorePoint>,
}

/// Opens the stores on a server.
pub(crate) async fn open(address: &PostgresAddress, options: &Options) -> Result<Stores, OpenError> {
    let shown = address.to_string();
    let refused = |error: sqlx::Error| OpenError::from_database(&shown, &error);
    let connect = PgConnectOptions::clone(&address.options)
        .application_name("reference-stores")
        .options([
            ("statement_timeout", "10s"),
            ("lock_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "30s"),
            // Everything here is looked up by key. A plan that is made while the tables are new, and kept, would read
            // them from end to end for it.
            ("enable_seqscan", "off"),
            // A table without an index is read from end to end all the same, at a price at which the server compiles the
            // plan first: that takes longer by far than any statement here.
            ("jit", "off"),
            // The decimals and dates below are texts that this side reads.
            ("timezone", "UTC"),
        ])
        .disable_statement_logging();
    // A pool tries on where nobody listens, and doesn't say why in the end. One connection says it at once.
    match timeout(CONNECT_TIMEOUT, PgConnection::connect_with(&connect)).await {
        Ok(connected) => {
            let _ = connected.map_err(refused)?.close().await;
        }
        Err(_) => return Err(refused(sqlx::Error::PoolTimedOut)),
    }
    let pools = |connections| PgPoolOptions::new().max_connections(connections).acquire_timeout(DEADLINE);
    let pool = pools(CONNECTIONS).connect_with(connect.clone()).await.map_err(refused)?;
    let projector = connect.options([("synchronous_commit", "off")]);
    let projector = pools(PROJECTORS).connect_lazy_with(projector);
    let migrated = SCHEMA.migrator().run(&pool).await;
    migrated.map_err(|error| OpenError::from_migration(&shown, SCHEMA.version(), error))?;
    let Opened { opening, head, model } = opened(&pool, &shown, options).await?;
    let point = installed(options);
    triggers::set(&pool, options.projected_by == ProjectedBy::Triggers, &*point).await.map_err(refused)?;
    let pools = Pools { durable: pool.clone(), projector, model, point };
    let attached = Arc::new(Attached::default());
    let (inline, told) = match options.projected_by {
        ProjectedBy::Events => (None, None),
        by => {
            let (summaries, lists) = (Summaries(pools.clone()), Lists(pools.clone()));
            (Some(Inline { summaries, lists, by, attached: Arc::clone(&attached) }), Some(attached))
        }
    };
    let heads = Arc::new(watch::Sender::new(head));
    let database = Arc::new(PostgresWriteSide { pools: pools.clone(), inline });
    tokio::spawn(follow::follow(pool, Arc::downgrade(&database), Arc::downgrade(&heads)));
    let write = DatabaseStore::start(database, model, heads);
    let inline = told.map(|told| told as Arc<dyn InlineProjection>);
    Ok(Stores { write, read: Arc::new(rows::read_side(&pools)), inline, opening })
}

/// Counts this opening. A database that can't be used is left as it is.
async fn opened(pool: &PgPool, shown: &str, options: &Options) -> Result<Opened, OpenError> {
    let refused = |error: sqlx::Error| OpenError::from_database(shown, &error);
    let mut transaction = pool.begin().await.map_err(refused)?;
    let row = sqlx::query_as(
        "UPDATE store SET openings = openings + 1, write_model = coalesce(write_model, $1)
         RETURNING openings, head, write_model",
    );
    let row: StoreRow =
        row.bind(model_of_new(options)).fetch_one(&mut *transaction).await.map_err(refused)?;
    let opened = Opened::of(shown, row, true, options)?;
    transaction.commit().await.map_err(refused)?;
    Ok(opened)
}
