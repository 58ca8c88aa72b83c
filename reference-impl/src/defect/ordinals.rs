//! Numbers for names, in the order in which the names turn up.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::lock::lock;

/// Gives each name a number: the first one 0, the next new one 1, and so on.
///
/// Ids and keys are drawn anew for each run. Their numbers are not, so what a defect does with the second key of a
/// run it does again when the run is replayed with its seed.
#[derive(Debug, Default)]
pub(super) struct Ordinals {
    known: Mutex<HashMap<String, u64>>,
}

impl Ordinals {
    /// The number of `name`.
    pub(super) fn of(&self, name: &str) -> u64 {
        let mut known = lock(&self.known);
        let next = known.len() as u64;
        match known.get(name) {
            Some(number) => *number,
            None => *known.entry(name.to_owned()).or_insert(next),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_numbered_as_they_turn_up_and_keep_their_numbers() {
        let ordinals = Ordinals::default();
        assert_eq!(["b", "a", "b", "c"].map(|name| ordinals.of(name)), [0, 1, 0, 2]);
    }
}
