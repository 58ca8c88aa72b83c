//! Events on their way into a repository: folded here, and kept all at once.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, PoisonError};

use super::{Projection, ProjectionError, ReadRepository, Row};
use crate::BoxFuture;
use crate::defect::Inbox;
use crate::domain::OrderId;
use crate::lock::lock;
use crate::store::{Position, RecordedEvent, StoreError};

/// The rows that some events are about, in memory until they are kept. A database is asked for them
/// once, and writes them in one transaction with the checkpoint, however many events there are.
#[derive(Debug)]
pub(super) struct Batch<'a, P: Projection> {
    projection: &'a P,
    rows: Mutex<Rows<P::Row>>,
}

#[derive(Debug)]
struct Rows<R> {
    /// The row of the first order. Most often there is no other, and nothing needs a list.
    first: Slot<R>,
    /// Those of other orders, by order.
    others: Vec<Slot<R>>,
    /// How far the log is reflected.
    at: Position,
}

#[derive(Debug)]
struct Slot<R> {
    order: OrderId,
    row: Option<Arc<R>>,
    changed: bool,
}

impl<R> Slot<R> {
    const fn of(order: OrderId, row: Option<Arc<R>>) -> Self {
        Self { order, row, changed: false }
    }
}

impl<R: Row> Rows<R> {
    fn slot(&mut self, order: OrderId) -> &mut Slot<R> {
        if order == self.first.order {
            return &mut self.first;
        }
        let index = match self.others.binary_search_by_key(&order, |slot| slot.order) {
            Ok(index) => index,
            Err(index) => {
                self.others.insert(index, Slot::of(order, None));
                index
            }
        };
        &mut self.others[index]
    }

    fn pass(&mut self, position: Position) {
        self.at = self.at.max(position);
    }
}

impl<'a, P: Projection> Batch<'a, P> {
    /// Holds the rows of `first` and of the orders that `events` are about, as `repository` has them.
    pub(super) async fn over(
        projection: &'a P,
        repository: &P::Repository,
        first: OrderId,
        events: &[Arc<RecordedEvent>],
    ) -> Result<Self, StoreError> {
        let orders = orders_of(first, events);
        if orders.is_empty() {
            let row = repository.find(first).await?.value;
            let rows = Rows { first: Slot::of(first, row), others: Vec::new(), at: Position::START };
            return Ok(Self { projection, rows: Mutex::new(rows) });
        }
        let found = repository.find_all(&orders).await?;
        Ok(Self::of(projection, first, orders, found))
    }

    /// Holds `found`, which are all rows there are of the orders that `events` are about.
    pub(super) fn with(
        projection: &'a P,
        first: OrderId,
        found: Vec<Arc<P::Row>>,
        events: &[Arc<RecordedEvent>],
    ) -> Self {
        Self::of(projection, first, orders_of(first, events), found)
    }

    fn of(projection: &'a P, first: OrderId, orders: Vec<OrderId>, found: Vec<Arc<P::Row>>) -> Self {
        let others = orders.into_iter().filter(|order| *order != first);
        let others = others.map(|order| Slot::of(order, None)).collect();
        let mut rows = Rows { first: Slot::of(first, None), others, at: Position::START };
        for row in found {
            let order = row.order();
            rows.slot(order).row = Some(row);
        }
        Self { projection, rows: Mutex::new(rows) }
    }

    /// Takes one event in. At-least-once delivery is enough: what the row has taken in already is
    /// recognised by its position (the idempotent receiver of Hohpe and Woolf, "Enterprise
    /// Integration Patterns", 2003).
    pub(super) async fn take_in(&self, event: &RecordedEvent) -> Result<(), StoreError> {
        let row = lock(&self.rows).slot(event.order).row.clone();
        let redelivered = row.as_ref().is_some_and(|row| event.position <= row.applied());
        let after = if redelivered { None } else { self.projection.project(row.as_deref(), event).await? };
        let mut rows = lock(&self.rows);
        if let Some(row) = after {
            *rows.slot(event.order) = Slot { order: event.order, row: Some(Arc::new(row)), changed: true };
        }
        rows.pass(event.position);
        Ok(())
    }

    /// Passes the event at `position` by.
    pub(super) fn pass(&self, position: Position) {
        lock(&self.rows).pass(position);
    }

    /// The rows that have changed, and how far the log is reflected.
    pub(super) fn changed(self) -> (Vec<Arc<P::Row>>, Position) {
        let Rows { first, others, at } = self.rows.into_inner().unwrap_or_else(PoisonError::into_inner);
        let changed = [first].into_iter().chain(others).filter(|slot| slot.changed);
        (changed.filter_map(|slot| slot.row).collect(), at)
    }

    /// Has `repository` keep what has changed, and how far the log is reflected.
    pub(super) async fn keep(self, repository: &P::Repository) -> Result<Position, StoreError> {
        let (changed, at) = self.changed();
        if at > Position::START {
            repository.put(changed, at).await?;
        }
        Ok(at)
    }
}

/// The orders that `events` are about, `first` among them, sorted; nothing if there is no other.
fn orders_of(first: OrderId, events: &[Arc<RecordedEvent>]) -> Vec<OrderId> {
    if events.iter().all(|event| event.order == first) {
        return Vec::new();
    }
    let mut orders: Vec<_> = events.iter().map(|event| event.order).chain([first]).collect();
    orders.sort_unstable();
    orders.dedup();
    orders
}

impl<P: Projection> Inbox for Batch<'_, P> {
    fn apply<'a>(&'a self, event: &'a RecordedEvent) -> BoxFuture<'a, Result<(), ProjectionError>> {
        Box::pin(async move {
            self.take_in(event).await.map_err(|source| ProjectionError { read_model: P::NAME, source })
        })
    }

    fn skip(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        self.pass(position);
        Box::pin(async { Ok(()) })
    }
}
