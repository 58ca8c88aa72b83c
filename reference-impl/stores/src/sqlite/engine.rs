//! Connections, transactions and the table of generations in SQLite.

use std::sync::Arc;

use reference_impl::projection::GenerationId;
use reference_impl::store::{Position, RecordedEvent, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::{Sqlite, SqliteConnection};

use super::transaction::Writing;
use super::{Connections, write};
use crate::defect::StorePoint;
use crate::engine::{Engine, Kept};
use crate::error::in_time;
use crate::generations::stamp;
use crate::wire::{signed, unsigned};

type KeptColumns = (i64, i64, String, i64);

fn kept((id, version, digest, checkpoint): KeptColumns) -> Result<Kept, StoreError> {
    let (id, stamp) = stamp(id, version, &digest)?;
    Ok(Kept { id, stamp, checkpoint: Position::new(unsigned(checkpoint)?) })
}

/// A transaction that writes is the only one: it keeps everybody else from writing anything.
impl Engine for Arc<Connections> {
    type Connection = SqliteConnection;
    type Reader = PoolConnection<Sqlite>;
    type Put = Writing;
    type Hold = Writing;

    fn point(&self) -> &dyn StorePoint {
        &*self.point
    }

    async fn reader(&self) -> Result<Self::Reader, StoreError> {
        in_time(self.readers.acquire()).await
    }

    async fn put(&self) -> Result<Writing, StoreError> {
        Writing::begin(&self.projector, &self.turn).await
    }

    async fn hold(&self) -> Result<Writing, StoreError> {
        Writing::begin(&self.projector, &self.turn).await
    }

    async fn current(
        &self,
        on: &mut SqliteConnection,
        read_model: &'static str,
    ) -> Result<Option<Kept>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest, checkpoint FROM generations WHERE read_model = ?1 AND current = 1",
        );
        in_time(found.bind(read_model).fetch_optional(on)).await?.map(kept).transpose()
    }

    async fn generation(
        &self,
        on: &mut SqliteConnection,
        id: GenerationId,
    ) -> Result<Option<Kept>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest, checkpoint FROM generations WHERE id = ?1 AND swept = 0",
        );
        in_time(found.bind(signed(id.0)).fetch_optional(on)).await?.map(kept).transpose()
    }

    async fn switch(
        &self,
        on: &mut SqliteConnection,
        read_model: &'static str,
        to: GenerationId,
    ) -> Result<(), StoreError> {
        let old = sqlx::query(
            "UPDATE generations SET current = 0, swept = 1 WHERE read_model = ?1 AND current = 1 AND id <> ?2",
        );
        in_time(old.bind(read_model).bind(signed(to.0)).execute(&mut *on)).await?;
        let new = sqlx::query("UPDATE generations SET current = 1 WHERE id = ?1");
        in_time(new.bind(signed(to.0)).execute(on)).await?;
        Ok(())
    }

    async fn log(
        &self,
        on: &mut SqliteConnection,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        write::read_all(on, self.model, after, limit).await
    }
}
