//! Decimals on the wire: text in answers, text or number in commands, exact in both.

use std::borrow::Cow;

use rust_decimal::Decimal;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A decimal on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exact(pub(super) Decimal);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Exact {
    /// Takes `"0.10"` and `0.10`. The number is read from its literal: as a float it would not be what
    /// was sent.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let literal = raw.get();
        let text = match literal.strip_prefix('"') {
            Some(_) => serde_json::from_str::<Cow<'_, str>>(literal).map_err(D::Error::custom)?,
            None => Cow::Borrowed(literal),
        };
        parse(&text).map(Self).ok_or_else(|| D::Error::custom("not a decimal of at most 28 digits"))
    }
}

/// A number as JSON writes it (RFC 8259, section 6), if a [`Decimal`] holds it exactly.
fn parse(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole.strip_prefix('-').unwrap_or(whole)) || !digits(fraction) {
        return None;
    }
    scaled(Decimal::from_str_exact(mantissa).ok()?, exponent)
}

/// `value` × 10^`exponent`, if that is a [`Decimal`].
fn scaled(value: Decimal, exponent: i32) -> Option<Decimal> {
    if exponent == 0 {
        return Some(value);
    }
    let value = value.normalize();
    if value.is_zero() {
        return Some(Decimal::ZERO);
    }
    let scale = i32::try_from(value.scale()).ok()?.checked_sub(exponent)?;
    let (mantissa, scale) = match u32::try_from(scale) {
        Ok(scale) => (value.mantissa(), scale),
        Err(_) => (value.mantissa().checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?, 0),
    };
    Decimal::try_from_i128_with_scale(mantissa, scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Option<String> {
        serde_json::from_str::<Exact>(json).ok().map(|exact| exact.0.to_string())
    }

    #[test]
    fn numbers_and_texts_are_read_digit_by_digit() {
        for (json, expected) in [
            ("0.10", "0.10"),
            ("\"0.10\"", "0.10"),
            ("12345678901234.1234", "12345678901234.1234"),
            ("-3", "-3"),
            ("1e2", "100"),
            ("1.5E+1", "15"),
            ("25e-1", "2.5"),
            ("1e-7", "0.0000001"),
            ("0e99", "0"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            (r#""1\u002e5""#, "1.5"),
        ] {
            assert_eq!(read(json).as_deref(), Some(expected), "{json}");
        }
    }

    #[test]
    fn what_is_no_exact_decimal_is_refused() {
        for json in [
            "1e400",
            "1e-40",
            "\"\"",
            "\" 1\"",
            "\"1_000\"",
            "\"+1\"",
            "\".5\"",
            "\"1.\"",
            "\"NaN\"",
            "null",
            "true",
            "[1]",
            "{}",
            "\"1e\"",
            "\"1e99999999999\"",
            "0.12345678901234567890123456789012",
            "79228162514264337593543950336",
        ] {
            assert_eq!(read(json), None, "{json}");
        }
    }

    #[test]
    fn answers_hold_them_as_text() {
        let json = serde_json::to_string(&Exact(Decimal::new(5998, 2))).expect("JSON");
        assert_eq!(json, "\"59.98\"");
    }
}
