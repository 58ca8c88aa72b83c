//! The facade: one handle to a running system.

use std::sync::Arc;
use std::time::Duration;

use super::OrderSystemBuilder;
use crate::application::{Command, CommandError, Envelope, Mediator, Message, QueryError, Receipt};
use crate::clock::Clock;
#[cfg(feature = "http")]
use crate::defect::WirePoint;
use crate::defect::{FeedPoint, SystemPoint};
use crate::projection::{ProjectionError, Projector, Rebuilt};
use crate::seed::IdSource;
use crate::store::{EventStore, Position, RecordedEvent, StoreError};
use crate::sync::{ReadModels, Synchroniser, UnknownReadModel, WaitError, wait_for};

/// A running order system. Cloning it gives another handle to the same one; its background task, if
/// it has one, ends with the last handle.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use reference_impl::application::{Envelope, GetOrderDetails};
/// use reference_impl::domain::{CreateOrder, Item, OrderId};
/// use reference_impl::OrderSystem;
///
/// let system = OrderSystem::builder().seed(7).build()?;
/// let order = OrderId::new(uuid::Uuid::from_u128(1));
/// let items = vec![Item::new("p-1", 2, "29.99".parse()?)];
/// system.send(Envelope::new(order, CreateOrder { customer: "c-1".into(), items })).await?;
///
/// let details = system.ask(GetOrderDetails { order }).await?;
/// assert_eq!(details.value.map(|order| order.total), Some("59.98".parse()?));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct OrderSystem {
    parts: Arc<Parts>,
}

/// What a system is made of.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) mediator: Mediator,
    pub(super) store: Arc<dyn EventStore>,
    pub(super) read_models: ReadModels,
    pub(super) synchroniser: Box<dyn Synchroniser>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Arc<IdSource>,
    pub(super) feed: Arc<dyn FeedPoint>,
    pub(super) point: Arc<dyn SystemPoint>,
    #[cfg(feature = "http")]
    pub(super) wire: Arc<dyn WirePoint>,
}

/// A read model, and how far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadModelStatus {
    /// Its name.
    pub name: &'static str,
    /// How far the log is reflected.
    pub position: Position,
}

/// Why a read model was not rebuilt.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RebuildError {
    /// There is none of that name.
    #[error(transparent)]
    Unknown(#[from] UnknownReadModel),
    /// Building it failed; the old one answers on.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

impl OrderSystem {
    /// Starts putting a system together.
    pub fn builder() -> OrderSystemBuilder {
        OrderSystemBuilder::new()
    }

    pub(super) fn new(parts: Parts) -> Self {
        Self { parts: Arc::new(parts) }
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// Sends a command.
    ///
    /// # Errors
    /// [`CommandError::Rejected`] is the system's "no"; every other is a failure.
    pub async fn send<C: Command>(&self, envelope: Envelope<C>) -> Result<Receipt, CommandError> {
        let outcome = self.parts.mediator.dispatch(envelope).await;
        // Outside the pipeline: an answer that is given again keeps the same promise.
        if let Some(position) = self.parts.point.recorded(&outcome) {
            self.parts.synchroniser.recorded(position).await?;
        }
        outcome
    }

    /// Asks a query. Changes nothing.
    ///
    /// # Errors
    /// [`QueryError::Rejected`] if the query is not in shape; every other is a failure.
    pub async fn ask<Q>(&self, query: Q) -> Result<Q::Answer, QueryError>
    where
        Q: Message<Error = QueryError> + Sync,
    {
        if let Some(before) = self.parts.point.before_query(self, &query) {
            before.await;
        }
        self.parts.mediator.dispatch(query).await
    }

    /// The position of the last event; 0 before the first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn head(&self) -> Result<Position, StoreError> {
        self.parts.store.head().await
    }

    /// The event feed: at most `limit` events after `after`, in global order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn events(&self, after: Position, limit: usize) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        self.parts.feed.read_all(&*self.parts.store, after, limit).await
    }

    /// Waits until every read model reflects `position`, for at most `timeout`. Has to be called
    /// within a tokio runtime with time enabled, unless the position is reached already.
    ///
    /// # Errors
    /// [`WaitError::TimedOut`] when the time is up.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> Result<(), WaitError> {
        wait_for(&self.parts.read_models, self.parts.point.awaited(position), timeout).await
    }

    /// Waits until the read model of that name reflects `position`, for at most `timeout`.
    ///
    /// # Errors
    /// [`WaitError::TimedOut`] when the time is up, [`WaitError::Unknown`] if there is none of that name.
    pub async fn wait_for_one(
        &self,
        read_model: &str,
        position: Position,
        timeout: Duration,
    ) -> Result<(), WaitError> {
        let found = self.read_model(read_model)?;
        wait_for(std::slice::from_ref(found), self.parts.point.awaited(position), timeout).await
    }

    /// Waits until every read model reflects all that was recorded when it was asked, and says
    /// which position that was.
    ///
    /// # Errors
    /// [`WaitError::TimedOut`] when the time is up.
    pub async fn wait_caught_up(&self, timeout: Duration) -> Result<Position, WaitError> {
        let head = self.head().await?;
        self.wait_for(head, timeout).await?;
        Ok(head)
    }

    /// The read models, and how far each is.
    pub fn read_models(&self) -> Vec<ReadModelStatus> {
        let status = |read_model: &Arc<dyn Projector>| ReadModelStatus {
            name: read_model.name(),
            position: *read_model.progress().borrow(),
        };
        self.parts.read_models.iter().map(status).collect()
    }

    /// Builds a read model anew from the event log. Queries are answered meanwhile, by the old one.
    ///
    /// # Errors
    /// [`RebuildError::Unknown`] if there is none of that name.
    pub async fn rebuild(&self, read_model: &str) -> Result<Rebuilt, RebuildError> {
        let rebuilt = self.read_model(read_model)?.rebuild().await?;
        if let Some(after) = self.parts.point.after_rebuild(self) {
            after.await;
        }
        Ok(rebuilt)
    }

    #[cfg(feature = "http")]
    pub(crate) fn wire(&self) -> &Arc<dyn WirePoint> {
        &self.parts.wire
    }

    fn read_model(&self, name: &str) -> Result<&Arc<dyn Projector>, UnknownReadModel> {
        let read_models = &self.parts.read_models;
        read_models.iter().find(|candidate| candidate.name() == name).ok_or_else(|| UnknownReadModel {
            name: name.to_owned(),
            known: read_models.iter().map(|known| known.name()).collect(),
        })
    }
}
