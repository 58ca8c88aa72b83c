//! The table of generations in PostgreSQL.

use reference_impl::projection::{GenerationId, ProjectionStamp};
use reference_impl::store::StoreError;
use sqlx::postgres::PgPool;

use crate::error::in_time;
use crate::generations::{GenerationTable, SWEEP, digest_column, stamp};
use crate::rows::RowTable;
use crate::wire::{signed, unsigned};

/// The generations of one read model.
pub(super) struct PostgresGenerations<T> {
    pub(super) pool: PgPool,
    pub(super) rows: T,
    pub(super) read_model: &'static str,
    /// Deletes at most `$2` rows of generation `$1`.
    pub(super) delete: &'static str,
}

impl<T: RowTable> GenerationTable for PostgresGenerations<T> {
    type Rows = T;

    fn rows(&self) -> &T {
        &self.rows
    }

    fn read_model(&self) -> &'static str {
        self.read_model
    }

    async fn current(&self) -> Result<Option<(GenerationId, ProjectionStamp)>, StoreError> {
        let found =
            sqlx::query_as("SELECT id, version, digest FROM generations WHERE read_model = $1 AND current");
        let found: Option<(i64, i64, String)> =
            in_time(found.bind(self.read_model).fetch_optional(&self.pool)).await?;
        found.map(|(id, version, digest)| stamp(id, version, &digest)).transpose()
    }

    async fn others(&self) -> Result<Vec<GenerationId>, StoreError> {
        let found = sqlx::query_scalar("SELECT id FROM generations WHERE read_model = $1 AND NOT current");
        let found: Vec<i64> = in_time(found.bind(self.read_model).fetch_all(&self.pool)).await?;
        found.into_iter().map(|id| unsigned(id).map(GenerationId)).collect()
    }

    async fn insert(&self, stamp: ProjectionStamp) -> Result<GenerationId, StoreError> {
        let insert = sqlx::query_scalar(
            "INSERT INTO generations (read_model, version, digest, checkpoint) VALUES ($1, $2, $3, 0)
             RETURNING id",
        );
        let insert = insert.bind(self.read_model).bind(i64::from(stamp.version)).bind(digest_column(stamp));
        Ok(GenerationId(unsigned(in_time(insert.fetch_one(&self.pool)).await?)?))
    }

    async fn delete(&self, generation: GenerationId) -> Result<(), StoreError> {
        let id = signed(generation.0);
        let mark = sqlx::query("UPDATE generations SET swept = TRUE WHERE id = $1 AND NOT current");
        in_time(mark.bind(id).execute(&self.pool)).await?;
        while {
            let some = sqlx::query(self.delete).bind(id).bind(SWEEP).execute(&self.pool);
            in_time(some).await?.rows_affected() > 0
        } {}
        let row = sqlx::query("DELETE FROM generations WHERE id = $1 AND swept");
        in_time(row.bind(id).execute(&self.pool)).await?;
        Ok(())
    }
}
