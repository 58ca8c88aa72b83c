use std::str::FromStr;

use crate::scenario::Plan;

/// One part of several that a selection is split into, for machines that share a run: `2/5`.
///
/// Where a scenario belongs follows from its file and its name alone, so that it stays there when others come and go:
/// FNV-1a (64 bits) over the file as it was named (`/` between its parts, no leading `./`), a zero byte and the
/// scenario's name; then `x ^= x >> 32`, and the remainder by the number of parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shard {
    /// Which one, counted from 1.
    index: u64,
    /// Of how many.
    of: u64,
}

impl FromStr for Shard {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts = text.split_once('/').and_then(|(i, n)| Some((number(i)?, number(n)?)));
        match parts {
            Some((index, of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            Some(_) => Err("shards are counted from 1 up to their number: 1/3, 2/3, 3/3"),
            None => Err("a shard and their number are needed: 2/5 for the second of five"),
        }
    }
}

impl std::fmt::Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

impl Shard {
    /// Whether a scenario belongs to it.
    pub fn holds(&self, plan: &Plan) -> bool {
        self.has(plan.source.name(), &plan.name)
    }

    fn has(self, file: &str, scenario: &str) -> bool {
        let file = file.replace('\\', "/");
        let file = file.trim_start_matches("./").bytes();
        let hash = file.chain([0]).chain(scenario.bytes()).fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        (hash ^ (hash >> 32)) % self.of == self.index - 1
    }
}

/// Digits and nothing else: no sign, no spaces.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shard(index: u64, of: u64) -> Shard {
        format!("{index}/{of}").parse().expect("a shard")
    }

    proptest! {
        #[test]
        fn every_scenario_is_in_exactly_one_shard(file in ".*", name in ".*", of in 1_u64..50) {
            let holding = (1..=of).filter(|index| shard(*index, of).has(&file, &name)).count();
            prop_assert_eq!(holding, 1);
        }
    }

    #[test]
    fn where_a_scenario_belongs_is_part_of_the_interface() {
        // By hand from the published algorithm; a change here moves everybody's scenarios.
        let place = |file, name| (1..=7).find(|index| shard(*index, 7).has(file, name));
        assert_eq!(place("a.scenario", "one"), Some(1));
        assert_eq!(place("./a.scenario", "one"), Some(1));
        assert_eq!(place("orders/a.scenario", "é"), Some(4));
        assert_eq!(place(r"orders\a.scenario", "é"), Some(4));
    }

    #[test]
    fn shards_share_the_work() {
        let names: Vec<String> = (0..1000).map(|number| format!("scenario {number}")).collect();
        for index in 1..=4 {
            let held = names.iter().filter(|name| shard(index, 4).has("a.scenario", name)).count();
            assert!((200..300).contains(&held), "{held} of 1000 in shard {index} of 4");
        }
    }

    #[test]
    fn nonsense_is_no_shard() {
        for wrong in
            ["", "1", "/", "0/3", "4/3", "1/0", "+1/3", "1/3/5", "-1/3", " 1/3", "1/99999999999999999999"]
        {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
