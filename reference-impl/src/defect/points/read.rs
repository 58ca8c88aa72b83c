//! The points that an event passes on its way to the read models, and an answer on its way out.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;

use crate::application::{CommandError, Receipt};
use crate::domain::{CustomerId, OrderId};
use crate::projection::{
    At, CustomerOrdersRepository, OrderSummary, OrdersOfCustomer, ProjectionError, ReadRepository,
};
use crate::store::{EventStore, Position, RecordedEvent, StoreError, Version};
use crate::{BoxFuture, OrderSystem};

/// Where an event reaches a read model: delivered, or out of the log when it is built anew.
pub trait DeliveryPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        None
    }

    /// Delivers. Correct: the event is applied.
    fn deliver<'a>(
        &'a self,
        event: &'a RecordedEvent,
        to: &'a dyn Inbox,
    ) -> BoxFuture<'a, Result<(), ProjectionError>> {
        match self.inner() {
            Some(inner) => inner.deliver(event, to),
            None => to.apply(event),
        }
    }

    /// Whether a rebuild takes the event in. Correct: it does.
    fn replays(&self, event: &RecordedEvent) -> bool {
        match self.inner() {
            Some(inner) => inner.replays(event),
            None => true,
        }
    }

    /// What a rebuild does between reading the log and swapping the new rows in. Correct: nothing.
    fn meanwhile(&self) -> Option<BoxFuture<'_, ()>> {
        match self.inner() {
            Some(inner) => inner.meanwhile(),
            None => None,
        }
    }

    /// Up to where a rebuild takes in the log before it swaps: it had read up to `reached`, and the old
    /// rows are at `now`. Correct: up to there as well.
    fn taken_in_up_to(&self, reached: Position, now: Position) -> Position {
        match self.inner() {
            Some(inner) => inner.taken_in_up_to(reached, now),
            None => now,
        }
    }
}

/// What a delivery can do to a read model.
pub trait Inbox: Send + Sync {
    /// Takes the event in and moves the checkpoint to it.
    fn apply<'a>(&'a self, event: &'a RecordedEvent) -> BoxFuture<'a, Result<(), ProjectionError>>;

    /// Moves the checkpoint to `position` without taking in the event there.
    fn skip(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>>;
}

/// Where queries are answered.
pub trait AnswerPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        None
    }

    /// One order's row. Correct: the one that is kept.
    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        match self.inner() {
            Some(inner) => inner.details(rows, order),
            None => rows.find(order),
        }
    }

    /// Some of a customer's rows. Correct: those that are kept.
    fn list<'a>(
        &'a self,
        rows: &'a dyn CustomerOrdersRepository,
        customer: &'a CustomerId,
        offset: usize,
        limit: usize,
    ) -> BoxFuture<'a, Result<At<OrdersOfCustomer>, StoreError>> {
        match self.inner() {
            Some(inner) => inner.list(rows, customer, offset, limit),
            None => rows.list(customer, offset, limit),
        }
    }

    /// Which version is shown to whoever asks for `asked`, when the last one is `last`. Correct: that one.
    fn as_of(&self, asked: Version, last: Version) -> Version {
        match self.inner() {
            Some(inner) => inner.as_of(asked, last),
            None => asked,
        }
    }
}

/// Where the log is read by those outside. What loads and projects doesn't come by here.
pub trait FeedPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn FeedPoint> {
        None
    }

    /// A part of the feed. Correct: what the store gives.
    fn read_all<'a>(
        &'a self,
        store: &'a dyn EventStore,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        match self.inner() {
            Some(inner) => inner.read_all(store, after, limit),
            None => store.read_all(after, limit),
        }
    }

    /// All of one stream. Correct: what the store gives.
    fn read_stream<'a>(
        &'a self,
        store: &'a dyn EventStore,
        order: OrderId,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        match self.inner() {
            Some(inner) => inner.read_stream(store, order),
            None => store.read_stream(order, Version::START),
        }
    }
}

/// Where requests enter the system, and leave it.
pub trait SystemPoint: Send + Sync + Debug {
    /// What this one is wrapped around; nothing for the correct behaviour. Whatever a wrapper doesn't say
    /// itself is what that says.
    fn inner(&self) -> Option<&dyn SystemPoint> {
        None
    }

    /// Up to where the read models are told to follow once a command has its outcome. Correct: up to the
    /// event of one that was accepted.
    fn recorded(&self, outcome: &Result<Receipt, CommandError>) -> Option<Position> {
        match self.inner() {
            Some(inner) => inner.recorded(outcome),
            None => outcome.as_ref().ok().map(|receipt| receipt.position),
        }
    }

    /// What is done before a query is answered. Correct: nothing.
    fn before_query<'a>(
        &'a self,
        system: &'a OrderSystem,
        query: &'a (dyn Any + Send + Sync),
    ) -> Option<BoxFuture<'a, ()>> {
        match self.inner() {
            Some(inner) => inner.before_query(system, query),
            None => None,
        }
    }

    /// What else a rebuild does. Correct: nothing.
    fn after_rebuild<'a>(&'a self, system: &'a OrderSystem) -> Option<BoxFuture<'a, ()>> {
        match self.inner() {
            Some(inner) => inner.after_rebuild(system),
            None => None,
        }
    }

    /// What is waited for when somebody waits for `position`. Correct: that.
    fn awaited(&self, position: Position) -> Position {
        match self.inner() {
            Some(inner) => inner.awaited(position),
            None => position,
        }
    }
}
