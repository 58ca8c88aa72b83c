//! A value to be equal to: `59.98`, `"pending"`, `$customer`, `== x`.

use super::mismatch::{Report, SHOWN, show};
use super::{Bound, Judge, MatcherDoc};
use crate::value::{Number, Path, PathStep, Tolerances, Value, diff};

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "equals",
    syntax: "VALUE",
    means: "a value equal to this one: numbers by value (1.0 is 1), never a text for a number, records whole",
    example: "59.98",
};

#[derive(Debug)]
pub(super) struct Equals {
    value: Value,
    tolerances: Tolerances,
}

impl Equals {
    pub(super) fn within(value: Value, tolerances: &Tolerances) -> Self {
        Self { value, tolerances: tolerances.clone() }
    }
}

impl Judge for Equals {
    fn matches(&self, actual: Option<&Value>) -> bool {
        actual.is_some_and(|actual| self.tolerances.equal(actual, &self.value))
    }

    /// Lists and records are compared part by part, so that the very field is named.
    fn explain(&self, bound: &Bound, actual: Option<&Value>, report: &mut Report) {
        match (&self.value, actual) {
            (Value::List(_), Some(Value::List(_))) | (Value::Record(_), Some(Value::Record(_))) => {
                for difference in actual.map_or_else(Vec::new, |actual| diff(&self.value, actual)) {
                    let (expected, actual) = (difference.expected.as_ref(), difference.actual.as_ref());
                    let shown =
                        expected.map_or_else(|| show(actual), |expected| show_beside(expected, actual));
                    let before = report.found.len();
                    let wanted =
                        expected.map_or_else(|| nothing(&difference.path), |value| show(Some(value)));
                    report.add_along(&difference.path, bound.span(), wanted, shown);
                    report.hint(before, || hint(expected?, actual?));
                }
            }
            _ => {
                let before = report.found.len();
                report.mismatch(bound, actual);
                report.hint(before, || hint(&self.value, actual?));
            }
        }
    }

    fn describe(&self, limit: usize) -> String {
        match self.tolerances.here() {
            Some(by) => format!("{}, off by at most {by}", self.value.brief(limit)),
            None => self.value.brief(limit),
        }
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        show_beside(&self.value, actual)
    }

    fn constant(&self) -> Option<&Value> {
        self.tolerances.is_empty().then_some(&self.value)
    }
}

/// What is expected where nothing should be.
fn nothing(path: &Path) -> String {
    match path.steps().last() {
        Some(PathStep::Index(_)) => "nothing more here".into(),
        _ => "no such field".into(),
    }
}

/// `actual` where `expected` should be. A text that looks like the number is the commonest mistake of all.
pub(super) fn show_beside(expected: &Value, actual: Option<&Value>) -> String {
    match (expected, actual) {
        (Value::Number(expected), Some(actual @ Value::Text(text))) => match Number::parse(text) {
            Some(number) if number == *expected => {
                format!("text {}, not the number {}", actual.brief(SHOWN), Value::from(number).brief(SHOWN))
            }
            _ => format!("text {}", actual.brief(SHOWN)),
        },
        (Value::Text(expected), Some(actual @ Value::Number(number)))
            if Number::parse(expected).is_some_and(|expected| expected == *number) =>
        {
            format!("the number {}, not text", actual.brief(SHOWN))
        }
        _ => show(actual),
    }
}

/// What is easily overlooked when two texts look alike.
fn hint(expected: &Value, actual: &Value) -> Option<String> {
    let (expected, actual) = (expected.as_text()?, actual.as_text()?);
    let lower = |text: &str| text.chars().take(1000).flat_map(char::to_lowercase).collect::<String>();
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    if squeezed(expected) == squeezed(actual) {
        Some("they differ in white space only".into())
    } else if lower(expected) == lower(actual) {
        Some("they differ in case only".into())
    } else {
        None
    }
}
