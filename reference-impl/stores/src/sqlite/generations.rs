//! Generations of rows in SQLite: a column in the tables of rows says which each row belongs to.
//!
//! A generation that was replaced is cleared away once nobody in this process reads it any more. Another
//! process that still does is told that it was replaced.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use reference_impl::BoxFuture;
use reference_impl::projection::{Generation, GenerationId, Generations, ProjectionStamp};
use reference_impl::store::StoreError;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::Connections;
use super::rows::Rows;
use crate::error::{corrupt, in_time, unavailable};
use crate::wire::{signed, unsigned};

/// How many rows are deleted in one transaction, so that no writer waits for long.
const SWEEP: i64 = 5000;
/// How long readers of a replaced generation have before it is looked whether they are done.
const SWEEP_PAUSE: Duration = Duration::from_millis(50);

/// What sets one read model's table apart.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table {
    pub(super) read_model: &'static str,
    /// Deletes at most `?2` rows of generation `?1`.
    pub(super) delete: &'static str,
}

/// The generations of one read model.
pub(super) struct SqliteGenerations<R: ?Sized> {
    repository: fn(Rows) -> Arc<R>,
    sweeper: Arc<Sweeper<R>>,
}

/// Clears away what nobody needs.
struct Sweeper<R: ?Sized> {
    connections: Arc<Connections>,
    table: Table,
    /// What this process has handed out.
    held: Mutex<Vec<(GenerationId, Weak<R>)>>,
}

impl<R: ?Sized> fmt::Debug for SqliteGenerations<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteGenerations").field("table", &self.sweeper.table).finish_non_exhaustive()
    }
}

impl<R: ?Sized + Send + Sync + 'static> SqliteGenerations<R> {
    pub(super) fn new(connections: Arc<Connections>, table: Table, repository: fn(Rows) -> Arc<R>) -> Self {
        let sweeper = Sweeper { connections, table, held: Mutex::default() };
        Self { repository, sweeper: Arc::new(sweeper) }
    }

    fn generation(&self, id: GenerationId, stamp: ProjectionStamp) -> Generation<R> {
        let rows = Rows { connections: Arc::clone(&self.sweeper.connections), generation: id };
        let rows = (self.repository)(rows);
        self.sweeper.hold(id, &rows);
        Generation { id, rows, stamp }
    }

    async fn find_current(&self) -> Result<Option<Generation<R>>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest FROM generations WHERE read_model = ?1 AND current = 1",
        );
        let found =
            found.bind(self.sweeper.table.read_model).fetch_optional(&self.sweeper.connections.readers);
        let Some((id, version, digest)) = in_time(found).await? else { return Ok(None) };
        let (id, version, digest): (i64, i64, String) = (id, version, digest);
        let stamp = ProjectionStamp {
            version: u32::try_from(version).map_err(corrupt)?,
            digest: u64::from_str_radix(&digest, 16).map_err(corrupt)?,
        };
        Ok(Some(self.generation(GenerationId(unsigned(id)?), stamp)))
    }

    async fn insert(&self, stamp: ProjectionStamp) -> Result<Generation<R>, StoreError> {
        self.sweeper.sweep().await?;
        let _turn = self.sweeper.connections.turn.lock().await;
        let insert = sqlx::query_scalar(
            "INSERT INTO generations (read_model, version, digest, checkpoint)
             VALUES (?1, ?2, ?3, 0) RETURNING id",
        );
        let insert = insert.bind(self.sweeper.table.read_model).bind(i64::from(stamp.version));
        let insert =
            insert.bind(format!("{:016x}", stamp.digest)).fetch_one(&self.sweeper.connections.projector);
        Ok(self.generation(GenerationId(unsigned(in_time(insert).await?)?), stamp))
    }

    async fn replace_current(&self, generation: GenerationId) -> Result<(), StoreError> {
        {
            let _turn = self.sweeper.connections.turn.lock().await;
            let begun = self.sweeper.connections.projector.begin_with("BEGIN IMMEDIATE").await;
            let mut transaction = begun.map_err(|error| unavailable(&error))?;
            let old = sqlx::query("UPDATE generations SET current = 0 WHERE read_model = ?1 AND current = 1");
            in_time(old.bind(self.sweeper.table.read_model).execute(&mut *transaction)).await?;
            let new = sqlx::query(
                "UPDATE generations SET current = 1 WHERE id = ?1 AND read_model = ?2 AND swept = 0",
            );
            let new = new.bind(signed(generation.0)).bind(self.sweeper.table.read_model);
            if in_time(new.execute(&mut *transaction)).await?.rows_affected() == 0 {
                let reason = format!("generation {} was cleared away", generation.0);
                return Err(StoreError::Unavailable { reason });
            }
            in_time(transaction.commit()).await?;
        }
        tokio::spawn(sweep_in_background(Arc::downgrade(&self.sweeper)));
        Ok(())
    }
}

impl<R: ?Sized> Sweeper<R> {
    fn hold(&self, id: GenerationId, rows: &Arc<R>) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.push((id, Arc::downgrade(rows)));
    }

    fn is_held(&self, id: GenerationId) -> bool {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|(_, rows)| rows.strong_count() > 0);
        held.iter().any(|(other, _)| *other == id)
    }

    /// Deletes the generations that don't answer and that nobody here reads. Gives how many are left
    /// to be deleted later.
    async fn sweep(&self) -> Result<usize, StoreError> {
        let found = sqlx::query_scalar("SELECT id FROM generations WHERE read_model = ?1 AND current = 0");
        let found = found.bind(self.table.read_model).fetch_all(&self.connections.readers);
        let old: Vec<i64> = in_time(found).await?;
        let mut left = 0;
        for id in old {
            if self.is_held(GenerationId(unsigned(id)?)) {
                left += 1;
            } else {
                self.delete(id).await?;
            }
        }
        Ok(left)
    }

    async fn delete(&self, id: i64) -> Result<(), StoreError> {
        // From here on it answers nothing: half of its rows would be a wrong answer.
        self.run(sqlx::query("UPDATE generations SET swept = 1 WHERE id = ?1 AND current = 0").bind(id))
            .await?;
        while self.run(sqlx::query(self.table.delete).bind(id).bind(SWEEP)).await? > 0 {}
        self.run(sqlx::query("DELETE FROM generations WHERE id = ?1 AND swept = 1").bind(id)).await?;
        Ok(())
    }

    /// Gives how many rows it changed.
    async fn run(&self, statement: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        let _turn = self.connections.turn.lock().await;
        Ok(in_time(statement.execute(&self.connections.projector)).await?.rows_affected())
    }
}

/// Sweeps until nothing is left, or nobody needs the rest of the generations any more.
async fn sweep_in_background<R: ?Sized + Send + Sync + 'static>(sweeper: Weak<Sweeper<R>>) {
    loop {
        tokio::time::sleep(SWEEP_PAUSE).await;
        let Some(sweeper) = sweeper.upgrade() else { return };
        // What fails now is left to the next time.
        if sweeper.sweep().await.is_ok_and(|left| left == 0) {
            return;
        }
    }
}

impl<R: ?Sized + Send + Sync + 'static> Generations<R> for SqliteGenerations<R> {
    fn current(&self) -> BoxFuture<'_, Result<Option<Generation<R>>, StoreError>> {
        Box::pin(self.find_current())
    }

    fn begin(&self, stamp: ProjectionStamp) -> BoxFuture<'_, Result<Generation<R>, StoreError>> {
        Box::pin(self.insert(stamp))
    }

    fn swap_in(&self, generation: GenerationId) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(self.replace_current(generation))
    }
}
