//! The table of generations in SQLite.

use std::sync::Arc;

use reference_impl::projection::{GenerationId, ProjectionStamp};
use reference_impl::store::StoreError;
use sqlx::Sqlite;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;

use super::Connections;
use crate::error::in_time;
use crate::generations::{GenerationTable, SWEEP, digest_column, stamp};
use crate::rows::RowTable;
use crate::wire::{signed, unsigned};

/// The generations of one read model.
pub(super) struct SqliteGenerations<T> {
    pub(super) connections: Arc<Connections>,
    pub(super) rows: T,
    pub(super) read_model: &'static str,
    /// Deletes at most `?2` rows of generation `?1`.
    pub(super) delete: &'static str,
}

impl<T> SqliteGenerations<T> {
    /// Gives how many rows the statement has changed.
    async fn run(&self, statement: Query<'_, Sqlite, SqliteArguments>) -> Result<u64, StoreError> {
        let _turn = self.connections.turn.lock().await;
        Ok(in_time(statement.execute(&self.connections.projector)).await?.rows_affected())
    }
}

impl<T: RowTable> GenerationTable for SqliteGenerations<T> {
    type Rows = T;

    fn rows(&self) -> &T {
        &self.rows
    }

    fn read_model(&self) -> &'static str {
        self.read_model
    }

    async fn current(&self) -> Result<Option<(GenerationId, ProjectionStamp)>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest FROM generations WHERE read_model = ?1 AND current = 1",
        );
        let found = found.bind(self.read_model).fetch_optional(&self.connections.readers);
        let found: Option<(i64, i64, String)> = in_time(found).await?;
        found.map(|(id, version, digest)| stamp(id, version, &digest)).transpose()
    }

    async fn others(&self) -> Result<Vec<GenerationId>, StoreError> {
        let found = sqlx::query_scalar("SELECT id FROM generations WHERE read_model = ?1 AND current = 0");
        let found = found.bind(self.read_model).fetch_all(&self.connections.readers);
        let found: Vec<i64> = in_time(found).await?;
        found.into_iter().map(|id| unsigned(id).map(GenerationId)).collect()
    }

    async fn insert(&self, stamp: ProjectionStamp) -> Result<GenerationId, StoreError> {
        let _turn = self.connections.turn.lock().await;
        let insert = sqlx::query_scalar(
            "INSERT INTO generations (read_model, version, digest, checkpoint) VALUES (?1, ?2, ?3, 0)
             RETURNING id",
        );
        let insert = insert.bind(self.read_model).bind(i64::from(stamp.version)).bind(digest_column(stamp));
        Ok(GenerationId(unsigned(in_time(insert.fetch_one(&self.connections.projector)).await?)?))
    }

    async fn delete(&self, generation: GenerationId) -> Result<(), StoreError> {
        let id = signed(generation.0);
        let mark = sqlx::query("UPDATE generations SET swept = 1 WHERE id = ?1 AND current = 0");
        self.run(mark.bind(id)).await?;
        while self.run(sqlx::query(self.delete).bind(id).bind(SWEEP)).await? > 0 {}
        self.run(sqlx::query("DELETE FROM generations WHERE id = ?1 AND swept = 1").bind(id)).await?;
        Ok(())
    }
}
