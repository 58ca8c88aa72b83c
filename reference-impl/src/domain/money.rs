//! Exact money: sums and products of decimals that are right to the last digit, or `None`.
//!
//! `rust_decimal`'s own `checked_mul` and `checked_add` round when a result needs more than its
//! 96 bits, and say nothing. Money must not be rounded in silence, so the integer parts are
//! computed here with checked `i128` arithmetic.

use rust_decimal::Decimal;

use super::Item;

/// `quantity` × `price`, or `None` when a [`Decimal`] can't hold it exactly.
pub fn times(quantity: i64, price: Decimal) -> Option<Decimal> {
    multiply(quantity, price).or_else(|| multiply(quantity, price.normalize()))
}

/// `left` + `right`, or `None` when a [`Decimal`] can't hold it exactly.
pub fn plus(left: Decimal, right: Decimal) -> Option<Decimal> {
    add(left, right).or_else(|| add(left.normalize(), right.normalize()))
}

/// The sum of quantity × price over `items`, or `None` when it can't be held exactly.
pub fn total<'a>(items: impl IntoIterator<Item = &'a Item>) -> Option<Decimal> {
    items.into_iter().try_fold(Decimal::ZERO, |sum, item| plus(sum, times(item.quantity, item.price)?))
}

fn multiply(quantity: i64, price: Decimal) -> Option<Decimal> {
    fit(price.mantissa().checked_mul(i128::from(quantity))?, price.scale())
}

fn add(left: Decimal, right: Decimal) -> Option<Decimal> {
    let scale = left.scale().max(right.scale());
    fit(aligned(left, scale)?.checked_add(aligned(right, scale)?)?, scale)
}

/// The integer that, divided by 10^`scale`, is `value`.
fn aligned(value: Decimal, scale: u32) -> Option<i128> {
    value.mantissa().checked_mul(10_i128.checked_pow(scale - value.scale())?)
}

/// `mantissa` / 10^`scale` as a [`Decimal`], giving up trailing zeros (and nothing else) to fit.
fn fit(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    loop {
        if let Ok(value) = Decimal::try_from_i128_with_scale(mantissa, scale) {
            return Some(value);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
}

/// Decimals in serialised events and commands: as text, read back digit by digit.
///
/// A JSON number would pass through a float, and `Decimal`'s own `FromStr` rounds what is too
/// long; both would change money.
pub mod as_text {
    use std::borrow::Cow;

    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    /// Writes the decimal as text.
    ///
    /// # Errors
    /// Whatever the serializer fails with.
    pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    /// Reads a decimal from text.
    ///
    /// # Errors
    /// When it is no decimal, or one with more digits than can be held.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Decimal::from_str_exact(&text).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).expect("a decimal")
    }

    #[test]
    fn products_are_exact_or_refused() {
        let cases = [
            (3, "0.10", Some("0.30")),
            (1, "12345678901234.1234", Some("12345678901234.1234")),
            (2, "0.0000000000000000000000000001", Some("0.0000000000000000000000000002")),
            (1, "79228162514264337593543950335", Some("79228162514264337593543950335")),
            // One more digit than 96 bits hold, but only zeros would be lost.
            (10, "7922816251426433759354395033.5", Some("79228162514264337593543950335")),
            (2, "79228162514264337593543950335", None),
            (3, "2640000000000000000000000000.3", Some("7920000000000000000000000000.9")),
            (3, "2650000000000000000000000000.3", None),
            (i64::MAX, "79228162514264337593543950335", None),
        ];
        for (quantity, price, expected) in cases {
            let product = times(quantity, decimal(price));
            assert_eq!(product, expected.map(decimal), "{quantity} × {price}");
        }
    }

    #[test]
    fn sums_are_exact_or_refused() {
        let cases = [
            ("1", "0.30", Some("1.30")),
            ("79228162514264337593543950334", "1", Some("79228162514264337593543950335")),
            ("79228162514264337593543950335", "1", None),
            // `Decimal::checked_add` answers this one with a rounded value.
            ("79228162514264337593543950335", "0.1", None),
            ("79228162514264337593543950334", "1.0", Some("79228162514264337593543950335")),
        ];
        for (left, right, expected) in cases {
            let sum = plus(decimal(left), decimal(right));
            assert_eq!(sum, expected.map(decimal), "{left} + {right}");
        }
    }

    #[test]
    fn the_scale_of_a_price_is_kept() {
        assert_eq!(times(2, decimal("2.50")).map(|total| total.to_string()).as_deref(), Some("5.00"));
    }
}
