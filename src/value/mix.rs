/// The next word behind `state`: the step and the finaliser of `SplitMix64` (Steele, Lea & Flood, "Fast splittable
/// pseudorandom number generators", 2014). A generator adds [`STEP`] to its state each time.
pub fn mix(state: u64) -> u64 {
    let word = state.wrapping_add(STEP);
    let word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    word ^ (word >> 31)
}

/// By how much the state of a generator grows: the golden ratio in 64 bits, made odd.
pub const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_the_paper() {
        // The first outputs of the reference implementation (Vigna, `splitmix64.c`) for the seed 1234567.
        let words: Vec<u64> =
            (0..3_u64).map(|n| mix(1_234_567_u64.wrapping_add(n.wrapping_mul(STEP)))).collect();
        assert_eq!(words, [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]);
    }
}
