//! The named points of the pipeline, each with its correct behaviour as the default.

use std::fmt::Debug;
use std::sync::Arc;

use crate::BoxFuture;
use crate::application::IdempotencyKey;
use crate::domain::OrderId;
use crate::projection::ProjectionError;
use crate::store::{
    Append, AppendError, Appended, ExpectedVersion, Position, RecordedEvent, TamperableStore, Version,
};

/// Where an idempotency key comes in.
pub trait KeyPoint: Send + Sync + Debug {
    /// The key the pipeline goes on with. Correct: the one that came.
    fn incoming(&self, key: Option<IdempotencyKey>) -> Option<IdempotencyKey> {
        key
    }
}

/// Where decided events go into the log.
pub trait AppendPoint: Send + Sync + Debug {
    /// Whether a writer who expects `expected` may go on at `actual`. Correct: if they agree.
    fn admits(&self, _order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        expected.admits(actual)
    }

    /// Appends. Correct: what the store's own append does.
    fn append<'a>(
        &'a self,
        store: &'a dyn TamperableStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        store.append(append)
    }
}

/// Where an event reaches a read model. A rebuild doesn't come by here: it reads the log itself.
pub trait DeliveryPoint: Send + Sync + Debug {
    /// Delivers. Correct: the event is applied.
    fn deliver<'a>(
        &'a self,
        event: &'a RecordedEvent,
        to: &'a dyn Inbox,
    ) -> BoxFuture<'a, Result<(), ProjectionError>> {
        to.apply(event)
    }
}

/// What a delivery can do to a read model.
pub trait Inbox: Send + Sync {
    /// Takes the event in and moves the checkpoint to it.
    fn apply<'a>(&'a self, event: &'a RecordedEvent) -> BoxFuture<'a, Result<(), ProjectionError>>;

    /// Moves the checkpoint to `position` without taking in the event there.
    fn skip(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>>;
}

/// The correct behaviour at every point.
#[derive(Debug, Clone, Copy, Default)]
pub struct Correct;

impl KeyPoint for Correct {}
impl AppendPoint for Correct {}
impl DeliveryPoint for Correct {}

/// All points of one system. A defect replaces one by a wrapper of what was there before, so any
/// set of defects can be had together, and none costs more than a virtual call.
#[derive(Debug, Clone)]
pub struct Points {
    /// See [`KeyPoint`].
    pub key: Arc<dyn KeyPoint>,
    /// See [`AppendPoint`].
    pub append: Arc<dyn AppendPoint>,
    /// See [`DeliveryPoint`].
    pub delivery: Arc<dyn DeliveryPoint>,
}

impl Points {
    /// Points without a defect.
    pub fn correct() -> Self {
        Self { key: Arc::new(Correct), append: Arc::new(Correct), delivery: Arc::new(Correct) }
    }
}
