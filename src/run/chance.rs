use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use crate::protocol::IdForm;
use crate::step;
use crate::value::{Demand, Need, STEP, Value, letter, letters, mix};

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
    pub(crate) fn of_job(self, number: u64) -> Self {
        Self(mix(self.0 ^ mix(number)))
    }
}

/// So often a value is drawn anew that was drawn before.
const TRIES: usize = 1_000;

/// Texts that have to be longer are not made up.
const LONGEST: u64 = 100_000;

/// So few values meet a demand that none is left which was not drawn before.
#[derive(Clone, PartialEq, Debug, thiserror::Error)]
#[error("too few values fit here for another one: there are {count}")]
pub(crate) struct TooFew {
    pub(crate) count: u128,
    /// One that fits, drawn before.
    pub(crate) one: Value,
}

/// How many characters keep prose apart from all other prose: of 36 each, that is 62 bits.
const APART: u64 = 12;

/// What breaks where texts are put together, cut, folded or stored with care for some characters only. Each comes behind what keeps a
/// text apart, so that it has no part in the order of texts, which services may see otherwise.
const TRICKY: &[&str] = &[
    "É", "\"q\"", "$5", "100%", "it's", "😀", "ß", "<b>&amp;", "\\n", "a+B", "日本", "#1;--", "{0}", "/x?y",
];

/// Draws the unique values of one scenario.
#[derive(Clone, Debug)]
pub(crate) struct Draw {
    state: [u64; 2],
    /// How many texts of prose were drawn.
    prose: usize,
    ids: IdForm,
    keys: IdForm,
    /// Values that had to be of a certain kind: there may be so few that one comes twice.
    drawn: HashSet<Value>,
}

impl Draw {
    /// The draw of the scenario with `seed` in the run with `salt`.
    pub(crate) fn new(seed: Seed, salt: Salt, ids: IdForm) -> Self {
        let keys = IdForm::Text;
        Self {
            state: [mix(seed.0 ^ mix(salt.0)), mix(salt.0 ^ mix(!seed.0))],
            prose: 0,
            ids,
            keys,
            drawn: HashSet::new(),
        }
    }

    /// The same for a target that wants its idempotency keys so.
    pub(crate) fn keyed(self, keys: IdForm) -> Self {
        Self { keys, ..self }
    }

    /// Text that no other scenario, run or machine draws: `cust-` and 20 characters of `0-9a-z`.
    pub(crate) fn unique(&mut self, prefix: &str) -> Value {
        Value::from(self.text(prefix))
    }

    /// An id for a new aggregate of the given name, in the form that the target asks for.
    pub(crate) fn id(&mut self, aggregate: &str) -> Value {
        match self.ids {
            IdForm::Uuid => self.uuid(),
            IdForm::Text => Value::from(self.text(&aggregate.to_lowercase())),
        }
    }

    /// An idempotency key in the form that the target asks for.
    fn key(&mut self) -> Value {
        match self.keys {
            IdForm::Uuid => self.uuid(),
            IdForm::Text => self.unique("key"),
        }
    }

    fn uuid(&mut self) -> Value {
        let id = uuid::Builder::from_random_bytes(self.bits().to_be_bytes()).into_uuid();
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        Value::from(&*id.hyphenated().encode_lower(&mut text))
    }

    /// An id for a command, as histories show it.
    pub(crate) fn command_id(&mut self) -> Arc<str> {
        self.text("c").into()
    }

    /// A value for what a name stands for, that is as its place needs it.
    ///
    /// # Errors
    /// With one that was drawn before, where so few fit that there is no other.
    pub(crate) fn value(&mut self, what: &step::Draw, need: &Need) -> Result<Value, TooFew> {
        if need.is_free() {
            return Ok(match what {
                step::Draw::New(kind) => self.id(kind),
                step::Draw::Unique(prefix) => self.unique(prefix),
                step::Draw::Key => self.key(),
            });
        }
        let prefix = match what {
            step::Draw::New(kind) => kind.to_lowercase(),
            step::Draw::Unique(prefix) => prefix.to_string(),
            step::Draw::Key => "key".to_owned(),
        };
        self.needed(need, &prefix).ok_or_else(|| {
            let drawn = std::mem::take(&mut self.drawn);
            let one = self.needed(need, &prefix).unwrap_or(Value::Null);
            self.drawn = drawn;
            TooFew { count: need.demand.as_ref().map_or(0, Demand::count), one }
        })
    }

    /// A value that is as its place needs it, and was not drawn before; `None` where there is none, as far as many tries tell.
    pub(super) fn needed(&mut self, need: &Need, prefix: &str) -> Option<Value> {
        let any = Demand::text();
        let demand = need.demand.as_ref().unwrap_or(&any);
        let prose = match demand {
            Demand::Text { least, most, alphabet: None } if need.prose => self.prose(prefix, *least, *most),
            _ => None,
        };
        prose.or_else(|| self.fitting(demand, prefix))
    }

    /// Prose that begins with the prefix if that fits: it differs from other prose in content and length, has letters of both cases, and
    /// something that breaks things. Nothing where there is no room for that.
    fn prose(&mut self, prefix: &str, least: u64, most: Option<u64>) -> Option<Value> {
        // Services count bytes, UTF-16 units or characters: by bytes it is never too long for any of them.
        let room = usize::try_from(most.unwrap_or(u64::MAX)).unwrap_or(usize::MAX);
        let core = usize::try_from(APART).ok()?;
        let front = if room > prefix.len() + core + 1 { format!("{prefix}-") } else { String::new() };
        if room <= front.len() + core || least > LONGEST {
            return None;
        }
        let mut text = front + &self.digits(core);
        text.push('A');
        let (number, bits) = (self.prose, self.bits());
        self.prose += 1;
        // In turn, so that a few texts have met all of it, from a place that the seed decides.
        let offset = (self.state[0] >> 8) as usize;
        for at in [number, number + 1 + (bits % 5) as usize] {
            let piece = TRICKY[offset.wrapping_add(at) % TRICKY.len()];
            if text.len() + 1 + piece.len() < room {
                text.push(' ');
                text.push_str(piece);
            }
        }
        while (text.chars().count() as u64) < least {
            text.push('z');
        }
        // A space at the end is lost where texts are trimmed.
        if number % 3 == 1 && text.len() < room {
            text.push(' ');
        }
        Some(Value::from(text))
    }

    /// A value that meets the demand and was not drawn before; `None` where there is none, as far as many tries tell.
    pub(super) fn fitting(&mut self, demand: &Demand, prefix: &str) -> Option<Value> {
        for _ in 0..TRIES {
            let value = match demand {
                Demand::Uuid => self.uuid(),
                Demand::Whole { .. } => {
                    let (least, most) = demand.ends();
                    let count = demand.count().max(1);
                    let at =
                        i64::try_from(i128::from(least) + i128::try_from(self.bits() % count).ok()?).ok()?;
                    Value::from(at.min(most))
                }
                Demand::Text { least, most, alphabet } => {
                    Value::from(self.letters(prefix, *least, *most, alphabet.as_deref())?)
                }
            };
            if self.drawn.insert(value.clone()) {
                return Some(value);
            }
        }
        None
    }

    /// Text of so many characters of an alphabet; of `0-9a-z` behind the prefix where there is none and it fits.
    fn letters(
        &mut self,
        prefix: &str,
        least: u64,
        most: Option<u64>,
        alphabet: Option<&[(char, char)]>,
    ) -> Option<String> {
        const PLAIN: &[(char, char)] = &[('0', '9'), ('a', 'z')];
        let ranges = alphabet.unwrap_or(PLAIN);
        let base = letters(ranges);
        // As many as there are in 20 digits of 36.
        let enough = (1..=104_u32).find(|length| base.checked_pow(*length).is_none_or(|all| all >> 103 > 0));
        let enough = u64::from(enough.unwrap_or(104));
        let front = if alphabet.is_none() { format!("{prefix}-") } else { String::new() };
        let before = front.chars().count() as u64;
        let front = if most.is_none_or(|most| most >= before + enough) { front } else { String::new() };
        let before = front.chars().count() as u64;
        let length = enough.max(least.saturating_sub(before)).min(most.unwrap_or(u64::MAX) - before);
        if length > LONGEST || base == 0 {
            return None;
        }
        let mut text = front;
        let (mut bits, mut left) = (0, 0);
        for _ in 0..length {
            // What is left is far more than the base, so that no character is likelier than another.
            if left >> 32 < base {
                (bits, left) = (self.bits(), u128::MAX);
            }
            text.push(letter(ranges, bits % base).unwrap_or_else(|| ranges[0].0));
            bits /= base;
            left /= base;
        }
        Some(text)
    }

    fn text(&mut self, prefix: &str) -> String {
        let mut text = String::with_capacity(prefix.len() + 21);
        text.push_str(prefix);
        text.push('-');
        text.push_str(&self.digits(20));
        text
    }

    /// So many characters of `0-9a-z`, 24 at most.
    fn digits(&mut self, count: usize) -> String {
        const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
        let mut bits = self.bits();
        let digit = |_| {
            let digit = char::from(DIGITS[(bits % 36) as usize]);
            bits /= 36;
            digit
        };
        (0..count).map(digit).collect()
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
    fn values_are_of_the_kind_that_is_asked_for() {
        let mut draw = Draw::new(Seed(1), Salt(2), IdForm::Uuid);
        let text = |least, most, ranges: &[(char, char)]| Demand::Text {
            least,
            most,
            alphabet: (!ranges.is_empty()).then(|| ranges.into()),
        };
        for _ in 0..100 {
            let name = draw.fitting(&text(2, Some(8), &[('a', 'z')]), "cust").expect("a value");
            let name = name.as_text().expect("text").to_owned();
            assert!(name.len() == 8 && name.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
            let plain = draw.fitting(&text(0, Some(40), &[]), "cust").expect("a value");
            assert!(
                plain.as_text().is_some_and(|text| text.starts_with("cust-") && text.len() == 25),
                "{plain:?}"
            );
            let short = draw.fitting(&text(0, Some(12), &[]), "cust").expect("a value");
            assert_eq!(short.as_text().map(str::len), Some(12));
            let long = draw.fitting(&text(60, None, &[('α', 'ω')]), "cust").expect("a value");
            assert_eq!(long.as_text().map(|text| text.chars().count()), Some(60));
            let whole = draw.fitting(&Demand::Whole { least: Some(5), most: Some(1_000_000) }, "n");
            let whole = whole.as_ref().and_then(Value::as_number).and_then(crate::value::Number::to_i64);
            assert!(whole.is_some_and(|whole| (5..=1_000_000).contains(&whole)), "{whole:?}");
        }
        let three = Demand::Whole { least: Some(1), most: Some(3) };
        let drawn: HashSet<_> = (0..3).map(|_| draw.fitting(&three, "n").expect("another")).collect();
        assert_eq!((drawn.len(), draw.fitting(&three, "n")), (3, None));
    }

    #[test]
    fn ids_are_version_4_uuids() {
        let id = Draw::new(Seed(1), Salt(2), IdForm::Uuid).id("Order");
        let Value::Text(text) = id else { panic!("not text: {id:?}") };
        let id = uuid::Uuid::parse_str(&text).expect("a UUID");
        assert_eq!(id.get_version_num(), 4);
    }
}
