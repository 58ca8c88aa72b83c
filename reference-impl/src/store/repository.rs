//! The write repository: loads an order, by replaying its stream or as it is kept, and saves what was decided.

use std::sync::Arc;

use super::{
    Append, AppendError, Appended, EventStore, ExpectedVersion, OrderStates, StoreError, Version, WriteSide,
};
use crate::defect::AppendPoint;
use crate::domain::{Order, OrderId};

/// A state, and the version of the stream it was folded from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The state.
    pub state: T,
    /// How many events led to it.
    pub version: Version,
}

/// Loads and saves orders.
#[derive(Debug, Clone)]
pub struct OrderRepository {
    store: Arc<dyn EventStore>,
    states: Option<Arc<dyn OrderStates>>,
    point: Arc<dyn AppendPoint>,
}

impl OrderRepository {
    /// A repository over `store`; every append passes through `point`.
    pub fn new(store: &WriteSide, point: Arc<dyn AppendPoint>) -> Self {
        Self { store: Arc::clone(&store.events), states: store.states.clone(), point }
    }

    /// The order as it is now. An order nothing was ever written for is absent, at version 0.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(&self, order: OrderId) -> Result<Versioned<Order>, StoreError> {
        let horizon = self.point.horizon(order);
        if let (None, Some(states)) = (horizon, &self.states) {
            return states.load(order).await;
        }
        let events = self.store.read_stream(order, Version::START).await?;
        let version = events.last().map_or(Version::START, |event| event.version);
        let known = events.iter().filter(|event| horizon.is_none_or(|horizon| event.position <= horizon));
        let state = Order::replay(order, known.map(|recorded| &recorded.event));
        Ok(Versioned { state, version })
    }

    /// Whether a writer who expects `expected` may go on when the order is at `actual`.
    pub fn admits(&self, order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        self.point.admits(order, expected, actual)
    }

    /// Appends what was decided, if the order is still where it is expected to be.
    ///
    /// # Errors
    /// [`AppendError::Conflict`] if it isn't; nothing was written then.
    pub async fn save(&self, append: Append) -> Result<Appended, AppendError> {
        self.point.append(&*self.store, append).await
    }
}
