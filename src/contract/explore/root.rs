//! Where the two sides of a comparison meet, found by trying.

use rust_decimal::{Decimal, RoundingStrategy};

use crate::value::Number;

/// How often a side that does not grow evenly is tried.
const TRIES: usize = 4;

/// Numbers in place of `start` by which two sides become equal, or, where no number of so many decimal places does, the two
/// around that. `apart` says by how much the sides are apart, once for each pair of sides that is compared.
///
/// Two tries are enough where a side grows evenly, as a factor does whose other one stays; elsewhere it is the secant
/// method, and what it comes to is only given if the sides do meet there.
pub(super) fn meeting(
    start: &Number,
    places: u32,
    apart: impl Fn(&Number) -> Option<Vec<Number>>,
) -> Vec<Number> {
    let Some(start) = start.decimal() else { return Vec::new() };
    let Some(first) = apart(&Number::from(start)) else { return Vec::new() };
    // At an end of its range, a number has only one neighbour.
    let beside = [Decimal::ONE, Decimal::NEGATIVE_ONE].into_iter().find_map(|step| {
        let near = start.checked_add(step)?;
        Some((near, apart(&Number::from(near))?))
    });
    let Some((near, second)) = beside else { return Vec::new() };
    let mut found = Vec::new();
    for pair in 0..first.len().min(second.len()) {
        let apart = |at: Decimal| apart(&Number::from(at))?.get(pair)?.decimal();
        let Some((a, b)) = first[pair].decimal().zip(second[pair].decimal()) else { continue };
        for number in met(((start, a), (near, b)), places, apart) {
            if !found.contains(&number) {
                found.push(number);
            }
        }
    }
    found
}

type Tried = (Decimal, Decimal);

fn met(
    (mut before, mut last): (Tried, Tried),
    places: u32,
    apart: impl Fn(Decimal) -> Option<Decimal>,
) -> Vec<Number> {
    for _ in 0..TRIES {
        let root = last.1.checked_sub(before.1).filter(|rise| !rise.is_zero()).and_then(|rise| {
            let run = last.0.checked_sub(before.0)?.checked_mul(last.1)?.checked_div(rise)?;
            last.0.checked_sub(run)
        });
        let Some(root) = root else { return Vec::new() };
        let around = [RoundingStrategy::ToNegativeInfinity, RoundingStrategy::ToPositiveInfinity]
            .map(|strategy| root.round_dp_with_strategy(places, strategy).normalize());
        let [Some(below), Some(above)] = around.map(&apart) else { return Vec::new() };
        if below.is_zero() {
            return vec![Number::from(around[0])];
        }
        if above.is_zero() {
            return vec![Number::from(around[1])];
        }
        if below.is_sign_negative() != above.is_sign_negative() {
            return around.map(Number::from).into();
        }
        (before, last) = (last, (around[0], below));
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_meet_where_they_are_equal_or_around_that() {
        let check = |apart: fn(Decimal) -> Decimal, places: u32, expected: &[&str]| {
            let found = meeting(&Number::from(1), places, |number| {
                Some(vec![Number::from(apart(number.decimal()?))])
            });
            let found: Vec<String> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, expected);
        };
        check(|x| x * Decimal::from(3) - Decimal::from(12), 0, &["4"]);
        check(|x| x * Decimal::from(3) - Decimal::from(13), 0, &["4", "5"]);
        check(|x| x * Decimal::from(3) - Decimal::from(13), 2, &["4.33", "4.34"]);
        check(|x| Decimal::from(7) - x, 0, &["7"]);
        check(|_| Decimal::from(7), 0, &[]);
        check(|x| x * x - Decimal::from(9), 0, &["3"]);
        check(|x| x * x + Decimal::from(9), 0, &[]);
    }

    #[test]
    fn at_the_end_of_a_range_the_other_neighbour_is_tried() {
        let apart = |number: &Number| {
            let number = number.decimal().filter(|number| *number <= Decimal::ONE)?;
            Some(vec![Number::from(number + Decimal::from(2))])
        };
        assert_eq!(meeting(&Number::from(1), 0, apart), [Number::from(-2)]);
    }
}
