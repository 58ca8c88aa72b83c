use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};

use proofmark::value::{Number, Value};
use proptest::prelude::*;

use super::big::Big;
use super::generate::{any_number, any_value, plain_number};

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// `text` (no exponent) spelt otherwise: zeros at either end, the point elsewhere.
fn respelt(text: &str, shift: usize, zeros: usize) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |text| ("-", text));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole = if whole == "0" { "" } else { whole };
    let digits = format!("{whole}{fraction}{}", "0".repeat(zeros));
    // 0.0…0digits × 10^exponent
    format!("{sign}0.{}{digits}0e{}", "0".repeat(shift), whole.len() + shift)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn numbers_are_totally_ordered(a in any_number(), b in any_number(), c in any_number()) {
        prop_assert_eq!(a.cmp(&a), Ordering::Equal);
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq());
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
        prop_assert_eq!(a.neg().cmp(&b.neg()), b.cmp(&a));
    }

    #[test]
    fn order_is_that_of_the_exact_values(a in plain_number(), b in plain_number()) {
        let (x, y) = (Number::parse(&a), Number::parse(&b));
        prop_assert_eq!(x.cmp(&y), Big::parse(&a).cmp(&Big::parse(&b)), "{} and {}", a, b);
    }

    #[test]
    fn spelling_does_not_matter(text in plain_number(), shift in 0_usize..40, zeros in 0_usize..40) {
        let (a, b) = (Number::parse(&text), Number::parse(&respelt(&text, shift, zeros)));
        prop_assert!(b.is_some());
        prop_assert_eq!(&a, &b);
        prop_assert_eq!(hash(&a), hash(&b));
    }

    #[test]
    fn equal_values_hash_alike(a in any_value(), b in any_value()) {
        prop_assert!(a != b || hash(&a) == hash(&b));
        prop_assert_eq!(&a, &a.clone());
        prop_assert_eq!(hash(&a), hash(&a.clone()));
    }

    #[test]
    fn the_order_of_fields_does_not_matter(
        fields in proptest::collection::btree_map("[a-z]{1,3}", any_number(), 0..40).prop_flat_map(|fields| {
            let fields: Vec<_> = fields.into_iter().collect();
            (Just(fields.clone()), Just(fields).prop_shuffle())
        })
    ) {
        let [a, b] = [fields.0, fields.1].map(|fields| Value::Record(fields.into_iter().collect()));
        prop_assert_eq!(hash(&a), hash(&b));
        prop_assert_eq!(a, b);
    }
}

#[test]
fn huge_literals_are_compared_in_no_time() {
    let zeros = "0".repeat(1_000_000);
    let number = |text: &str| Number::parse(text).expect("a number");
    assert_eq!(number(&format!("1{zeros}")), number("1e1000000"));
    assert!(number("1e999999999999999999") > number(&format!("9{zeros}")));
    assert!(number("-1e999999999999999999") < number("1e-999999999999999999"));
    assert_eq!(number("1e999999999999999999"), number("0.1e1000000000000000000"));
}
