//! The answer to an accepted command.

use serde::{Deserialize, Serialize};

use crate::domain::OrderId;
use crate::store::{Position, Version};

/// Says what an accepted command has led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The order.
    pub order: OrderId,
    /// The version of its stream now: what a next command can expect.
    pub version: Version,
    /// The global position of the last event: what to wait for to read one's own write.
    pub position: Position,
}
