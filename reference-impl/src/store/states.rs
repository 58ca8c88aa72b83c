//! Orders that are kept as they are now.

use std::fmt::Debug;

use super::{StoreError, Versioned};
use crate::BoxFuture;
use crate::domain::{Order, OrderId};

/// The port to orders of a state-based write model: commands are decided on what is kept, and nothing is
/// replayed. An append changes the order that it is for in the same atomic step as it writes its events, which
/// are then the messages of a transactional outbox (Richardson, "Microservices Patterns", 2018): the read side
/// is fed from them.
pub trait OrderStates: Send + Sync + Debug {
    /// The order as it is now. One that nothing was ever written for is absent, at version 0.
    fn load(&self, order: OrderId) -> BoxFuture<'_, Result<Versioned<Order>, StoreError>>;
}
