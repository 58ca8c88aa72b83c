//! The write side's memory: streams of events, one an order, and one global order over them all.
//!
//! [`EventStore`] and [`KeyStore`] are the ports, and one adapter keeps both, since a command's events
//! and its idempotency key are written together; [`InMemoryEventStore`] is the first.
//! [`OrderRepository`] is the write repository on top: it turns streams into aggregates and back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::BoxFuture;
use crate::domain::OrderId;

mod event;
mod keys;
mod memory;
mod repository;
mod states;
mod version;

pub use event::{ActorId, CommandId, EventId, EventMetadata, MessageId, NewEvent, RecordedEvent};
pub use keys::{ActorKey, CommandKey, IdempotencyKey, KeptOutcome, KeyStore, KeyedCommand, Refused};
pub use memory::InMemoryEventStore;
pub use repository::{OrderRepository, Versioned};
pub use states::OrderStates;
pub use version::{ExpectedVersion, Position, Version};

/// The store failed. Whether a write has taken effect is then unknown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It can't be reached, or gave up.
    #[error("the store is unavailable: {reason}")]
    Unavailable {
        /// What it said.
        reason: String,
    },
    /// The rows that were asked for were built anew meanwhile, here or by another process: those that answer now
    /// have to be asked.
    #[error("the store has replaced what was asked for: {reason}")]
    Replaced {
        /// What was replaced.
        reason: String,
    },
    /// What it holds can't be made sense of.
    #[error("the store holds something unreadable: {reason}")]
    Corrupt {
        /// What is wrong with it.
        reason: String,
    },
}

/// Somebody else has written to the stream: optimistic concurrency's "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("order {order} is at version {actual}, not at the expected {expected}")]
pub struct Conflict {
    /// The stream.
    pub order: OrderId,
    /// What the writer took for granted.
    pub expected: ExpectedVersion,
    /// The stream's version.
    pub actual: Version,
}

/// Why an append wrote nothing, or may have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Nothing was written: the stream is not where the writer thinks it is.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// Nothing was written: an outcome is remembered under the append's key already.
    #[error("the idempotency key {key} was used meanwhile")]
    KeyTaken {
        /// The key.
        key: IdempotencyKey,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where an append has put its last event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appended {
    /// The stream's new version.
    pub version: Version,
    /// The global position of the last event.
    pub position: Position,
}

/// What is to be appended, and on what condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Append {
    /// The stream.
    pub order: OrderId,
    /// Where the stream must be for the append to happen.
    pub expected: ExpectedVersion,
    /// The events, oldest first. All of them become visible at once, or none.
    pub events: Vec<NewEvent>,
    /// What the outcome is remembered under, from the same instant as the events are there.
    pub key: Option<CommandKey>,
}

/// The port to an append-only event log (Young's event store): streams with gapless versions from
/// 1, and gapless global positions from 1 that never change once they can be read.
///
/// Positions can be trusted: an event becomes readable only when all with lower positions are. A
/// reader that has read up to a position never has to look before it again. (A sequence of the
/// database's own doesn't give that: numbers are drawn in one order and committed in another.)
pub trait EventStore: Send + Sync + std::fmt::Debug {
    /// Appends to a stream. Comparing the version and writing are one atomic step.
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;

    /// The events of one stream after `after`, oldest first. Empty for an unknown stream.
    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>>;

    /// At most `limit` events of all streams after `after`, in global order.
    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>>;

    /// The position of the last event; [`Position::START`] while there is none.
    fn head(&self) -> BoxFuture<'_, Result<Position, StoreError>>;

    /// Follows the head: the receiver is woken when events have become readable. It carries the
    /// head only, so a slow follower misses no event: it reads on from its own checkpoint.
    fn subscribe(&self) -> watch::Receiver<Position>;
}

/// The write side's memory as a whole: the ports to one store.
#[derive(Debug, Clone)]
pub struct WriteSide {
    /// The log.
    pub events: Arc<dyn EventStore>,
    /// The keys that are remembered with it.
    pub keys: Arc<dyn KeyStore>,
    /// The orders, where the store keeps them as they are now. Without it they are what the log says.
    pub states: Option<Arc<dyn OrderStates>>,
}

impl WriteSide {
    /// The ports of a store that keeps events: the event-sourced write model.
    pub fn of<S: EventStore + KeyStore + 'static>(store: Arc<S>) -> Self {
        Self { events: Arc::clone(&store) as Arc<dyn EventStore>, keys: store, states: None }
    }

    /// The ports of a store that keeps each order as it is now: the state-based write model.
    pub fn of_states<S: EventStore + KeyStore + OrderStates + 'static>(store: Arc<S>) -> Self {
        Self { states: Some(Arc::clone(&store) as Arc<dyn OrderStates>), ..Self::of(store) }
    }
}
