//! Comparing numbers: by value, whatever their spelling, in time linear in their text.

use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use rust_decimal::Decimal;

use super::number::{Number, Parts, Repr};

/// A number as sign and `0.d₁d₂d₃… × 10^point`, where neither d₁ nor the last digit is zero.
///
/// That is unique for every number but zero (which has no digits), so that comparing never needs `10^400` itself.
pub(super) struct Magnitude<'a> {
    pub(super) point: i64,
    negative: bool,
    /// The digits, in two pieces because a point may stand between them.
    head: &'a [u8],
    tail: &'a [u8],
}

impl<'a> Magnitude<'a> {
    fn new(negative: bool, whole: &'a [u8], fraction: &'a [u8], exponent: i64) -> Self {
        let head = trim_start(whole);
        let (head, tail, point) = if head.is_empty() {
            let tail = trim_start(fraction);
            (head, tail, count(tail) - count(fraction))
        } else {
            (head, fraction, count(head))
        };
        let tail = trim_end(tail);
        let head = if tail.is_empty() { trim_end(head) } else { head };
        // Exponents are at most 10^18 and texts far shorter: this can't overflow.
        Self { point: point.saturating_add(exponent), negative, head, tail }
    }

    /// How many significant digits there are.
    pub(super) fn digits(&self) -> i64 {
        count(self.head) + count(self.tail)
    }

    /// -1, 0 or 1.
    fn sign(&self) -> i8 {
        match (self.digits(), self.negative) {
            (0, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    fn iter(&self) -> impl Iterator<Item = &u8> {
        self.head.iter().chain(self.tail)
    }

    fn compare(&self, other: &Self) -> Ordering {
        self.sign().cmp(&other.sign()).then_with(|| {
            let magnitude = self.point.cmp(&other.point).then_with(|| self.iter().cmp(other.iter()));
            if self.negative { magnitude.reverse() } else { magnitude }
        })
    }
}

fn trim_start(digits: &[u8]) -> &[u8] {
    &digits[digits.iter().take_while(|d| **d == b'0').count()..]
}

fn trim_end(digits: &[u8]) -> &[u8] {
    &digits[..digits.len() - digits.iter().rev().take_while(|d| **d == b'0').count()]
}

fn count(digits: &[u8]) -> i64 {
    i64::try_from(digits.len()).unwrap_or(i64::MAX)
}

impl Number {
    /// Calls `f` with the number taken apart.
    pub(super) fn with_magnitude<T>(&self, f: impl FnOnce(&Magnitude<'_>) -> T) -> T {
        match &self.0 {
            Repr::Decimal(decimal) => {
                let mut buffer = [0; 32];
                let digits = write_digits(decimal.mantissa().unsigned_abs(), &mut buffer);
                let scale = i64::from(decimal.scale());
                f(&Magnitude::new(decimal.is_sign_negative(), digits, &[], -scale))
            }
            Repr::Literal(text) => match Parts::split(text) {
                Some(Parts { negative, whole, fraction, exponent }) => {
                    f(&Magnitude::new(negative, whole.as_bytes(), fraction.as_bytes(), exponent))
                }
                // A literal always splits: it was parsed.
                None => f(&Magnitude::new(false, &[], &[], 0)),
            },
        }
    }
}

/// Writes the decimal digits of a 96-bit `n` (29 at most) to the end of `buffer`.
fn write_digits(mut n: u128, buffer: &mut [u8; 32]) -> &[u8] {
    let mut start = buffer.len();
    while n > 0 && start > 0 {
        start -= 1;
        // The remainder is below 10.
        buffer[start] = b'0' + (n % 10) as u8;
        n /= 10;
    }
    &buffer[start..]
}

/// Compares two decimals without rounding.
fn compare_decimals(a: &Decimal, b: &Decimal) -> Ordering {
    match a.scale().cmp(&b.scale()) {
        Ordering::Equal => a.mantissa().cmp(&b.mantissa()),
        Ordering::Less => compare_scaled(a.mantissa(), b.scale() - a.scale(), b.mantissa()),
        Ordering::Greater => compare_scaled(b.mantissa(), a.scale() - b.scale(), a.mantissa()).reverse(),
    }
}

/// Compares `a × 10^power` with `b`, where `b` is a 96-bit mantissa: what overflows 127 bits is beyond it.
fn compare_scaled(a: i128, power: u32, b: i128) -> Ordering {
    match 10_i128.checked_pow(power).and_then(|power| a.checked_mul(power)) {
        Some(a) => a.cmp(&b),
        None => a.cmp(&0),
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Repr::Decimal(a), Repr::Decimal(b)) => compare_decimals(a, b),
            _ => self.with_magnitude(|a| other.with_magnitude(|b| a.compare(b))),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            // Equal decimals have the same normal form; a literal equals no decimal.
            Repr::Decimal(decimal) => {
                let decimal = if decimal.scale() == 0 { *decimal } else { decimal.normalize() };
                state.write_i128(decimal.mantissa());
                state.write_u32(decimal.scale());
            }
            Repr::Literal(_) => self.with_magnitude(|m| {
                state.write_i8(m.sign());
                state.write_i64(m.point);
                m.iter().for_each(|digit| state.write_u8(*digit));
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::hash_map::DefaultHasher;

    use super::*;

    fn number(text: &str) -> Number {
        Number::parse(text).unwrap_or_else(|| panic!("{text} is no number"))
    }

    fn hash(n: &Number) -> u64 {
        let mut hasher = DefaultHasher::new();
        n.hash(&mut hasher);
        hasher.finish()
    }

    #[test]
    fn equal_numbers_are_equal_however_they_are_spelt() {
        for (a, b) in [
            ("1.0", "1"),
            ("-0", "0"),
            ("0.10", "1e-1"),
            ("1e400", "10e399"),
            ("1e400", "0.01e402"),
            ("1.50e400", "15000e396"),
            ("-1e999999999999", "-10E999999999998"),
            ("1234567890123456789012345678901234567890", "1.23456789012345678901234567890123456789e39"),
        ] {
            assert_eq!(number(a), number(b));
            assert_eq!(hash(&number(a)), hash(&number(b)), "{a} and {b}");
        }
    }

    #[test]
    fn orders_across_representations() {
        let ascending = [
            "-1e999999999999999999",
            "-1.1e400",
            "-1e400",
            "-79228162514264337593543950336",
            "-79228162514264337593543950335",
            "-1",
            "-0.5",
            "-1e-400",
            "0",
            "1e-999999999999999999",
            "1e-400",
            "0.0000000000000000000000000001",
            "0.1",
            "0.12345678901234567890123456789",
            "0.2",
            "1",
            "1.00000000000000000000000000001",
            "2",
            "10",
            "79228162514264337593543950335",
            "79228162514264337593543950335.5",
            "79228162514264337593543950336",
            "1e400",
            "1.1e400",
            "9e999999999999",
        ];
        for (i, a) in ascending.iter().enumerate() {
            for (j, b) in ascending.iter().enumerate() {
                assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} and {b}");
            }
        }
    }
}
