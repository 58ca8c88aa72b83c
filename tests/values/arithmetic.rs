use proofmark::value::{Inexact, Number};
use proptest::prelude::*;

use super::big::Big;
use super::generate::plain_number;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
}

/// `result` is `exact` if a decimal holds that and both operands, else an error; never anything near it.
fn agrees(result: &Result<Number, Inexact>, exact: &Big, operands: [&str; 2]) -> Result<(), TestCaseError> {
    let possible = exact.fits_decimal() && operands.iter().all(|text| Big::parse(text).fits_decimal());
    match result {
        Ok(number) => {
            prop_assert!(possible);
            prop_assert_eq!(&Big::parse(&number.to_string()), exact);
        }
        Err(_) => prop_assert!(!possible, "{:?} fits", exact),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn reading_and_printing_change_nothing(text in plain_number()) {
        prop_assert_eq!(Big::parse(&number(&text).to_string()), Big::parse(&text));
        prop_assert_eq!(number(&text).decimal().is_some(), Big::parse(&text).fits_decimal());
    }

    #[test]
    fn decimals_keep_their_places(text in "-?[1-9][0-9]{0,15}(\\.[0-9]{1,10})?") {
        prop_assert_eq!(number(&text).to_string(), text);
    }

    #[test]
    fn results_are_exact_or_errors(a in plain_number(), b in plain_number()) {
        let (x, y) = (Big::parse(&a), Big::parse(&b));
        agrees(&number(&a).add(&number(&b)), &x.add(&y), [&a, &b])?;
        agrees(&number(&a).sub(&number(&b)), &x.add(&y.neg()), [&a, &b])?;
        agrees(&number(&a).mul(&number(&b)), &x.mul(&y), [&a, &b])?;
        prop_assert_eq!(Big::parse(&number(&a).neg().to_string()), x.neg());
    }

    #[test]
    fn arithmetic_obeys_its_laws(a in plain_number(), b in plain_number(), c in plain_number()) {
        let (a, b, c) = (number(&a), number(&b), number(&c));
        prop_assert_eq!(a.add(&b).ok(), b.add(&a).ok());
        prop_assert_eq!(a.mul(&b).ok(), b.mul(&a).ok());
        prop_assert_eq!(a.sub(&b).ok(), a.add(&b.neg()).ok());
        if let Ok(sum) = a.add(&b) {
            prop_assert_eq!(sum.sub(&b), Ok(a.clone()));
        }
        let associated = (a.add(&b).and_then(|sum| sum.add(&c)), b.add(&c).and_then(|sum| a.add(&sum)));
        if let (Ok(left), Ok(right)) = associated {
            prop_assert_eq!(left, right);
        }
        let distributed = (
            a.add(&b).and_then(|sum| sum.mul(&c)),
            a.mul(&c).and_then(|left| left.add(&b.mul(&c)?)),
        );
        if let (Ok(left), Ok(right)) = distributed {
            prop_assert_eq!(left, right);
        }
    }

    #[test]
    fn whole_numbers_compute_as_integers_do(a: i32, b: i32) {
        let (x, y) = (Number::from(a), Number::from(b));
        prop_assert_eq!(x.add(&y), Ok(Number::from(i64::from(a) + i64::from(b))));
        prop_assert_eq!(x.sub(&y), Ok(Number::from(i64::from(a) - i64::from(b))));
        prop_assert_eq!(x.mul(&y), Ok(Number::from(i64::from(a) * i64::from(b))));
    }
}
