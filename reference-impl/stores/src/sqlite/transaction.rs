//! One transaction that writes.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use reference_impl::store::StoreError;
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection, SqlitePool};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::engine::InTransaction;
use crate::error::in_time;

/// A connection that is in a transaction. If that doesn't come to an end, the connection is closed: after
/// some failures (a full disk is one) SQLite has ended the transaction by itself and after others not, and
/// a new connection knows nothing of either.
pub(super) struct Writing {
    connection: PoolConnection<Sqlite>,
    ended: bool,
    _turn: OwnedMutexGuard<()>,
}

impl Writing {
    /// Begins at once: a transaction that reads first and then wants to write is refused if another has
    /// written meanwhile, whatever the busy timeout.
    pub(super) async fn begin(pool: &SqlitePool, turn: &Arc<Mutex<()>>) -> Result<Self, StoreError> {
        let turn = Arc::clone(turn).lock_owned().await;
        let mut writing = Self { connection: in_time(pool.acquire()).await?, ended: false, _turn: turn };
        in_time(sqlx::query("BEGIN IMMEDIATE").execute(&mut *writing)).await?;
        Ok(writing)
    }
}

impl InTransaction<SqliteConnection> for Writing {
    /// It is on disk then, if the connection waits for that.
    async fn commit(mut self) -> Result<(), StoreError> {
        in_time(sqlx::query("COMMIT").execute(&mut *self)).await?;
        self.ended = true;
        Ok(())
    }

    async fn rollback(mut self) -> Result<(), StoreError> {
        in_time(sqlx::query("ROLLBACK").execute(&mut *self)).await?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if !self.ended {
            self.connection.close_on_drop();
        }
    }
}

impl Deref for Writing {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        &self.connection
    }
}

impl DerefMut for Writing {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }
}
