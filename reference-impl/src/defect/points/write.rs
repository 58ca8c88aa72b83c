//! The points that a command passes on its way into the log.

use std::fmt::Debug;

use crate::BoxFuture;
use crate::application::IdempotencyKey;
use crate::domain::{Order, OrderCommand, OrderEvent, OrderId, Rejection};
use crate::store::{
    Append, AppendError, Appended, EventStore, ExpectedVersion, Position, Version, WriteSide,
};

/// Where an idempotency key comes in.
pub trait KeyPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn KeyPoint> {
        None
    }

    /// The key the pipeline goes on with. Correct: the one that came.
    fn incoming(&self, key: Option<IdempotencyKey>) -> Option<IdempotencyKey> {
        match self.inner() {
            Some(inner) => inner.incoming(key),
            None => key,
        }
    }

    /// What the outcome is remembered under. Correct: the key, whatever the command.
    fn remembered(&self, key: IdempotencyKey, order: OrderId, command: &OrderCommand) -> IdempotencyKey {
        match self.inner() {
            Some(inner) => inner.remembered(key, order, command),
            None => key,
        }
    }

    /// Whether a duplicate waits for a first attempt that is still under way. Correct: it does.
    fn waits(&self, key: &IdempotencyKey) -> bool {
        match self.inner() {
            Some(inner) => inner.waits(key),
            None => true,
        }
    }
}

/// Where a command is decided.
pub trait DecisionPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        None
    }

    /// What the command leads to. Correct: what the order decides.
    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        match self.inner() {
            Some(inner) => inner.decide(order, command),
            None => order.decide(command),
        }
    }

    /// What a command that was rejected leaves in the log. Correct: nothing.
    fn left_by_rejected(&self, order: &Order, command: &OrderCommand) -> Vec<OrderEvent> {
        match self.inner() {
            Some(inner) => inner.left_by_rejected(order, command),
            None => Vec::new(),
        }
    }
}

/// Around the write side's memory as a whole: whatever reads or writes there comes by.
pub trait StorePoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn StorePoint> {
        None
    }

    /// What the system is built on, when it is given `store`. Correct: that.
    fn over(&self, store: WriteSide) -> WriteSide {
        match self.inner() {
            Some(inner) => inner.over(store),
            None => store,
        }
    }
}

/// Between the log and those who decide: where a stream is loaded, and decided events are appended.
pub trait AppendPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn AppendPoint> {
        None
    }

    /// Up to which position of the log a decision on the order knows what has happened. Correct: `None`, all
    /// of it.
    fn horizon(&self, order: OrderId) -> Option<Position> {
        match self.inner() {
            Some(inner) => inner.horizon(order),
            None => None,
        }
    }

    /// Whether a writer who expects `expected` may go on at `actual`. Correct: if they agree.
    fn admits(&self, order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        match self.inner() {
            Some(inner) => inner.admits(order, expected, actual),
            None => expected.admits(actual),
        }
    }

    /// Appends. Correct: what the store's own append does.
    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        match self.inner() {
            Some(inner) => inner.append(store, append),
            None => store.append(append),
        }
    }
}
