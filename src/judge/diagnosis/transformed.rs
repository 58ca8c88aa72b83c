//! A field is cut, rounded, put into other words, or exchanged with another one.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::{ClauseId, Seen};
use crate::value::{Difference, Number, Value};
use rust_decimal::{Decimal, RoundingStrategy};

pub(super) fn explain(course: &Course<'_>, mismatch: &Mismatch) -> Vec<Cause> {
    let Some(read) = course.read(mismatch.operation).filter(|_| mismatch.is_read()) else {
        return Vec::new();
    };
    // Where several answers would have been right, nobody knows what became of which.
    if mismatch.allowed.len() != 1 || mismatch.differences.is_empty() {
        return Vec::new();
    }
    let query = &read.query.name;
    let Some(says) = exchanged(&mismatch.differences).or_else(|| changed(&mismatch.differences)) else {
        return Vec::new();
    };
    let is_list = matches!(read.answer.seen, Seen::Found(Value::List(_)));
    let breaks = vec![if is_list { ClauseId::Qs5 } else { ClauseId::Ec3 }];
    let side = Side::Read(query.clone());
    vec![Cause { assumption: Assumption::Transformed, side, breaks, says: format!("{query} {says}") }]
}

/// Two fields, each with what belongs into the other one.
fn exchanged(differences: &[Difference]) -> Option<String> {
    let [one, other] = differences else { return None };
    let crossed = one.expected == other.actual && other.expected == one.actual;
    (crossed && one.expected.is_some() && one.actual.is_some())
        .then(|| format!("shows {} and {} exchanged", one.path, other.path))
}

/// Every difference is the same kind of change.
fn changed(differences: &[Difference]) -> Option<String> {
    let kinds = differences.iter().map(|difference| {
        let (expected, actual) = (difference.expected.as_ref()?, difference.actual.as_ref()?);
        kind(expected, actual)
    });
    let kinds: Option<Vec<&'static str>> = kinds.collect();
    let kinds = kinds?;
    let first = *kinds.first()?;
    kinds.iter().all(|kind| *kind == first).then(|| format!("shows {} {first}", differences[0].path))
}

fn kind(expected: &Value, actual: &Value) -> Option<&'static str> {
    match (expected, actual) {
        (Value::Number(expected), Value::Number(actual)) => of_numbers(expected, actual),
        (Value::Text(expected), Value::Text(actual)) => of_texts(expected, actual),
        // Of several in a record or a list, all in the same way.
        (Value::List(expected), Value::List(actual)) if expected.len() == actual.len() => {
            let mut differ = expected.iter().zip(actual).filter(|(expected, actual)| expected != actual);
            let first = differ.next().and_then(|(expected, actual)| kind(expected, actual))?;
            differ.all(|(expected, actual)| kind(expected, actual) == Some(first)).then_some(first)
        }
        _ => None,
    }
}

fn of_numbers(expected: &Number, actual: &Number) -> Option<&'static str> {
    let (expected, actual) = (expected.decimal()?, actual.decimal()?);
    // What has no room is far off, and nothing of this kind.
    let off = expected.checked_sub(actual)?.abs();
    let is_hundredfold = |one: Decimal, other: Decimal| one.checked_mul(Decimal::ONE_HUNDRED) == Some(other);
    if off.is_zero() {
        None
    } else if actual == expected.trunc() && !expected.fract().is_zero() {
        Some("without what stands behind the point")
    } else if (0..expected.scale()).any(|places| is_rounded(expected, actual, places)) {
        Some("rounded")
    } else if off < Decimal::new(1, 6) && actual.scale() > expected.scale() {
        Some("as floating point makes it")
    } else if actual == -expected {
        Some("with the other sign")
    } else if is_hundredfold(expected, actual) || is_hundredfold(actual, expected) {
        Some("a hundred times as large or as small")
    } else {
        None
    }
}

/// Whether a number is another one with fewer digits behind the point: cut, or rounded in either way in which halves are.
fn is_rounded(expected: Decimal, actual: Decimal, places: u32) -> bool {
    let ways = [
        RoundingStrategy::ToZero,
        RoundingStrategy::MidpointNearestEven,
        RoundingStrategy::MidpointAwayFromZero,
    ];
    ways.into_iter().any(|way| actual == expected.round_dp_with_strategy(places, way))
}

fn of_texts(expected: &str, actual: &str) -> Option<&'static str> {
    if let (Some(right), Some(shown)) = (Value::from(expected).as_moment(), Value::from(actual).as_moment()) {
        return of_moments(right, shown);
    }
    if actual.is_empty() {
        None
    } else if expected.trim() == actual {
        Some("without the spaces around it")
    } else if expected.to_lowercase() == actual.to_lowercase() {
        Some("in other letters")
    } else if expected.starts_with(actual) || expected.starts_with(actual.trim_end_matches(['…', '.'])) {
        Some("cut off")
    } else if is_spoiled(expected, actual) {
        Some("with other characters where it has some that are not ASCII")
    } else {
        None
    }
}

/// Whether all ASCII letters of it are there in their order, and only others are not as they were.
fn is_spoiled(expected: &str, actual: &str) -> bool {
    let ascii = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let plain = ascii(expected);
    !expected.is_ascii() && !plain.is_empty() && plain == ascii(actual)
}

fn of_moments(expected: crate::value::Moment, actual: crate::value::Moment) -> Option<&'static str> {
    let (right, shown) = (expected.unix_ms()?, actual.unix_ms()?);
    let off = (right - shown).abs();
    let (second, quarter, day) = (1_000, 900_000, 86_400_000);
    if shown == right - right.rem_euclid(day) {
        Some("without its time of day")
    } else if off < second {
        Some("without parts of a second")
    } else if off % quarter == 0 && off <= day {
        Some("as if it were in another zone")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_told_by_what_became_of_it() {
        let told = |expected: &str, actual: &str| {
            let number = |text| Number::parse(text).expect("a number");
            of_numbers(&number(expected), &number(actual))
        };
        assert_eq!(told("4.05", "4"), Some("without what stands behind the point"));
        assert_eq!(told("4.05", "4.1"), Some("rounded"));
        assert_eq!(told("2.60", "2.5999999999999996"), Some("as floating point makes it"));
        assert_eq!(told("4.05", "-4.05"), Some("with the other sign"));
        assert_eq!(told("4.05", "405"), Some("a hundred times as large or as small"));
        assert_eq!(told("4.05", "5"), None);
    }

    /// A service may answer with the largest number there is.
    #[test]
    fn numbers_at_the_edge_are_compared_like_all_others() {
        let most = Number::from(Decimal::MAX);
        for other in [Decimal::MIN, Decimal::ONE, Decimal::MAX - Decimal::ONE] {
            let other = Number::from(other);
            for (one, other) in [(&most, &other), (&other, &most)] {
                assert!(of_numbers(one, other).is_none_or(|told| told == "with the other sign"));
            }
        }
    }
}
