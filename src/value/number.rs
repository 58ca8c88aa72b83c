//! The number type: reading and printing it. See `order` for comparing and `arithmetic` for computing.

use std::fmt;

use rust_decimal::Decimal;

/// A number, kept exactly.
///
/// It is a decimal of up to 28 digits where that holds it exactly, else the literal text (`1e400`, 40 digits).
/// Literals can be compared, printed and sent, but not computed with. The decimal places that were written are
/// kept for printing (`0.10` prints as `0.10`), and so are those that arithmetic gives (`3 * 0.10` is `0.30`);
/// comparing and hashing ignore them. Exponents are not kept: `1e2` prints as `100`, `-0` as `0`.
#[derive(Clone)]
pub struct Number(pub(super) Repr);

/// Invariant: a number that a decimal holds exactly is never a literal, so a literal never equals a decimal.
#[derive(Clone)]
pub(super) enum Repr {
    Decimal(Decimal),
    /// Valid JSON number syntax, not zero.
    Literal(Box<str>),
}

/// The exact result does not fit; nothing was rounded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0} can't be computed exactly")]
pub struct Inexact(pub String);

/// The greatest magnitude of an exponent; beyond it [`Number::parse`] refuses the text.
///
/// RFC 8259, section 6, lets a reader set limits on range. With this one all exponents fit an `i64`, also after
/// the digits before and behind the point were counted in.
const MAX_EXPONENT: i64 = 1_000_000_000_000_000_000;

/// `Decimal` keeps 96 bits of mantissa: 29 digits at most.
const MAX_DIGITS: usize = 29;

/// The parts of a JSON number as they were written: in `-12.50e3` whole `12`, fraction `50`, exponent 3.
pub(super) struct Parts<'a> {
    pub(super) negative: bool,
    pub(super) whole: &'a str,
    pub(super) fraction: &'a str,
    pub(super) exponent: i64,
}

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Decimal(Decimal::ZERO));

    /// Reads JSON's number syntax (RFC 8259, section 6), all of `text`, exactly.
    ///
    /// `None` if it is not in that syntax, or if its exponent is beyond ±10^18.
    pub fn parse(text: &str) -> Option<Self> {
        let parts = Parts::split(text)?;
        Some(Self(match parts.decimal() {
            Some(decimal) => Repr::Decimal(decimal),
            None => Repr::Literal(text.into()),
        }))
    }

    /// The decimal, unless it can only be kept as its literal text.
    pub fn decimal(&self) -> Option<Decimal> {
        match &self.0 {
            Repr::Decimal(decimal) => Some(*decimal),
            Repr::Literal(_) => None,
        }
    }

    /// The whole number, if it is one and fits.
    pub fn to_i64(&self) -> Option<i64> {
        let decimal = whole(self.decimal()?);
        if decimal.scale() == 0 { i64::try_from(decimal.mantissa()).ok() } else { None }
    }

    /// The whole number, if it is one, not negative and fits.
    pub fn to_u64(&self) -> Option<u64> {
        let decimal = whole(self.decimal()?);
        if decimal.scale() == 0 { u64::try_from(decimal.mantissa()).ok() } else { None }
    }

    /// Whether there is nothing behind the point.
    ///
    /// A literal is whole too if only zeros are left behind its point: `1e400` is.
    pub fn is_whole(&self) -> bool {
        match &self.0 {
            Repr::Decimal(decimal) => decimal.is_integer(),
            Repr::Literal(_) => self.with_magnitude(|m| m.point >= m.digits()),
        }
    }

    /// Whether it is below zero.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Decimal(decimal) => decimal.is_sign_negative() && !decimal.is_zero(),
            Repr::Literal(text) => text.starts_with('-'),
        }
    }
}

/// Without the zeros behind its point.
fn whole(decimal: Decimal) -> Decimal {
    if decimal.scale() == 0 { decimal } else { decimal.normalize() }
}

impl<'a> Parts<'a> {
    /// Splits JSON's number syntax; `None` if `text` is anything else.
    pub(super) fn split(text: &'a str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, rest) = rest.split_at(digits(rest));
        if whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let (fraction, rest) = match rest.strip_prefix('.') {
            None => ("", rest),
            Some(rest) => match rest.split_at(digits(rest)) {
                ("", _) => return None,
                split => split,
            },
        };
        let zero = whole.bytes().chain(fraction.bytes()).all(|b| b == b'0');
        let exponent = match rest.strip_prefix(['e', 'E']) {
            Some(rest) => exponent(rest, zero)?,
            None if rest.is_empty() => 0,
            None => return None,
        };
        Some(Self { negative, whole, fraction, exponent })
    }

    /// The decimal that is exactly this number, if there is one.
    ///
    /// `Decimal`'s own parser rounds what it can't hold, so this one counts digits instead.
    fn decimal(&self) -> Option<Decimal> {
        let sign = if self.negative { -1 } else { 1 };
        if self.exponent == 0 && self.whole.len() + self.fraction.len() < MAX_DIGITS {
            let mantissa = mantissa(self.whole.bytes().chain(self.fraction.bytes()));
            let scale = u32::try_from(self.fraction.len()).ok()?;
            return Decimal::try_from_i128_with_scale(sign * mantissa, scale).ok();
        }
        // Only significant digits count: zeros at either end are exponent.
        let fraction = self.fraction.trim_end_matches('0');
        let whole = self.whole.trim_start_matches('0');
        let (whole, zeros) = if fraction.is_empty() {
            let trimmed = whole.trim_end_matches('0');
            (trimmed, whole.len() - trimmed.len())
        } else {
            (whole, 0)
        };
        let fraction_digits = if whole.is_empty() { fraction.trim_start_matches('0') } else { fraction };
        if whole.is_empty() && fraction_digits.is_empty() {
            return Some(Decimal::ZERO);
        }
        if whole.len() + fraction_digits.len() > MAX_DIGITS {
            return None;
        }
        let mantissa = sign * mantissa(whole.bytes().chain(fraction_digits.bytes()));
        let shift = self.exponent + i64::try_from(zeros).ok()? - i64::try_from(fraction.len()).ok()?;
        let power = u32::try_from(shift.unsigned_abs()).ok().filter(|p| *p <= Decimal::MAX_SCALE)?;
        if shift < 0 {
            Decimal::try_from_i128_with_scale(mantissa, power).ok()
        } else {
            Decimal::try_from_i128_with_scale(mantissa.checked_mul(10_i128.checked_pow(power)?)?, 0).ok()
        }
    }
}

/// How many ASCII digits `text` starts with.
fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The number that at most [`MAX_DIGITS`] digits say; 10^29 fits an `i128` by far.
fn mantissa(digits: impl Iterator<Item = u8>) -> i128 {
    digits.fold(0, |sum, digit| sum * 10 + i128::from(digit - b'0'))
}

/// What stands behind the `e`. Zero keeps no exponent, so any is fine there.
fn exponent(text: &str, zero: bool) -> Option<i64> {
    let (sign, magnitude) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    if magnitude.is_empty() || digits(magnitude) != magnitude.len() {
        return None;
    }
    if zero {
        return Some(0);
    }
    let magnitude = magnitude.trim_start_matches('0');
    let exponent = if magnitude.is_empty() { 0 } else { magnitude.parse::<i64>().ok()? };
    (exponent <= MAX_EXPONENT).then_some(sign * exponent)
}

/// The decimal as it was written or computed, or the literal: always a valid JSON number.
impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Decimal(decimal) => fmt::Display::fmt(decimal, f),
            Repr::Literal(text) => f.pad(text),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        // A negative zero would print as `-0`.
        Self(Repr::Decimal(if decimal.is_zero() { decimal.abs() } else { decimal }))
    }
}

macro_rules! from_integer {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Number {
            fn from(n: $integer) -> Self {
                Self(Repr::Decimal(Decimal::from(n)))
            }
        }
    )*};
}
from_integer!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize);

#[cfg(test)]
mod tests {
    use super::*;

    /// What `text` prints as once read, `!` behind it if it could only be kept as a literal.
    fn read(text: &str) -> String {
        match Number::parse(text) {
            None => "refused".into(),
            Some(n) => format!("{n}{}", if n.decimal().is_none() { "!" } else { "" }),
        }
    }

    #[test]
    fn reads_json_numbers_exactly() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("0.10", "0.10"),
            ("29.99", "29.99"),
            ("1e2", "100"),
            ("1.5E+1", "15"),
            ("1e-3", "0.001"),
            ("100e-2", "1"),
            ("12345678901234.1234", "12345678901234.1234"),
            ("79228162514264337593543950335", "79228162514264337593543950335"),
            ("79228162514264337593543950336", "79228162514264337593543950336!"),
            ("0.1234567890123456789012345678", "0.1234567890123456789012345678"),
            ("0.12345678901234567890123456789", "0.12345678901234567890123456789!"),
            ("1e28", "10000000000000000000000000000"),
            ("1e29", "1e29!"),
            ("1e-28", "0.0000000000000000000000000001"),
            ("1e-29", "1e-29!"),
            ("1e400", "1e400!"),
            ("0e99999999999999999999999", "0"),
            ("1e00000000000000000000000002", "100"),
            ("1.0000000000000000000000000000000000000000", "1"),
            ("1000000000000000000000000000000000e-33", "1"),
            ("1e999999999999", "1e999999999999!"),
            ("1e9999999999999999999", "refused"),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn refuses_what_json_refuses() {
        for text in [
            "", "-", "01", "-01", "1.", ".5", "1e", "1e+", "+1", " 1", "1 ", "0x1", "1.2.3", "1e1.5", "١",
            "NaN",
        ] {
            assert_eq!(read(text), "refused", "{text}");
        }
    }

    #[test]
    fn tells_whole_numbers() {
        for (text, whole) in [
            ("3", true),
            ("3.00", true),
            ("3.5", false),
            ("1e400", true),
            ("1e-400", false),
            ("1.5e400", true),
        ] {
            assert_eq!(Number::parse(text).map(|n| n.is_whole()), Some(whole), "{text}");
        }
        assert_eq!(Number::parse("3.00").and_then(|n| n.to_i64()), Some(3));
        assert_eq!(Number::parse("-3").and_then(|n| n.to_u64()), None);
    }
}
