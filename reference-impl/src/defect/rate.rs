//! How often a defect strikes.

use std::fmt;
use std::num::NonZeroU64;

use crate::seed::Seed;

/// The unit that decimal rates are counted in.
const BILLION: u64 = 1_000_000_000;

/// How often a defect strikes, on average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rate {
    /// Every time.
    Always,
    /// One time in so many.
    OneIn(NonZeroU64),
    /// So many times in a billion.
    PerBillion(NonZeroU64),
}

impl Rate {
    /// One time in `times`; every time if that is 0 or 1.
    pub const fn one_in(times: u64) -> Self {
        match NonZeroU64::new(times) {
            Some(times) if times.get() > 1 => Self::OneIn(times),
            _ => Self::Always,
        }
    }

    /// Reads `1/N`, or a decimal above 0 and up to 1 with at most nine places. `None` otherwise.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(times) = text.strip_prefix("1/") {
            return digits(times).filter(|times| *times > 0).map(Self::one_in);
        }
        let (whole, places) = text.split_once('.').unwrap_or((text, "0"));
        if places.len() > 9 {
            return None;
        }
        let places = digits(&format!("{places:0<9}"))?;
        match (digits(whole)?, NonZeroU64::new(places)) {
            (1, None) => Some(Self::Always),
            (0, Some(places)) => Some(Self::PerBillion(places)),
            _ => None,
        }
    }

    const fn strikes(self, drawn: u64) -> bool {
        match self {
            Self::Always => true,
            Self::OneIn(times) => drawn.is_multiple_of(times.get()),
            Self::PerBillion(share) => drawn % BILLION < share.get(),
        }
    }
}

/// A number of ASCII digits only: `u64`'s own parser would let a sign through.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Always => f.write_str("1"),
            Self::OneIn(times) => write!(f, "1/{times}"),
            Self::PerBillion(share) => {
                let places = format!("{:09}", share.get());
                write!(f, "0.{}", places.trim_end_matches('0'))
            }
        }
    }
}

/// When a defect strikes: at the seed's choice, and always the same for the same occasion, however
/// the tasks of the system happen to be scheduled.
#[derive(Debug, Clone, Copy)]
pub struct Strike {
    rate: Rate,
    seed: Seed,
}

impl Strike {
    /// Strikes of the defect `name`, at `rate`.
    pub fn new(name: &str, rate: Rate, seed: Seed) -> Self {
        Self { rate, seed: seed.derive(name) }
    }

    /// Whether it strikes on the occasion with that number.
    pub const fn hits(&self, occasion: u64) -> bool {
        self.rate.strikes(self.seed.draw(occasion))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_and_written() {
        for text in ["1/10", "1/2", "0.25", "0.000000001", "1"] {
            assert_eq!(Rate::parse(text).map(|rate| rate.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Rate::parse("1/1"), Some(Rate::Always));
        assert_eq!(Rate::parse("1.0"), Some(Rate::Always));
    }

    #[test]
    fn other_rates_are_refused() {
        for text in
            ["", "0", "0.0", "1.5", "2", "-1", "+1", "1/0", "1/", "1/x", "1/+2", "2/3", "0.0000000001", "."]
        {
            assert_eq!(Rate::parse(text), None, "{text}");
        }
    }

    #[test]
    fn strikes_come_as_often_as_the_rate_says() {
        for (rate, low, high) in [("1/10", 900, 1100), ("0.25", 2350, 2650), ("1", 10_000, 10_000)] {
            let strike = Strike::new("x", Rate::parse(rate).expect("a rate"), Seed::new(1));
            let hits = (0..10_000).filter(|occasion| strike.hits(*occasion)).count();
            assert!((low..=high).contains(&hits), "{rate}: {hits} of 10000");
        }
    }

    #[test]
    fn strikes_are_the_seeds_choice_alone() {
        let course = |seed| {
            let strike = Strike::new("x", Rate::one_in(3), Seed::new(seed));
            (0..200).map(|occasion| strike.hits(occasion)).collect::<Vec<_>>()
        };
        assert_eq!(course(1), course(1));
        assert_ne!(course(1), course(2));
    }
}
