//! Everything that a system keeps, in one place.

use std::sync::Arc;

use crate::projection::ReadSide;
use crate::store::WriteSide;

/// Where a system keeps what must outlive its process.
#[derive(Debug, Clone)]
pub struct Stores {
    /// Events and idempotency keys.
    pub write: WriteSide,
    /// The rows of the read models.
    pub read: Arc<dyn ReadSide>,
    /// A number that no other opening of the same stores was given, whichever process asked. Ids are
    /// drawn from the seed and this number, so that none comes twice.
    pub opening: u64,
}
