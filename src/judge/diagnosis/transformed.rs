//! A field is cut, rounded, put into other words, or exchanged with another one.

use super::{Assumption, Cause, Course, Mismatch, Side};
use crate::protocol::{ClauseId, Seen};
use crate::value::{Difference, Number, PathStep, Value};
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

/// Two values, each where the other one belongs; or two fields in all elements of a list.
fn exchanged(differences: &[Difference]) -> Option<String> {
    match differences {
        [one, other] if are_crossed(one, other) => Some(both(one, other)),
        _ => exchanged_in_each(differences),
    }
}

fn both(one: &Difference, other: &Difference) -> String {
    format!("shows {} and {} exchanged", one.path, other.path)
}

/// The same two fields of each element. Where one has no room for parts, a field may differ alone: the other one has by chance what was
/// rounded.
fn exchanged_in_each(differences: &[Difference]) -> Option<String> {
    let mut pairs: Vec<(&Difference, &Difference)> = Vec::new();
    let mut left = differences;
    while let [one, rest @ ..] = left {
        match rest {
            [other, rest @ ..] if are_beside(one, other) => {
                are_crossed(one, other).then(|| pairs.push((one, other)))?;
                left = rest;
            }
            _ => {
                is_rounded_into(one.expected.as_ref()?, one.actual.as_ref()?).then_some(())?;
                left = rest;
            }
        }
    }
    let (one, other) = *pairs.first()?;
    let same = |(a, b): &(&Difference, &Difference)| name(a) == name(one) && name(b) == name(other);
    let of_those = |difference: &Difference| [name(one), name(other)].contains(&name(difference));
    (pairs.iter().all(same) && differences.iter().all(of_those)).then(|| both(one, other))
}

/// The last step of the way to a difference.
fn name(difference: &Difference) -> Option<&PathStep> {
    difference.path.steps().last()
}

/// Whether two differences are in fields of the same record.
fn are_beside(one: &Difference, other: &Difference) -> bool {
    match (one.path.steps(), other.path.steps()) {
        ([to_one @ .., PathStep::Field(_)], [to_other @ .., PathStep::Field(_)]) => to_one == to_other,
        _ => false,
    }
}

/// Whether each has what belongs into the other one; one of them may have lost what stands behind the point.
fn are_crossed(one: &Difference, other: &Difference) -> bool {
    let [Some(first), Some(second)] = [&one.expected, &other.expected] else { return false };
    let [Some(shown), Some(beside)] = [&one.actual, &other.actual] else { return false };
    (shown == second && (beside == first || is_rounded_into(first, beside)))
        || (beside == first && is_rounded_into(second, shown))
}

/// Whether a number is what another one is, to the whole.
fn is_rounded_into(expected: &Value, actual: &Value) -> bool {
    let (Value::Number(expected), Value::Number(actual)) = (expected, actual) else { return false };
    match (expected.decimal(), actual.decimal()) {
        (Some(expected), Some(actual)) => expected != actual && is_rounded(expected, actual, 0),
        _ => false,
    }
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
    use crate::value::Path;

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

    fn told(pairs: &[(&str, &str, &str)]) -> Option<String> {
        let number = |text: &str| Some(Value::Number(Number::parse(text).expect("a number")));
        let difference = |(path, expected, actual): &(&str, &str, &str)| Difference {
            path: Path::parse(path).expect("a path"),
            expected: number(expected),
            actual: number(actual),
        };
        exchanged(&pairs.iter().map(difference).collect::<Vec<_>>())
    }

    #[test]
    fn two_fields_are_exchanged_in_all_elements_of_a_list_and_perhaps_rounded() {
        let says = Some("shows items[0].quantity and items[0].price exchanged".to_owned());
        let whole = [("items[0].quantity", "3", "7"), ("items[0].price", "7", "3")];
        assert_eq!(told(&whole), says);
        let rounded = [("items[0].quantity", "3", "30"), ("items[0].price", "29.70", "3")];
        assert_eq!(told(&rounded), says);
        let second = [("items[1].quantity", "2", "0"), ("items[1].price", "0.10", "2")];
        assert_eq!(told(&[rounded, second].concat()), says);
        // What is one piece at 1.20 has the right quantity by chance.
        assert_eq!(told(&[&rounded[..], &[("items[1].price", "1.20", "1")]].concat()), says);
        let wrong = [("items[1].quantity", "2", "0"), ("items[1].price", "0.10", "3")];
        assert_eq!(told(&[rounded, wrong].concat()), None);
        let others = [("items[1].product", "1", "2"), ("items[1].price", "2", "1")];
        assert_eq!(told(&[rounded, others].concat()), None);
        assert_eq!(told(&[("items[0].price", "1.20", "1")]), None, "that is rounded and no more");
        let elements = [("items[0].quantity", "3", "7"), ("items[1].quantity", "7", "3")];
        assert!(told(&elements).is_some(), "two values that have changed places");
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
