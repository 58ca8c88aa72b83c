//! Arithmetic that is exact or an error.
//!
//! `Decimal`'s own operators silently round what does not fit, so the mantissas are computed with here: as 128-bit
//! integers, which hold every intermediate result that could still become a 96-bit mantissa.

use rust_decimal::Decimal;

use super::number::{Inexact, Number, Repr};

impl Number {
    /// The exact sum.
    pub fn add(&self, other: &Self) -> Result<Self, Inexact> {
        self.combine(other, '+', |a, b| sum(a, b, 1))
    }

    /// The exact difference.
    pub fn sub(&self, other: &Self) -> Result<Self, Inexact> {
        self.combine(other, '-', |a, b| sum(a, b, -1))
    }

    /// The exact product.
    pub fn mul(&self, other: &Self) -> Result<Self, Inexact> {
        self.combine(other, '*', product)
    }

    /// The number with its sign turned.
    #[must_use]
    pub fn neg(&self) -> Self {
        match &self.0 {
            Repr::Decimal(decimal) => Self::from(-*decimal),
            Repr::Literal(text) => Self(Repr::Literal(match text.strip_prefix('-') {
                Some(text) => text.into(),
                None => format!("-{text}").into(),
            })),
        }
    }

    fn combine(
        &self,
        other: &Self,
        sign: char,
        compute: fn(Decimal, Decimal) -> Option<Decimal>,
    ) -> Result<Self, Inexact> {
        let result = match (&self.0, &other.0) {
            (Repr::Decimal(a), Repr::Decimal(b)) => compute(*a, *b),
            _ => None,
        };
        result
            .map(|decimal| Self(Repr::Decimal(decimal)))
            .ok_or_else(|| Inexact(format!("{self} {sign} {other}")))
    }
}

/// `a + sign × b`, with the decimal places of the longer one where that fits.
fn sum(a: Decimal, b: Decimal, sign: i128) -> Option<Decimal> {
    aligned(a, b, sign).or_else(|| aligned(strip(a), strip(b), sign))
}

/// The sum over the common scale, `None` if that overflows.
///
/// Once trailing zeros are stripped, an overflow proves that the sum fits no decimal: the operand with the larger
/// scale ends in a digit that is not zero, so the sum does too and no shorter form of it exists.
fn aligned(a: Decimal, b: Decimal, sign: i128) -> Option<Decimal> {
    let scale = a.scale().max(b.scale());
    let raise = |d: Decimal| 10_i128.checked_pow(scale - d.scale())?.checked_mul(d.mantissa());
    decimal(raise(a)?.checked_add(sign * raise(b)?)?, scale)
}

/// `a × b`, with the decimal places of both where that fits.
fn product(a: Decimal, b: Decimal) -> Option<Decimal> {
    let scale = a.scale() + b.scale();
    let (mut x, mut y) = (a.mantissa(), b.mantissa());
    if let Some(natural) = x.checked_mul(y).and_then(|mantissa| decimal(mantissa, scale)) {
        return Some(natural);
    }
    // Zeros at the end of the product come from a two in one factor and a five in either. Dividing the pairs out
    // first leaves the shortest mantissa the product has; if even that overflows, it fits no decimal.
    let zeros = (factors(x, 2) + factors(y, 2)).min(factors(x, 5) + factors(y, 5)).min(scale);
    for prime in [2, 5] {
        let mut left = zeros;
        while left > 0 && x % prime == 0 {
            x /= prime;
            left -= 1;
        }
        while left > 0 && y % prime == 0 {
            y /= prime;
            left -= 1;
        }
    }
    decimal(x.checked_mul(y)?, scale - zeros)
}

/// How often `prime` divides `n`; `n` is not zero here, as no product with zero overflows.
fn factors(mut n: i128, prime: i128) -> u32 {
    let mut times = 0;
    while n != 0 && n % prime == 0 {
        n /= prime;
        times += 1;
    }
    times
}

/// The decimal without zeros at the end of its places.
fn strip(decimal: Decimal) -> Decimal {
    decimal.normalize()
}

/// `mantissa × 10^-scale`, stripped of trailing zeros where it fits only so.
fn decimal(mut mantissa: i128, mut scale: u32) -> Option<Decimal> {
    loop {
        if let Ok(decimal) = Decimal::try_from_i128_with_scale(mantissa, scale) {
            return Some(decimal);
        }
        if scale == 0 || mantissa % 10 != 0 {
            return None;
        }
        mantissa /= 10;
        scale -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a op b` as text, or the error.
    fn check(sum: &str, expected: &str) {
        let [a, op, b] = sum.split(' ').collect::<Vec<_>>()[..] else { panic!("{sum}") };
        let (a, b) = (Number::parse(a).expect(a), Number::parse(b).expect(b));
        let result = match op {
            "+" => a.add(&b),
            "-" => a.sub(&b),
            _ => a.mul(&b),
        };
        assert_eq!(result.map_or_else(|e| e.to_string(), |n| n.to_string()), expected, "{sum}");
    }

    #[test]
    fn is_exact_and_keeps_places() {
        check("0.1 + 0.2", "0.3");
        check("0.10 * 3", "0.30");
        check("29.99 * 2", "59.98");
        check("1 - 1.00", "0.00");
        check("12345678901234.1234 + 0.0001", "12345678901234.1235");
        check("-0 * 5", "0");
    }

    #[test]
    fn errs_where_a_decimal_would_round() {
        let max = "79228162514264337593543950335";
        check(&format!("{max} + 1"), &format!("{max} + 1 can't be computed exactly"));
        check(&format!("{max} + 0.1"), &format!("{max} + 0.1 can't be computed exactly"));
        check(&format!("{max} - 0.0"), max);
        check(&format!("{max} - 0.00000000000000000000"), max);
        check(&format!("{max} * 1.0000"), max);
        check("1e-28 * 0.1", "0.0000000000000000000000000001 * 0.1 can't be computed exactly");
        check(
            "1e28 + 1e-28",
            "10000000000000000000000000000 + 0.0000000000000000000000000001 can't be computed exactly",
        );
        check("1e400 * 1", "1e400 * 1 can't be computed exactly");
    }

    #[test]
    fn finds_the_product_that_only_fits_without_its_zeros() {
        // 2^90 × 5^40 × 10^-40 is exactly 2^50, though the natural product needs 183 bits.
        check("12379400.39285380274899124224 * 90949470.17729282379150390625", "1125899906842624");
    }

    #[test]
    fn negates_literals() {
        let n = Number::parse("1e400").expect("a number");
        assert_eq!(n.neg().to_string(), "-1e400");
        assert_eq!(n.neg().neg(), n);
    }
}
