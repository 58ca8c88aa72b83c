//! How finely moments are told, and where.

use std::sync::Arc;

use super::{Moment, Record, Value};

/// How finely moments are told: what is finer is lost.
///
/// ```
/// use proofmark::value::{Moment, Precision};
///
/// let moment = |text| Moment::parse(text).unwrap();
/// let (sent, told) = (moment("2026-03-01T10:30:00.5Z"), moment("2026-03-01T10:30:00Z"));
/// assert!(Precision::Second.is_same(sent, told));
/// assert!(!Precision::Millisecond.is_same(sent, told));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Precision {
    /// To the microsecond.
    Microsecond,
    /// To the millisecond.
    Millisecond,
    /// To the second.
    Second,
    /// To the day, in UTC.
    Day,
}

impl Precision {
    /// All of them, the finest first.
    pub const ALL: [Self; 4] = [Self::Microsecond, Self::Millisecond, Self::Second, Self::Day];

    /// The word that profiles and histories have for it: `us`, `ms`, `s`, `day`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Microsecond => "us",
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Day => "day",
        }
    }

    /// In words: `the millisecond`.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Microsecond => "the microsecond",
            Self::Millisecond => "the millisecond",
            Self::Second => "the second",
            Self::Day => "the day in UTC",
        }
    }

    /// The moment without what is finer.
    #[must_use]
    pub fn cut(self, moment: Moment) -> Moment {
        match self.places() {
            Some(places) => moment.cut_to(places),
            None => moment.day(),
        }
    }

    /// Whether two moments can't be told apart: the same if what is finer is cut off. Fractions of a second may be rounded, too, as
    /// databases do; a day never is.
    pub fn is_same(self, one: Moment, other: Moment) -> bool {
        let rounded = |places| one.rounded_to(places) == other.rounded_to(places);
        self.cut(one) == self.cut(other) || self.places().is_some_and(rounded)
    }

    /// The moments just before and just after one that can be told apart from it; one alone at an end of the years that RFC 3339 has.
    pub fn beside(self, moment: Moment) -> impl Iterator<Item = Moment> {
        const DAY: i64 = 86_400;
        let (units, places) = self.places().map_or((DAY, 0), |places| (1, places));
        [-units, units].into_iter().filter_map(move |units| moment.later(units, places))
    }

    /// A value with its moments cut, each in the zone that it is told in; days begin in UTC. What tells none stays as it is.
    #[must_use]
    pub fn cut_value(self, value: &Value) -> Value {
        match value {
            Value::List(elements) => elements.iter().map(|element| self.cut_value(element)).collect(),
            Value::Text(text) => {
                Moment::parse(text).map_or_else(|| value.clone(), |moment| self.told(moment, text))
            }
            other => other.clone(),
        }
    }

    /// The moment cut, in the zone of its text.
    fn told(self, moment: Moment, text: &str) -> Value {
        let cut = self.cut(moment);
        let Some(places) = self.places() else { return Value::from(cut.to_string()) };
        if cut == moment {
            return Value::from(text);
        }
        // Only what is behind the second's digits is cut: no zone has a fraction of a second.
        let whole = "2026-01-01T00:00:00".len();
        let zone =
            text[whole + 1..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |at| whole + 1 + at);
        let kept = text[whole + 1..zone].get(..places as usize).unwrap_or_default();
        let point = if kept.is_empty() { "" } else { "." };
        Value::from(format!("{}{point}{kept}{}", &text[..whole], &text[zone..]))
    }

    /// Digits of a second; nothing where not even the second is told.
    pub(crate) fn places(self) -> Option<u32> {
        match self {
            Self::Microsecond => Some(6),
            Self::Millisecond => Some(3),
            Self::Second => Some(0),
            Self::Day => None,
        }
    }
}

/// How finely moments are told in the fields of a message. Lists don't count: what is said of a field goes for it in each element.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Precisions(Vec<(Vec<Arc<str>>, Precision)>);

impl Precisions {
    /// All moments are told as they are.
    pub const NONE: Self = Self(Vec::new());

    /// Says how finely the field at this path tells moments, one name within the other.
    pub fn tell(&mut self, path: impl IntoIterator<Item = Arc<str>>, precision: Precision) {
        self.0.push((path.into_iter().collect(), precision));
    }

    /// Whether all moments are told as they are.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left of it within a field.
    #[must_use]
    pub fn within(&self, field: &str) -> Self {
        let inner = self.0.iter().filter(|(path, _)| path.first().is_some_and(|first| **first == *field));
        Self(inner.map(|(path, precision)| (path[1..].to_vec(), *precision)).collect())
    }

    /// How finely the value itself is told; nothing where it is told as it is.
    pub fn here(&self) -> Option<Precision> {
        self.0.iter().find(|(path, _)| path.is_empty()).map(|(_, precision)| *precision)
    }

    /// The coarsest of all; nothing where all moments are told as they are.
    pub fn coarsest(&self) -> Option<Precision> {
        self.0.iter().map(|(_, precision)| *precision).max()
    }

    /// Every field that is named, and how finely it is told.
    pub fn iter(&self) -> impl Iterator<Item = (String, Precision)> {
        self.0.iter().map(|(path, precision)| (path.join("."), *precision))
    }

    /// Fields with their moments as they are told.
    #[must_use]
    pub fn cut(&self, fields: &Record) -> Record {
        if self.is_empty() {
            return fields.clone();
        }
        let cut = |(name, value): (&str, &Value)| (Arc::from(name), self.within(name).cut_value(value));
        fields.iter().map(cut).collect()
    }

    fn cut_value(&self, value: &Value) -> Value {
        match (value, self.here()) {
            (value, _) if self.is_empty() => value.clone(),
            (Value::List(elements), None) => elements.iter().map(|element| self.cut_value(element)).collect(),
            (Value::Record(fields), None) => Value::Record(self.cut(fields)),
            (value, Some(precision)) => precision.cut_value(value),
            (value, None) => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    fn moment(text: &str) -> Moment {
        Moment::parse(text).expect(text)
    }

    #[test]
    fn moments_are_the_same_as_far_as_they_are_told() {
        let check = |one: &str, other: &str, expected: [bool; 4]| {
            let same = Precision::ALL.map(|precision| precision.is_same(moment(one), moment(other)));
            assert_eq!(same, expected, "{one} {other}");
        };
        check("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.123456Z", [true; 4]);
        check("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.123457Z", [true; 4]);
        check("2026-03-01T10:00:00.1234567Z", "2026-03-01T10:00:00.123458Z", [false, true, true, true]);
        check("2026-03-01T10:00:00.123Z", "2026-03-01T11:00:00+01:00", [false, false, true, true]);
        check("2026-03-01T10:00:00.999Z", "2026-03-01T10:00:01Z", [false, false, true, true]);
        check("2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z", [false, false, false, true]);
        check("2026-03-01T23:59:59.9Z", "2026-03-02T00:00:00Z", [false, false, true, false]);
        check("2026-03-01T23:30:00+02:00", "2026-03-01T23:30:00Z", [false, false, false, true]);
        check("2026-03-01T01:30:00+02:00", "2026-03-01T01:30:00Z", [false; 4]);
    }

    #[test]
    fn moments_beside_one_can_just_be_told_apart() {
        let check = |precision: Precision, text: &str, expected: &[&str]| {
            let beside: Vec<_> = precision.beside(moment(text)).collect();
            assert_eq!(beside.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
            assert!(beside.iter().all(|one| precision.cut(*one) != precision.cut(moment(text))));
        };
        let noon = "2026-03-01T12:00:00.5Z";
        check(Precision::Microsecond, noon, &["2026-03-01T12:00:00.499999Z", "2026-03-01T12:00:00.500001Z"]);
        check(Precision::Millisecond, noon, &["2026-03-01T12:00:00.499Z", "2026-03-01T12:00:00.501Z"]);
        check(Precision::Second, noon, &["2026-03-01T11:59:59.5Z", "2026-03-01T12:00:01.5Z"]);
        check(Precision::Day, noon, &["2026-02-28T12:00:00.5Z", "2026-03-02T12:00:00.5Z"]);
        check(Precision::Day, "9999-12-31T00:00:00Z", &["9999-12-30T00:00:00Z"]);
    }

    #[test]
    fn what_is_cut_keeps_its_zone() {
        let check = |text: &str, expected: [&str; 4]| {
            let cut = Precision::ALL.map(|precision| precision.cut_value(&Value::from(text)));
            assert_eq!(cut, expected.map(Value::from), "{text}");
        };
        let day = "2026-02-28T00:00:00Z";
        check(
            "2026-03-01T01:30:00.1234567+02:00",
            [
                "2026-03-01T01:30:00.123456+02:00",
                "2026-03-01T01:30:00.123+02:00",
                "2026-03-01T01:30:00+02:00",
                day,
            ],
        );
        check(
            "2026-02-28T10:00:00Z",
            ["2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00Z", day],
        );
        check("no moment", ["no moment"; 4]);
    }

    #[test]
    fn fields_are_cut_where_they_are_named_in_every_element() {
        let mut precisions = Precisions::default();
        precisions.tell([Arc::from("due")], Precision::Second);
        precisions.tell([Arc::from("stops"), Arc::from("at")], Precision::Day);
        let Ok(Value::Record(given)) = Value::from_json(
            r#"{"due": ["2026-03-01T10:00:00.5Z"], "made": "2026-03-01T10:00:00.5Z",
                "stops": [{"at": "2026-03-01T10:00:00Z", "by": "2026-03-01T10:00:00Z"}, 7]}"#,
            &Limits::default(),
        ) else {
            panic!("JSON");
        };
        assert_eq!(
            Value::Record(precisions.cut(&given)).to_json(),
            r#"{"due":["2026-03-01T10:00:00Z"],"made":"2026-03-01T10:00:00.5Z","stops":[{"at":"2026-03-01T00:00:00Z","by":"2026-03-01T10:00:00Z"},7]}"#
        );
        assert_eq!(precisions.coarsest(), Some(Precision::Day));
        assert_eq!(Precisions::default().cut(&given), given);
    }
}
