//! How the read side follows the write side: at once, or after a while.

use std::sync::Arc;
use std::time::Duration;

use crate::BoxFuture;
use crate::projection::{ProjectionError, Projector};
use crate::store::Position;

mod eventual;
mod strong;
mod wait;

pub(crate) use eventual::{Delay, Eventual};
pub(crate) use strong::Strong;
pub(crate) use wait::wait_for;
pub use wait::{UnknownReadModel, WaitError};

/// All read models of one system.
pub(crate) type ReadModels = Arc<[Arc<dyn Projector>]>;

/// When the effect of a command becomes visible to queries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SyncMode {
    /// Before the command returns.
    #[default]
    Strong,
    /// Some time after it was recorded; a task in the background delivers, at least once each.
    Eventual {
        /// How long an event takes to become visible, at least.
        lag: Duration,
        /// How much longer it may take: each event draws its own share of this from the seed.
        jitter: Duration,
    },
}

/// Brings the read models up to date after events were recorded.
pub(crate) trait Synchroniser: Send + Sync + std::fmt::Debug {
    /// Called with each new position before the writer gets its answer.
    fn recorded(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>>;
}
