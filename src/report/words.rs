use std::fmt::Display;
use std::time::Duration;

use serde::Serializer;

/// Serializes a closed enum as the word that it prints.
pub(crate) fn in_words<S: Serializer>(word: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(word)
}

/// `3 scenarios`, `1 scenario`.
pub fn plural(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// A duration in a unit that suits it: `740 µs`, `12.3 ms`, `4.56 s`.
pub fn duration(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds >= 1.0 {
        format!("{seconds:.2} s")
    } else if seconds >= 0.001 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{:.0} µs", seconds * 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_choose_their_unit() {
        assert_eq!(duration(Duration::from_nanos(740_400)), "740 µs");
        assert_eq!(duration(Duration::from_micros(12_340)), "12.3 ms");
        assert_eq!(duration(Duration::from_millis(4_560)), "4.56 s");
    }
}
