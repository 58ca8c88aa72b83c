//! Chance from a seed.

use crate::value::{STEP, mix};

/// `SplitMix64`: see [`mix`].
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        let word = mix(self.0);
        self.0 = self.0.wrapping_add(STEP);
        word
    }

    /// A number below `end`, or nought where there is none. The bias is below 2^-40 for lists as long as ours.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let end = end as u64;
        if end == 0 { 0 } else { usize::try_from(self.bits() % end).unwrap_or(0) }
    }

    /// True in `percent` of 100 cases.
    pub(super) fn percent(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these.
    pub(super) fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}
