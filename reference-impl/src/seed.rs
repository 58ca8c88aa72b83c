//! Everything random comes from one seed, so that a run can be had again.
//!
//! The generator is `SplitMix64` (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number
//! Generators", OOPSLA 2014), used as a keyed mix: the n-th value needs no state but n.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

/// `SplitMix64`'s increment: 2^64 divided by the golden ratio, made odd.
const GOLDEN_GAMMA: u64 = 0x9E37_79B9_7F4A_7C15;

/// A seed for one purpose. Two purposes of the same system draw independent values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(u64);

impl Seed {
    /// The seed a system was given.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The seed for the purpose of that name.
    #[must_use]
    pub fn derive(self, purpose: &str) -> Self {
        Self(purpose.bytes().fold(self.0, |seed, byte| mix(seed ^ u64::from(byte))))
    }

    /// The value drawn at `index`: always the same, whoever asks and in whatever order.
    pub const fn draw(self, index: u64) -> u64 {
        mix(self.0 ^ mix(index))
    }
}

/// Hands out identifiers: a sequence that depends on the seed alone.
#[derive(Debug)]
pub struct IdSource {
    seed: Seed,
    next: AtomicU64,
}

impl IdSource {
    /// A new sequence.
    pub fn new(seed: Seed) -> Self {
        Self { seed: seed.derive("ids"), next: AtomicU64::new(0) }
    }

    /// The sequence of a system that is opened for the `opening`-th time: no two have an id in common.
    pub fn nth(seed: Seed, opening: u64) -> Self {
        Self { seed: Seed(seed.derive("ids").derive("opening").draw(opening)), next: AtomicU64::new(0) }
    }

    /// The next identifier: a version 8 UUID (RFC 9562, section 5.8), as it is not random.
    pub fn next<Id: From<Uuid>>(&self) -> Id {
        let index = self.next.fetch_add(2, Ordering::Relaxed);
        let high = u128::from(self.seed.draw(index)) << 64;
        let bits = high | u128::from(self.seed.draw(index + 1));
        uuid::Builder::from_custom_bytes(bits.to_be_bytes()).into_uuid().into()
    }
}

const fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(GOLDEN_GAMMA);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_generator_is_splitmix64() {
        // The first outputs of the reference implementation for state 1234567.
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973];
        assert_eq!([mix(1_234_567), mix(1_234_567_u64.wrapping_add(GOLDEN_GAMMA))], expected);
    }

    #[test]
    fn a_seed_gives_the_same_ids_again_and_another_seed_others() {
        let ids = |seed| {
            let source = IdSource::new(Seed::new(seed));
            (0..100).map(|_| source.next::<Uuid>()).collect::<Vec<_>>()
        };
        assert_eq!(ids(7), ids(7));
        let reopened = |opening| {
            let source = IdSource::nth(Seed::new(7), opening);
            (0..100).map(|_| source.next::<Uuid>()).collect::<Vec<_>>()
        };
        let distinct: HashSet<_> = [ids(7), ids(8), reopened(0), reopened(1)].into_iter().flatten().collect();
        assert_eq!(distinct.len(), 400);
    }

    #[test]
    fn purposes_draw_independently() {
        let seed = Seed::new(1);
        assert_ne!(seed.derive("drop-event").draw(1), seed.derive("ignore-key").draw(1));
    }
}
