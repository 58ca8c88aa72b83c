//! Arbitrarily large numbers on digit vectors, slow and obvious: what exact arithmetic is held against.

use std::cmp::Ordering;

/// `±digits × 10^-scale`; digits with the lowest first and no zeros at the top.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Big {
    negative: bool,
    digits: Vec<u8>,
    scale: usize,
}

impl Big {
    /// Reads `-12.50`; no exponents.
    pub(crate) fn parse(text: &str) -> Self {
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |text| (true, text));
        let scale = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let digits = text.bytes().rev().filter(|b| *b != b'.').map(|b| b - b'0').collect();
        Self { negative, digits, scale }.trim()
    }

    /// The shortest form: no zeros above, none at the end of the fraction, zero is positive.
    fn trim(mut self) -> Self {
        while self.scale > 0 && self.digits.first() == Some(&0) {
            self.digits.remove(0);
            self.scale -= 1;
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            return Self { negative: false, digits: Vec::new(), scale: 0 };
        }
        self
    }

    fn raise(&self, scale: usize) -> Vec<u8> {
        [vec![0; scale - self.scale], self.digits.clone()].concat()
    }

    pub(crate) fn neg(&self) -> Self {
        Self { negative: !self.negative, ..self.clone() }.trim()
    }

    pub(crate) fn add(&self, other: &Self) -> Self {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.raise(scale), other.raise(scale));
        let (negative, digits) = if self.negative == other.negative {
            (self.negative, plus(&a, &b))
        } else if compare(&a, &b).is_ge() {
            (self.negative, minus(&a, &b))
        } else {
            (other.negative, minus(&b, &a))
        };
        Self { negative, digits, scale }.trim()
    }

    pub(crate) fn mul(&self, other: &Self) -> Self {
        let mut digits = vec![0; self.digits.len() + other.digits.len() + 1];
        for (i, a) in self.digits.iter().enumerate() {
            for (j, b) in other.digits.iter().enumerate() {
                let mut carry = u32::from(a * b);
                for digit in &mut digits[i + j..] {
                    let sum = u32::from(*digit) + carry;
                    (*digit, carry) = ((sum % 10) as u8, sum / 10);
                }
            }
        }
        Self { negative: self.negative != other.negative, digits, scale: self.scale + other.scale }.trim()
    }

    pub(crate) fn cmp(&self, other: &Self) -> Ordering {
        let difference = self.add(&other.neg());
        match (difference.digits.is_empty(), difference.negative) {
            (true, _) => Ordering::Equal,
            (false, true) => Ordering::Less,
            (false, false) => Ordering::Greater,
        }
    }

    /// Whether 96 bits of mantissa and 28 places hold it.
    pub(crate) fn fits_decimal(&self) -> bool {
        let max: Vec<u8> = (u128::MAX >> 32).to_string().bytes().rev().map(|b| b - b'0').collect();
        self.scale <= 28 && compare(&self.digits, &max).is_le()
    }
}

fn at(digits: &[u8], index: usize) -> u8 {
    digits.get(index).copied().unwrap_or(0)
}

fn plus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    (0..=a.len().max(b.len()))
        .map(|i| {
            let sum = at(a, i) + at(b, i) + carry;
            carry = sum / 10;
            sum % 10
        })
        .collect()
}

fn minus(a: &[u8], b: &[u8]) -> Vec<u8> {
    let mut borrow = 0;
    (0..a.len())
        .map(|i| {
            let (digit, less) = (at(a, i), at(b, i) + borrow);
            borrow = u8::from(digit < less);
            digit + 10 * borrow - less
        })
        .collect()
}

fn compare(a: &[u8], b: &[u8]) -> Ordering {
    (0..a.len().max(b.len()))
        .rev()
        .map(|i| at(a, i).cmp(&at(b, i)))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

#[test]
fn the_reference_itself_is_right() {
    let big = Big::parse;
    assert_eq!(big("0.1").add(&big("0.2")), big("0.30"));
    assert_eq!(big("99.9").add(&big("0.1")), big("100"));
    assert_eq!(big("1").add(&big("-1.5")), big("-0.5"));
    assert_eq!(big("-12.5").mul(&big("8")), big("-100"));
    assert_eq!(big("999999999999").mul(&big("999999999999")), big("999999999998000000000001"));
    assert_eq!(big("-0.0"), big("0"));
    assert!(big("79228162514264337593543950335").fits_decimal());
    assert!(!big("79228162514264337593543950336").fits_decimal());
}
