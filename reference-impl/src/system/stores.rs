//! Everything that a system keeps, in one place.

use std::sync::Arc;

use crate::projection::{InlineProjection, ReadSide};
use crate::store::WriteSide;

/// Where a system keeps what must outlive its process.
#[derive(Debug, Clone)]
pub struct Stores {
    /// Events and idempotency keys.
    pub write: WriteSide,
    /// The rows of the read models.
    pub read: Arc<dyn ReadSide>,
    /// Where the store keeps the rows of the read models with each append: what it is told of them.
    pub inline: Option<Arc<dyn InlineProjection>>,
    /// A number that no other opening of the same stores was given, whichever process asked. Ids are
    /// drawn from the seed and this number, so that none comes twice.
    pub opening: u64,
}
