use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::target::IdForm;
use crate::value::{STEP, Value, mix};

/// The seed of a run: what decides its course.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed for a run that asked for none. Small, so that it is easily typed again.
    pub fn fresh() -> Self {
        Self(Salt::fresh().0 % 1_000_000)
    }

    /// The seed of one scenario, the same whether it runs alone or among others.
    #[must_use]
    pub fn of_scenario(self, file: &str, scenario: &str) -> Self {
        let words = file.bytes().chain([0]).chain(scenario.bytes());
        Self(words.fold(mix(self.0), |hash, byte| mix(hash ^ u64::from(byte))))
    }
}

/// What keeps the ids of two runs with one seed apart.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Salt(pub u64);

impl Salt {
    /// A salt that no other run has, drawn from the operating system's randomness.
    pub fn fresh() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }
}

impl Salt {
    /// The salt of one job of the run.
    pub(super) fn of_job(self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number)))
    }
}

/// Draws the unique values of one scenario.
#[derive(Clone, Debug)]
pub(super) struct Draw {
    state: [u64; 2],
    ids: IdForm,
}

impl Draw {
    /// The draw of the scenario with `seed` in the run with `salt`.
    pub(super) fn new(seed: Seed, salt: Salt, ids: IdForm) -> Self {
        Self { state: [mix(seed.0 ^ mix(salt.0)), mix(salt.0 ^ mix(!seed.0))], ids }
    }

    /// Text that no other scenario, run or machine draws: `cust-` and 20 characters of `0-9a-z`.
    pub(super) fn unique(&mut self, prefix: &str) -> Value {
        Value::from(self.text(prefix))
    }

    /// An id for a new aggregate of the given name, in the form that the target asks for.
    pub(super) fn id(&mut self, aggregate: &str) -> Value {
        match self.ids {
            IdForm::Uuid => {
                let id = uuid::Builder::from_random_bytes(self.bits().to_be_bytes()).into_uuid();
                let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
                Value::from(&*id.hyphenated().encode_lower(&mut text))
            }
            IdForm::Text => Value::from(self.text(&aggregate.to_lowercase())),
        }
    }

    /// An id for a command, as histories show it.
    pub(super) fn command_id(&mut self) -> Arc<str> {
        self.text("c").into()
    }

    fn text(&mut self, prefix: &str) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut bits = self.bits();
        let mut text = String::with_capacity(prefix.len() + 21);
        text.push_str(prefix);
        text.push('-');
        for _ in 0..20 {
            text.push(char::from(DIGITS[(bits % 36) as usize]));
            bits /= 36;
        }
        text
    }

    /// 128 bits: enough for values never to meet (the birthday bound is 2^51 values of 20 digits).
    fn bits(&mut self) -> u128 {
        let [a, b] = self.state.map(|word| mix(word.wrapping_add(STEP)));
        self.state = [a, b];
        (u128::from(a) << 64) | u128::from(b)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_replay_keeps_its_seed_and_not_its_ids() {
        let seed = Seed(7).of_scenario("rules", "no item goes into a confirmed order");
        assert_eq!(seed, Seed(7).of_scenario("rules", "no item goes into a confirmed order"));
        assert_ne!(seed, Seed(8).of_scenario("rules", "no item goes into a confirmed order"));
        assert_ne!(Seed(7).of_scenario("a", "b"), Seed(7).of_scenario("ab", ""));
        assert_ne!(Seed(7).of_scenario("a", "b"), Seed(7).of_scenario("c", "b"));
        let draw = |salt| Draw::new(seed, Salt(salt), IdForm::Uuid).id("Order");
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
    }

    #[test]
    fn values_never_meet_within_or_between_scenarios() {
        let mut seen = HashSet::new();
        for scenario in 0..100 {
            let mut draw = Draw::new(Seed(scenario), Salt(1), IdForm::Text);
            for _ in 0..100 {
                assert!(seen.insert(draw.unique("p").to_string()));
                assert!(seen.insert(draw.id("Order").to_string()));
            }
        }
    }

    #[test]
    fn ids_are_version_4_uuids() {
        let id = Draw::new(Seed(1), Salt(2), IdForm::Uuid).id("Order");
        let Value::Text(text) = id else { panic!("not text: {id:?}") };
        let id = uuid::Uuid::parse_str(&text).expect("a UUID");
        assert_eq!(id.get_version_num(), 4);
    }
}
