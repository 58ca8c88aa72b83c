//! How far numbers and moments may be from what they should be, for services that keep them in floats, or in seconds.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Number, Precision, Precisions, Value};

/// How far the numbers of an answer may be from what is expected, and how finely its moments are told: nothing may be off, but for what
/// is named.
///
/// Lists don't count: what is said of a field goes for that field in every row.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tolerances {
    numbers: Vec<(Vec<Arc<str>>, Number)>,
    moments: Precisions,
    /// No moment is told more finely than this.
    everywhere: Option<Precision>,
}

impl Tolerances {
    /// Nothing may be off.
    pub const EXACT: Self = Self { numbers: Vec::new(), moments: Precisions::NONE, everywhere: None };

    /// Numbers are exact, and moments are told like this.
    pub fn of_moments(moments: Precisions) -> Self {
        Self { moments, ..Self::EXACT }
    }

    /// Lets the number at these fields, one within the other, be off by as much, which is at least 0.
    pub fn allow(&mut self, path: impl IntoIterator<Item = Arc<str>>, by: Number) {
        self.numbers.push((path.into_iter().collect(), by));
    }

    /// How finely the answer tells its moments.
    pub fn moments(&self) -> &Precisions {
        &self.moments
    }

    /// Says how finely the answer tells its moments.
    pub fn tell_moments(&mut self, moments: Precisions) {
        self.moments = moments;
    }

    /// As far off, where no moment is known more finely than this.
    #[must_use]
    pub fn known_to(&self, precision: Option<Precision>) -> Cow<'_, Self> {
        if precision.is_none() {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self { everywhere: self.everywhere.max(precision), ..self.clone() })
    }

    /// Whether every number and every moment has to be exact.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.moments.is_empty() && self.everywhere.is_none()
    }

    /// What is left of it within a field.
    #[must_use]
    pub fn within(&self, field: &str) -> Self {
        let inner =
            self.numbers.iter().filter(|(path, _)| path.first().is_some_and(|first| **first == *field));
        Self {
            numbers: inner.map(|(path, by)| (path[1..].to_vec(), by.clone())).collect(),
            moments: self.moments.within(field),
            everywhere: self.everywhere,
        }
    }

    /// The same without a copy where nothing may be off.
    #[must_use]
    pub fn inside(&self, field: &str) -> Cow<'_, Self> {
        if self.is_empty() { Cow::Borrowed(self) } else { Cow::Owned(self.within(field)) }
    }

    /// How far the number itself may be off.
    pub fn here(&self) -> Option<&Number> {
        self.numbers.iter().find(|(path, _)| path.is_empty()).map(|(_, by)| by)
    }

    /// How finely the moment itself is told; nothing where it is told as it is.
    pub fn precision(&self) -> Option<Precision> {
        self.moments.here().max(self.everywhere)
    }

    /// Every number that is named, and how far it may be off.
    pub fn iter(&self) -> impl Iterator<Item = (String, &Number)> {
        self.numbers.iter().map(|(path, by)| (path.join("."), by))
    }

    /// Whether two values are the same, as far as that can be told. Two texts that tell one moment are, as finely as it is told.
    pub fn equal(&self, one: &Value, other: &Value) -> bool {
        if one == other {
            return true;
        }
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => match (self.here(), one.sub(other), other.sub(one))
            {
                (Some(by), Ok(less), Ok(more)) => less <= *by && more <= *by,
                _ => false,
            },
            (Value::Text(_), Value::Text(_)) => match (one.as_moment(), other.as_moment()) {
                (Some(one), Some(other)) => match self.precision() {
                    Some(precision) => precision.is_same(one, other),
                    None => one == other,
                },
                _ => false,
            },
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len() && one.iter().zip(other).all(|(one, other)| self.equal(one, other))
            }
            (Value::Record(one), Value::Record(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(name, value)| {
                        other.get(name).is_some_and(|other| self.inside(name).equal(value, other))
                    })
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    #[track_caller]
    fn check(one: &str, other: &str, equal: bool) {
        let mut tolerances = Tolerances::default();
        tolerances.allow([Arc::from("total")], Number::parse("0.005").expect("a number"));
        tolerances.allow([Arc::from("items"), Arc::from("price")], Number::parse("0.1").expect("a number"));
        let [one, other] = [one, other].map(|json| Value::from_json(json, &Limits::default()).expect("JSON"));
        assert_eq!(tolerances.equal(&one, &other), equal, "{one:?} {other:?}");
    }

    #[test]
    fn a_moment_is_the_same_in_every_form() {
        check(r#"{"due": "2026-01-01T00:00:00Z"}"#, r#"{"due": "2026-01-01T01:00:00.000+01:00"}"#, true);
        check(r#"["2026-01-01T00:00:00Z"]"#, r#"["2026-01-01T00:00:00.001Z"]"#, false);
        let moments = ["2026-01-01T00:00:00Z", "2026-01-01T02:00:00+02:00"].map(Value::from);
        assert!(Tolerances::EXACT.equal(&moments[0], &moments[1]));
    }

    #[test]
    fn a_moment_is_the_same_as_finely_as_it_is_told() {
        let mut moments = Precisions::default();
        moments.tell([Arc::from("due")], Precision::Day);
        let exact = Tolerances::of_moments(moments);
        let equal = |tolerances: &Tolerances, one: &str, other: &str| {
            let [one, other] = [one, other].map(|due| {
                Value::from_json(format!(r#"[{{"due": ["{due}"]}}]"#), &Limits::default()).expect("JSON")
            });
            tolerances.equal(&one, &other)
        };
        let [morning, noon] = ["2026-01-01T08:00:00Z", "2026-01-01T12:00:00Z"];
        assert!(equal(&exact, morning, noon) && !equal(&exact, morning, "2026-01-02T08:00:00Z"));
        assert!(!equal(&exact, morning, "soon") && !equal(&Tolerances::EXACT, morning, noon));
        assert!(equal(&Tolerances::EXACT.known_to(Some(Precision::Day)), morning, noon));
        assert!(!equal(&Tolerances::EXACT.known_to(None), morning, noon));
    }

    #[test]
    fn only_named_numbers_may_be_off_and_only_so_far() {
        check(r#"{"total": 9.00}"#, r#"{"total": 9.004999}"#, true);
        check(r#"{"total": 9.00}"#, r#"{"total": 8.995}"#, true);
        check(r#"{"total": 9.00}"#, r#"{"total": 8.9949}"#, false);
        check(r#"{"count": 9.00}"#, r#"{"count": 9.004}"#, false);
        check(r#"[{"total": 9.00}]"#, r#"[{"total": 9.004}]"#, true);
        check(r#"{"items": [{"price": 1}]}"#, r#"{"items": [{"price": 1.1}]}"#, true);
        check(r#"{"items": [{"total": 1}]}"#, r#"{"items": [{"total": 1.001}]}"#, false);
        check(r#"{"total": 9}"#, r#"{"total": "9"}"#, false);
        check(r#"{"total": 9}"#, r#"{"total": 9, "more": 1}"#, false);
    }
}
