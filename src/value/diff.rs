use std::fmt;

use super::{Path, Value};

/// At so many differences [`diff`] stops: more would help nobody.
pub const MAX_DIFFERENCES: usize = 100;

/// How much of a value a printed difference shows, in characters.
const SHOWN: usize = 120;

/// One place where two values differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// Where.
    pub path: Path,
    /// What was expected there; `None` for nothing.
    pub expected: Option<Value>,
    /// What is there; `None` for nothing.
    pub actual: Option<Value>,
}

/// Where `actual` differs from `expected`: field by field, element by element, up to [`MAX_DIFFERENCES`].
///
/// Empty exactly if the two are equal; texts that tell one moment in two forms are.
pub fn diff(expected: &Value, actual: &Value) -> Vec<Difference> {
    let mut differ = Differ { path: Path::root(), found: Vec::new() };
    differ.compare(Some(expected), Some(actual));
    differ.found
}

struct Differ {
    path: Path,
    found: Vec<Difference>,
}

impl Differ {
    fn compare(&mut self, expected: Option<&Value>, actual: Option<&Value>) {
        if self.found.len() >= MAX_DIFFERENCES {
            return;
        }
        match (expected, actual) {
            (Some(Value::List(expected)), Some(Value::List(actual))) => {
                for at in 0..expected.len().max(actual.len()) {
                    if self.found.len() >= MAX_DIFFERENCES {
                        return;
                    }
                    self.path.push(at);
                    self.compare(expected.get(at), actual.get(at));
                    self.path.pop();
                }
            }
            (Some(Value::Record(expected)), Some(Value::Record(actual))) => {
                let left_over = actual.fields().iter().filter(|(name, _)| !expected.contains(name));
                for (name, _) in expected.fields().iter().chain(left_over) {
                    self.path.push(name.clone());
                    self.compare(expected.get(name), actual.get(name));
                    self.path.pop();
                }
            }
            _ if expected == actual => {}
            (Some(expected), Some(actual)) if expected.is_moment_of(actual) => {}
            _ => self.found.push(Difference {
                path: self.path.clone(),
                expected: expected.cloned(),
                actual: actual.cloned(),
            }),
        }
    }
}

/// `items[0].price: expected 29.99, was 30`
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let show = |value: &Option<Value>| {
            value.as_ref().map_or_else(|| "absent".into(), |value| value.brief(SHOWN))
        };
        if !self.path.is_root() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "expected {}, was {}", show(&self.expected), show(&self.actual))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: &str, actual: &str, differences: &[&str]) {
        let read = |text: &str| Value::from_json(text, &crate::value::Limits::default()).expect(text);
        let found = diff(&read(expected), &read(actual));
        assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), differences);
    }

    #[test]
    fn names_each_part_that_differs() {
        check(r#"{"a": 1, "b": [1, 2]}"#, r#"{"b": [1.0, 2], "a": 1}"#, &[]);
        check(
            r#"{"total": 59.98, "items": [{"price": 29.99}, 7], "gone": null}"#,
            r#"{"items": [{"price": "29.99"}], "total": 60, "new": true}"#,
            &[
                "total: expected 59.98, was 60",
                r#"items[0].price: expected 29.99, was "29.99""#,
                "items[1]: expected 7, was absent",
                "gone: expected null, was absent",
                "new: expected absent, was true",
            ],
        );
        check("1", "[1]", &["expected 1, was [1]"]);
    }

    #[test]
    fn stops_in_time() {
        let (zeros, ones) = (Value::from(vec![0; 1000]), Value::from(vec![1; 1000]));
        assert_eq!(diff(&zeros, &ones).len(), MAX_DIFFERENCES);
    }
}
