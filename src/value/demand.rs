//! What a place asks of values that are made up for it.

use std::sync::Arc;

use super::Value;

/// Whole numbers up to here are kept exactly by every reader of JSON (RFC 8259, section 6).
const MOST: i64 = 1 << 53;

/// Fewer values than this meet by chance sooner or later: of 2^36, a thousand new ones meet one of a hundred thousand
/// old ones once in 700 runs.
const ENOUGH: u128 = 1 << 36;

/// What a place asks of a value that is made up for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Demand {
    /// Text.
    Text {
        /// How many characters it has at least.
        least: u64,
        /// How many it has at most; nothing for no limit.
        most: Option<u64>,
        /// The ranges of characters it is made of, both ends included, in order; nothing for any.
        alphabet: Option<Arc<[(char, char)]>>,
    },
    /// A whole number from one to another, both included; without a limit up to 2^53.
    Whole {
        /// The least.
        least: Option<i64>,
        /// The greatest.
        most: Option<i64>,
    },
    /// A UUID (RFC 9562) as text.
    Uuid,
}

/// What a drawn value must be for the place that it is drawn for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Need {
    /// What is asked of it; nothing where any will do.
    pub demand: Option<Demand>,
    /// Whether it is prose: a text that may hold anything which its place doesn't forbid. An id is none.
    pub prose: bool,
}

impl Need {
    /// Whether any value will do.
    pub fn is_free(&self) -> bool {
        self.demand.is_none() && !self.prose
    }
}

impl Demand {
    /// Any text.
    pub fn text() -> Self {
        Self::Text { least: 0, most: None, alphabet: None }
    }

    /// What meets both demands; `None` if nothing does.
    pub fn and(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (
                Self::Text { least, most, alphabet },
                Self::Text { least: other_least, most: other_most, alphabet: other_alphabet },
            ) => {
                let least = *least.max(other_least);
                let most = smaller(*most, *other_most);
                let alphabet = match (alphabet, other_alphabet) {
                    (Some(one), Some(other)) => Some(common(one, other)),
                    (one, other) => one.clone().or_else(|| other.clone()),
                };
                let possible = most.is_none_or(|most| most >= least && most > 0)
                    && alphabet.as_ref().is_none_or(|alphabet| !alphabet.is_empty());
                possible.then_some(Self::Text { least, most, alphabet })
            }
            (Self::Whole { least, most }, Self::Whole { least: other_least, most: other_most }) => {
                let both =
                    Self::Whole { least: (*least).max(*other_least), most: smaller(*most, *other_most) };
                let (least, most) = both.ends();
                (least <= most).then_some(both)
            }
            (Self::Uuid, Self::Uuid) => Some(Self::Uuid),
            (Self::Uuid, Self::Text { least, most, alphabet })
            | (Self::Text { least, most, alphabet }, Self::Uuid) => {
                let long = *least <= 36 && most.is_none_or(|most| most >= 36);
                let has = |c: char| alphabet.as_ref().is_none_or(|ranges| within(ranges, c));
                (long && "0123456789abcdef-".chars().all(has)).then_some(Self::Uuid)
            }
            (Self::Whole { .. }, _) | (_, Self::Whole { .. }) => None,
        }
    }

    /// Whether a value meets it; a name does, since what is drawn for it does.
    pub fn is_met_by(&self, value: &Value) -> bool {
        match (self, value) {
            (_, Value::Name(_)) => true,
            (Self::Uuid, Value::Text(text)) => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
            (Self::Text { least, most, alphabet }, Value::Text(text)) => {
                let length = text.chars().count() as u64;
                length >= *least
                    && most.is_none_or(|most| length <= most)
                    && alphabet.as_ref().is_none_or(|ranges| text.chars().all(|c| within(ranges, c)))
            }
            (Self::Whole { least, most }, Value::Number(number)) => {
                number.is_whole()
                    && number.to_i64().is_some_and(|number| {
                        least.is_none_or(|least| number >= least) && most.is_none_or(|most| number <= most)
                    })
            }
            _ => false,
        }
    }

    /// The least and the greatest whole number.
    pub fn ends(&self) -> (i64, i64) {
        let Self::Whole { least, most } = self else { return (0, 0) };
        let least = least.unwrap_or_else(|| if most.is_none_or(|most| most >= 1) { 1 } else { -MOST });
        (least, most.unwrap_or_else(|| MOST.max(least)))
    }

    /// How many values meet it, as far as a `u128` counts.
    pub fn count(&self) -> u128 {
        match self {
            Self::Uuid => 1 << 122,
            Self::Whole { .. } => {
                let (least, most) = self.ends();
                u128::try_from(i128::from(most) - i128::from(least) + 1).unwrap_or_default()
            }
            Self::Text { least, most, alphabet } => {
                let letters = alphabet.as_ref().map_or(36, |ranges| letters(ranges));
                // Longer texts are so many more that what comes before hardly counts.
                let longest = most.unwrap_or(*least.max(&64));
                u32::try_from(longest)
                    .ok()
                    .and_then(|length| letters.checked_pow(length))
                    .unwrap_or(u128::MAX)
            }
        }
    }

    /// Whether so few values meet it that some are likely to be drawn twice, by one run or another.
    pub fn is_narrow(&self) -> bool {
        self.count() < ENOUGH
    }
}

/// How many characters there are in all.
pub fn letters(ranges: &[(char, char)]) -> u128 {
    ranges.iter().map(|(from, to)| u128::from(u32::from(*to).saturating_sub(u32::from(*from))) + 1).sum()
}

/// The character at a place among all of them; `None` behind the last, and for what is no character.
pub fn letter(ranges: &[(char, char)], mut at: u128) -> Option<char> {
    for (from, to) in ranges {
        let count = u128::from(u32::from(*to).saturating_sub(u32::from(*from))) + 1;
        if at < count {
            return char::from_u32(u32::from(*from) + u32::try_from(at).ok()?);
        }
        at -= count;
    }
    None
}

fn within(ranges: &[(char, char)], c: char) -> bool {
    ranges.iter().any(|(from, to)| (*from..=*to).contains(&c))
}

fn common(one: &[(char, char)], other: &[(char, char)]) -> Arc<[(char, char)]> {
    let pairs =
        one.iter().flat_map(|one| other.iter().map(move |other| (one.0.max(other.0), one.1.min(other.1))));
    pairs.filter(|(from, to)| from <= to).collect()
}

fn smaller<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(least: u64, most: u64, ranges: &[(char, char)]) -> Demand {
        Demand::Text { least, most: Some(most), alphabet: Some(ranges.into()) }
    }

    #[test]
    fn what_meets_both_demands() {
        let letters = text(2, 8, &[('a', 'z')]);
        assert_eq!(letters.and(&Demand::text()), Some(letters.clone()));
        assert_eq!(letters.and(&text(5, 20, &[('A', 'Z'), ('a', 'f')])), Some(text(5, 8, &[('a', 'f')])));
        assert_eq!(letters.and(&text(9, 20, &[('a', 'z')])), None);
        assert_eq!(letters.and(&text(2, 8, &[('0', '9')])), None);
        let whole = |least, most| Demand::Whole { least, most };
        assert_eq!(whole(Some(1), None).and(&whole(None, Some(9))), Some(whole(Some(1), Some(9))));
        assert_eq!(whole(Some(1), None).and(&whole(None, Some(0))), None);
        assert_eq!(whole(None, None).and(&letters), None);
        assert_eq!(Demand::Uuid.and(&Demand::text()), Some(Demand::Uuid));
        assert_eq!(Demand::Uuid.and(&letters), None);
    }

    #[test]
    fn what_meets_a_demand() {
        let (letters, whole) = (text(2, 8, &[('a', 'z')]), Demand::Whole { least: Some(1), most: Some(9) });
        let uuid = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        for (demand, fits, others) in [
            (
                Demand::Uuid,
                vec![Value::from(uuid)],
                vec![Value::from("a"), uuid.replace('-', "").into(), 5.into()],
            ),
            (
                letters,
                vec!["ab".into(), "abcdefgh".into()],
                vec!["a".into(), "abcdefghi".into(), "aB".into(), 5.into()],
            ),
            (
                whole,
                vec![1.into(), 9.into()],
                vec![
                    0.into(),
                    10.into(),
                    "5".into(),
                    Value::Number(rust_decimal::Decimal::new(15, 1).into()),
                ],
            ),
        ] {
            assert!(demand.is_met_by(&Value::Name(crate::value::Name::new("label1"))));
            assert!(fits.iter().all(|value| demand.is_met_by(value)), "{demand:?}");
            assert!(!others.iter().any(|value| demand.is_met_by(value)), "{demand:?}");
        }
    }

    #[test]
    fn few_values_are_told_from_many() {
        assert_eq!(text(1, 3, &[('a', 'z')]).count(), 26 * 26 * 26);
        assert!(text(1, 3, &[('a', 'z')]).is_narrow() && !text(2, 8, &[('a', 'z')]).is_narrow());
        assert!(!Demand::Whole { least: Some(1), most: None }.is_narrow() && !Demand::Uuid.is_narrow());
        assert!(Demand::Whole { least: Some(1), most: Some(100) }.is_narrow());
        assert_eq!(Demand::Whole { least: None, most: Some(0) }.ends(), (-MOST, 0));
    }
}
