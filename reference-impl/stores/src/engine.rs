//! What code over any database asks of one: connections, transactions, and the table of generations.

use std::future::Future;
use std::ops::DerefMut;
use std::sync::Arc;

use reference_impl::projection::{GenerationId, ProjectionStamp};
use reference_impl::store::{Position, RecordedEvent, StoreError};

use crate::defect::StorePoint;

/// A generation of rows, as the database has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) id: GenerationId,
    pub(crate) stamp: ProjectionStamp,
    pub(crate) checkpoint: Position,
}

/// A connection in a transaction. What isn't committed doesn't count.
pub(crate) trait InTransaction<C>: DerefMut<Target = C> + Send {
    /// Ends it: everything counts.
    fn commit(self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Ends it: nothing counts.
    fn rollback(self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// One database. Cheap to clone.
pub(crate) trait Engine: Clone + Send + Sync + 'static {
    /// A connection.
    type Connection: Send;
    /// A connection that reads.
    type Reader: DerefMut<Target = Self::Connection> + Send;
    /// A connection that keeps rows, with one statement or several: all or nothing.
    type Put: InTransaction<Self::Connection>;
    /// A transaction, while which nobody else appends.
    type Hold: InTransaction<Self::Connection>;

    /// Where defects wrap the store.
    fn point(&self) -> &dyn StorePoint;

    /// A connection that reads.
    fn reader(&self) -> impl Future<Output = Result<Self::Reader, StoreError>> + Send;

    /// Begins to keep rows. They need not be on disk in the end: they can be had again.
    fn put(&self) -> impl Future<Output = Result<Self::Put, StoreError>> + Send;

    /// Keeps everybody from appending.
    fn hold(&self) -> impl Future<Output = Result<Self::Hold, StoreError>> + Send;

    /// The generation of a read model that answers, which nobody else moves until the transaction ends.
    fn current(
        &self,
        on: &mut Self::Connection,
        read_model: &'static str,
    ) -> impl Future<Output = Result<Option<Kept>, StoreError>> + Send;

    /// That generation, unless it is being cleared away.
    fn generation(
        &self,
        on: &mut Self::Connection,
        id: GenerationId,
    ) -> impl Future<Output = Result<Option<Kept>, StoreError>> + Send;

    /// Has a generation answer in place of the one that does, which answers nothing from then on.
    fn switch(
        &self,
        on: &mut Self::Connection,
        read_model: &'static str,
        to: GenerationId,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// At most `limit` events after `after`, as the transaction sees them.
    fn log(
        &self,
        on: &mut Self::Connection,
        after: Position,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Arc<RecordedEvent>>, StoreError>> + Send;
}
