//! Generated numbers and values.

use proofmark::value::{Number, Value};
use proptest::prelude::*;

/// Numbers without exponents, small and beyond what a decimal holds.
pub(crate) fn plain_number() -> impl Strategy<Value = String> {
    prop_oneof![
        "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,3})?",
        "-?(0|[1-9][0-9]{0,32})(\\.[0-9]{1,32})?",
        "-?(0|[1-9]0{0,28})(\\.0{0,27}[0-9])?",
        proptest::sample::select(vec!["0.10".to_owned(), "12345678901234.1234".to_owned()]),
        (any::<u64>(), any::<u32>(), 0_usize..29).prop_map(|(high, low, scale)| {
            // A full mantissa of 96 bits.
            let digits = format!("{:030}", (u128::from(high) << 32) | u128::from(low));
            let (whole, fraction) = digits.split_at(digits.len() - scale);
            let whole = whole.trim_start_matches('0');
            let whole = if whole.is_empty() { "0" } else { whole };
            if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
        }),
    ]
}

/// Numbers in all of JSON's syntax.
pub(crate) fn any_number() -> impl Strategy<Value = Number> {
    let exponent = prop_oneof![-40_i64..40, -1_000_000_000_000_i64..1_000_000_000_000];
    let text = prop_oneof![
        plain_number(),
        (plain_number(), exponent, "[eE]\\+?").prop_map(|(number, exponent, e)| {
            let e = if exponent < 0 { "e" } else { &e };
            format!("{number}{e}{exponent}")
        }),
    ];
    text.prop_map(|text| Number::parse(&text).unwrap_or_else(|| panic!("{text} is a number")))
}

/// Values of all kinds.
pub(crate) fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any_number().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[\\x00-\\x1f\"\\\\\u{2028}\u{1f600}é]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::vec((any::<String>(), inner), 0..6)
                .prop_map(|fields| Value::Record(fields.into_iter().collect())),
        ]
    })
}
