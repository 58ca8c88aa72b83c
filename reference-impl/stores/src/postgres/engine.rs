//! Connections, transactions and the table of generations in PostgreSQL.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use reference_impl::projection::GenerationId;
use reference_impl::store::{Position, RecordedEvent, StoreError};
use sqlx::pool::PoolConnection;
use sqlx::postgres::PgConnection;
use sqlx::{Postgres, Transaction};

use super::{Pools, write};
use crate::defect::StorePoint;
use crate::engine::{Engine, InTransaction, Kept};
use crate::error::in_time;
use crate::generations::stamp;
use crate::wire::{signed, unsigned};

/// One statement is a transaction of its own, with one way to the server and back.
pub(super) struct OneStatement(PoolConnection<Postgres>);

impl Deref for OneStatement {
    type Target = PgConnection;

    fn deref(&self) -> &PgConnection {
        &self.0
    }
}

impl DerefMut for OneStatement {
    fn deref_mut(&mut self) -> &mut PgConnection {
        &mut self.0
    }
}

impl InTransaction<PgConnection> for OneStatement {
    async fn commit(self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn rollback(self) -> Result<(), StoreError> {
        Ok(())
    }
}

impl InTransaction<PgConnection> for Transaction<'static, Postgres> {
    async fn commit(self) -> Result<(), StoreError> {
        in_time(Transaction::commit(self)).await
    }

    async fn rollback(self) -> Result<(), StoreError> {
        in_time(Transaction::rollback(self)).await
    }
}

type KeptColumns = (i64, i64, String, i64);

fn kept((id, version, digest, checkpoint): KeptColumns) -> Result<Kept, StoreError> {
    let (id, stamp) = stamp(id, version, &digest)?;
    Ok(Kept { id, stamp, checkpoint: Position::new(unsigned(checkpoint)?) })
}

impl Engine for Pools {
    type Connection = PgConnection;
    type Reader = PoolConnection<Postgres>;
    type Put = OneStatement;
    type Hold = Transaction<'static, Postgres>;

    fn point(&self) -> &dyn StorePoint {
        &*self.point
    }

    async fn reader(&self) -> Result<Self::Reader, StoreError> {
        in_time(self.durable.acquire()).await
    }

    async fn put(&self) -> Result<OneStatement, StoreError> {
        Ok(OneStatement(in_time(self.projector.acquire()).await?))
    }

    async fn hold(&self) -> Result<Self::Hold, StoreError> {
        let mut transaction = in_time(self.durable.begin()).await?;
        let lock = sqlx::query("SELECT head FROM store FOR UPDATE");
        in_time(lock.execute(&mut *transaction)).await?;
        Ok(transaction)
    }

    async fn current(
        &self,
        on: &mut PgConnection,
        read_model: &'static str,
    ) -> Result<Option<Kept>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest, checkpoint FROM generations WHERE read_model = $1 AND current FOR UPDATE",
        );
        in_time(found.bind(read_model).fetch_optional(on)).await?.map(kept).transpose()
    }

    async fn generation(&self, on: &mut PgConnection, id: GenerationId) -> Result<Option<Kept>, StoreError> {
        let found = sqlx::query_as(
            "SELECT id, version, digest, checkpoint FROM generations WHERE id = $1 AND NOT swept FOR UPDATE",
        );
        in_time(found.bind(signed(id.0)).fetch_optional(on)).await?.map(kept).transpose()
    }

    async fn switch(
        &self,
        on: &mut PgConnection,
        read_model: &'static str,
        to: GenerationId,
    ) -> Result<(), StoreError> {
        let old = sqlx::query(
            "UPDATE generations SET current = FALSE, swept = TRUE WHERE read_model = $1 AND current AND id <> $2",
        );
        in_time(old.bind(read_model).bind(signed(to.0)).execute(&mut *on)).await?;
        let new = sqlx::query("UPDATE generations SET current = TRUE WHERE id = $1");
        in_time(new.bind(signed(to.0)).execute(on)).await?;
        Ok(())
    }

    async fn log(
        &self,
        on: &mut PgConnection,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        write::read_all(on, self.model, after, limit).await
    }
}
