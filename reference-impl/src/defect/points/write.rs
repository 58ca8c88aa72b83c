//! The points that a command passes on its way into the log.

use std::fmt::Debug;
use std::sync::Arc;

use crate::BoxFuture;
use crate::application::IdempotencyKey;
use crate::domain::{Order, OrderCommand, OrderEvent, OrderId, Rejection};
use crate::store::{Append, AppendError, Appended, ExpectedVersion, RecordedEvent, TamperableStore, Version};

/// Where an idempotency key comes in.
pub trait KeyPoint: Send + Sync + Debug {
    /// The key the pipeline goes on with. Correct: the one that came.
    fn incoming(&self, key: Option<IdempotencyKey>) -> Option<IdempotencyKey> {
        key
    }

    /// What the outcome is remembered under. Correct: the key, whatever the command.
    fn remembered(&self, key: IdempotencyKey, _order: OrderId, _command: &OrderCommand) -> IdempotencyKey {
        key
    }

    /// Whether a duplicate waits for a first attempt that is still under way. Correct: it does.
    fn waits(&self, _key: &IdempotencyKey) -> bool {
        true
    }
}

/// Where a command is decided.
pub trait DecisionPoint: Send + Sync + Debug {
    /// What the command leads to. Correct: what the order decides.
    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        order.decide(command)
    }

    /// What a command that was rejected leaves in the log. Correct: nothing.
    fn left_by_rejected(&self, _order: &Order, _command: &OrderCommand) -> Vec<OrderEvent> {
        Vec::new()
    }
}

/// Between the log and those who decide: where a stream is loaded, and decided events are appended.
pub trait AppendPoint: Send + Sync + Debug {
    /// How many of a stream's events, counted from the first, a decision rests on. Correct: all of them.
    fn known(&self, stream: &[Arc<RecordedEvent>]) -> usize {
        stream.len()
    }

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
