//! How far numbers may be from what they should be, for services that keep them in floats.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Number, Value};

/// How far the numbers of an answer may be from what is expected: nothing, but for those that are named.
///
/// Lists don't count: what is said of a field goes for that field in every row.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Tolerances(Vec<(Vec<Arc<str>>, Number)>);

impl Tolerances {
    /// Nothing may be off.
    pub const EXACT: Self = Self(Vec::new());

    /// Lets the number at these fields, one within the other, be off by as much, which is at least 0.
    pub fn allow(&mut self, path: impl IntoIterator<Item = Arc<str>>, by: Number) {
        self.0.push((path.into_iter().collect(), by));
    }

    /// Whether every number has to be exact.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is left of it within a field.
    #[must_use]
    pub fn within(&self, field: &str) -> Self {
        let inner = self.0.iter().filter(|(path, _)| path.first().is_some_and(|first| **first == *field));
        Self(inner.map(|(path, by)| (path[1..].to_vec(), by.clone())).collect())
    }

    /// The same without a copy where nothing may be off.
    #[must_use]
    pub fn inside(&self, field: &str) -> Cow<'_, Self> {
        if self.is_empty() { Cow::Borrowed(self) } else { Cow::Owned(self.within(field)) }
    }

    /// How far the value itself may be off.
    pub fn here(&self) -> Option<&Number> {
        self.0.iter().find(|(path, _)| path.is_empty()).map(|(_, by)| by)
    }

    /// Every field that is named, and how far it may be off.
    pub fn iter(&self) -> impl Iterator<Item = (String, &Number)> {
        self.0.iter().map(|(path, by)| (path.join("."), by))
    }

    /// Whether two values are the same, as far as that can be told. Two texts that tell one moment are.
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
            (Value::Text(_), Value::Text(_)) => one.is_moment_of(other),
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
