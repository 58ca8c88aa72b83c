//! What an answer has, held against what it must have.

use std::collections::HashMap;

use super::{Expected, Law, Row, Rows, Shown, lawful};
use crate::protocol::{Answer, Seen};
use crate::value::{Difference, MAX_DIFFERENCES, Path, Tolerances, Value};

impl Expected {
    /// Where `answer` differs from this, field by field, by more than its numbers may be off; empty if it is as it must be. An
    /// answer that tells nothing (lost, not sent) has no differences: it decides nothing.
    pub fn differences(&self, answer: &Answer, tolerances: &Tolerances) -> Vec<Difference> {
        let mut differ = Differ { path: Path::root(), found: Vec::new() };
        match (self, &answer.seen) {
            (_, Seen::Broken(_) | Seen::NotSent(_))
            | (Self::Anything, _)
            | (Self::Malformed, Seen::Refused(_))
            | (Self::Absent, Seen::Absent) => {}
            (Self::Shows(row), Seen::Found(value)) => differ.row(row, value, tolerances),
            (Self::Rows(rows), Seen::Found(Value::List(values))) => {
                differ.rows(rows, values, tolerances);
                differ.total(rows, answer.total);
            }
            (expected, seen) => differ.push(Some(in_words(expected).into()), Some(seen_in_words(seen))),
        }
        differ.found
    }

    /// Whether the same must be answered. What the service chooses is the same, whatever it is.
    pub fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Anything, Self::Anything)
            | (Self::Malformed, Self::Malformed)
            | (Self::Absent, Self::Absent) => true,
            (Self::Shows(one), Self::Shows(other)) => same_row(one, other),
            (Self::Rows(one), Self::Rows(other)) => {
                one.count == other.count
                    && one.unordered == other.unordered
                    && one.rows.len() == other.rows.len()
                    && one.rows.iter().zip(&other.rows).all(|(one, other)| same_row(one, other))
            }
            _ => false,
        }
    }

    /// What must be answered, in words: values as JSON, at most about `limit` characters of each.
    pub fn in_words(&self, limit: usize) -> String {
        match self {
            Self::Shows(row) => told_row(row).brief(limit),
            Self::Rows(rows) if rows.unordered && rows.count < rows.rows.len() => {
                format!("{} of {}", rows.count, told(rows).brief(limit))
            }
            Self::Rows(rows) => told(rows).brief(limit),
            other => in_words(other).into(),
        }
    }
}

fn same_row(one: &Row, other: &Row) -> bool {
    let same = |one: &Shown, other: &Shown| match (one, other) {
        (Shown::Is(one), Shown::Is(other)) => one == other,
        (Shown::Bag(one), Shown::Bag(other)) => one == other,
        (Shown::Chosen(_), Shown::Chosen(_)) => true,
        _ => false,
    };
    one.len() == other.len()
        && one.iter().zip(other).all(|((name, one), (as_well, other))| name == as_well && same(one, other))
}

fn in_words(expected: &Expected) -> &'static str {
    match expected {
        Expected::Anything => "anything",
        Expected::Malformed => "refused as Malformed",
        Expected::Absent => "absent",
        Expected::Shows(_) => "a record",
        Expected::Rows(_) => "a list",
    }
}

fn seen_in_words(seen: &Seen) -> Value {
    match seen {
        Seen::Found(value) => value.clone(),
        Seen::Absent => "absent".into(),
        Seen::Refused(rejection) => rejection.to_value(),
        Seen::Broken(_) | Seen::NotSent(_) => "no answer".into(),
    }
}

struct Differ {
    path: Path,
    found: Vec<Difference>,
}

impl Differ {
    fn push(&mut self, expected: Option<Value>, actual: Option<Value>) {
        if self.found.len() < MAX_DIFFERENCES {
            self.found.push(Difference { path: self.path.clone(), expected, actual });
        }
    }

    fn row(&mut self, row: &Row, actual: &Value, tolerances: &Tolerances) {
        for (name, shown) in row {
            self.path.push(name.clone());
            let within = &*tolerances.inside(name);
            match (shown, actual.get(name)) {
                (Shown::Is(expected), Some(actual)) => self.value(expected, actual, within),
                (Shown::Bag(expected), Some(actual)) => {
                    if !actual.as_list().is_some_and(|actual| same_elements(expected, actual, within)) {
                        self.push(Some(Value::List(expected.clone())), Some(actual.clone()));
                    }
                }
                (Shown::Chosen(ty), Some(actual)) => {
                    if let Law::Unlawful(why) = lawful(ty, actual) {
                        self.push(Some(why.into()), Some(actual.clone()));
                    }
                }
                // What is null may be left out, too.
                (Shown::Is(Value::Null), None) => {}
                (Shown::Is(expected), None) => self.push(Some(expected.clone()), None),
                (Shown::Bag(expected), None) => self.push(Some(Value::List(expected.clone())), None),
                (Shown::Chosen(ty), None) => {
                    if let Law::Unlawful(_) = lawful(ty, &Value::Null) {
                        self.push(Some(ty.in_words().into()), None);
                    }
                }
            }
            self.path.pop();
        }
    }

    /// As [`crate::value::diff`], but records may hold more than is expected.
    fn value(&mut self, expected: &Value, actual: &Value, tolerances: &Tolerances) {
        match (expected, actual) {
            (Value::Record(expected), Value::Record(actual)) => {
                for (name, expected) in expected.iter() {
                    self.path.push(name);
                    match actual.get(name) {
                        Some(actual) => self.value(expected, actual, &tolerances.inside(name)),
                        None if expected.is_null() => {}
                        None => self.push(Some(expected.clone()), None),
                    }
                    self.path.pop();
                }
            }
            (Value::List(expected), Value::List(actual)) => {
                for at in 0..expected.len().max(actual.len()) {
                    self.path.push(at);
                    match (expected.get(at), actual.get(at)) {
                        (Some(expected), Some(actual)) => self.value(expected, actual, tolerances),
                        (expected, actual) => self.push(expected.cloned(), actual.cloned()),
                    }
                    self.path.pop();
                }
            }
            _ if tolerances.equal(expected, actual) => {}
            _ => self.push(Some(expected.clone()), Some(actual.clone())),
        }
    }

    /// A target that tells no total is not held to one.
    fn total(&mut self, rows: &Rows, told: Option<u64>) {
        if let (Some(expected), Some(told)) = (rows.total.map(|rows| rows as u64), told)
            && expected != told
        {
            self.path.push("total");
            self.push(Some(Value::from(expected)), Some(Value::from(told)));
            self.path.pop();
        }
    }

    fn rows(&mut self, rows: &Rows, actual: &[Value], tolerances: &Tolerances) {
        if actual.len() != rows.count {
            self.push(Some(told(rows)), Some(Value::List(actual.to_vec())));
        } else if rows.unordered {
            let mut left: Vec<&Row> = rows.rows.iter().collect();
            for value in actual {
                match left.iter().position(|row| fits(row, value, tolerances)) {
                    Some(at) => {
                        left.swap_remove(at);
                    }
                    None => self.push(None, Some(value.clone())),
                }
            }
        } else {
            for (at, (row, value)) in rows.rows.iter().zip(actual).enumerate() {
                self.path.push(at);
                self.row(row, value, tolerances);
                self.path.pop();
            }
        }
    }
}

/// Whether a row of an answer shows at least what it must, as far as its numbers may be off.
pub fn fits(row: &Row, actual: &Value, tolerances: &Tolerances) -> bool {
    let mut differ = Differ { path: Path::root(), found: Vec::new() };
    differ.row(row, actual, tolerances);
    differ.found.is_empty()
}

/// The rows without what the service chooses.
fn told(rows: &Rows) -> Value {
    Value::List(rows.rows.iter().map(told_row).collect())
}

/// A row as a record, without what the service chooses.
pub fn told_row(row: &Row) -> Value {
    let fields = row.iter().filter_map(|(name, shown)| match shown {
        Shown::Is(value) => Some((name.clone(), value.clone())),
        Shown::Bag(values) => Some((name.clone(), Value::List(values.clone()))),
        Shown::Chosen(_) => None,
    });
    Value::Record(fields.collect())
}

fn same_elements(expected: &[Value], actual: &[Value], tolerances: &Tolerances) -> bool {
    if expected.len() != actual.len() {
        return false;
    }
    let mut counts: HashMap<&Value, usize> = HashMap::new();
    for value in expected {
        *counts.entry(value).or_default() += 1;
    }
    let mut other = Vec::new();
    for value in actual {
        match counts.get_mut(value) {
            Some(count) if *count > 0 => *count -= 1,
            _ => other.push(value),
        }
    }
    // Most lists need no more than that, however long they are.
    if tolerances.is_empty() && !other.iter().any(|value| value.tells_moments()) {
        return other.is_empty();
    }
    // What is the same to the digit has met; the rest is as near as may be, each to one of its own.
    let mut left: Vec<&Value> =
        counts.into_iter().flat_map(|(value, count)| std::iter::repeat_n(value, count)).collect();
    other.iter().all(|value| {
        let near = left.iter().position(|expected| tolerances.equal(expected, value));
        near.map(|at| left.swap_remove(at)).is_some()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    #[test]
    fn what_is_null_may_be_left_out() {
        let json = |text: &str| Value::from_json(text, &Limits::default()).unwrap();
        let check = |expected: &str, actual: &str, differences: usize| {
            let row = Row::from_iter([("note".into(), Shown::Is(json(expected)))]);
            let found =
                Expected::Shows(row).differences(&Answer::new(Seen::Found(json(actual))), &Tolerances::EXACT);
            assert_eq!(found.len(), differences, "{expected} {actual} {found:?}");
        };
        check("null", "{}", 0);
        check("null", r#"{"note": null}"#, 0);
        check("null", r#"{"note": 1}"#, 1);
        check("1", "{}", 1);
        check(r#"{"a": null, "b": 1}"#, r#"{"note": {"b": 1}}"#, 0);
        check(r#"{"a": null, "b": 1}"#, r#"{"note": {}}"#, 1);
    }
}
