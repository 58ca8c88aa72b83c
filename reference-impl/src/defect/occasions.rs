//! Numbers for what happens again and again.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the occasions on which a defect could strike. A replay that does the same things in the same order has the
/// same ones.
#[derive(Debug, Default)]
pub(super) struct Occasions(AtomicU64);

impl Occasions {
    /// The number of the occasion at hand: 0, 1, 2, …
    pub(super) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}
