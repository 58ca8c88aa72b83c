//! Generated trees.

use proptest::prelude::*;

use super::super::build::*;
use super::super::{Nothing, eval};
use super::World;
use crate::language::syntax::Expr;
use crate::value::Value;

const OPERATORS: [&str; 11] = ["or", "and", "+", "-", "*", "==", "!=", "<", "<=", ">", ">="];

const FUNCTIONS: [&str; 11] =
    ["count", "sum", "any", "all", "filter", "map", "min", "max", "distinct", "contains", "nonsense"];

fn leaf() -> impl Strategy<Value = Expr> {
    let constants =
        ["null", "true", "false", "0", "1", "-2.50", "79228162514264337593543950335", "1e400", "1e-28"];
    let more =
        [r#""""#, r#""pending""#, "[]", "[1, 2, 3]", "[true, false]", r#"{"status": "pending", "a": 1}"#];
    prop_oneof![
        proptest::sample::select([&constants[..], &more[..]].concat()).prop_map(lit),
        proptest::sample::select(vec!["order", "n", "unknown"]).prop_map(var),
        proptest::sample::select(vec!["self", "x", "confirmed", "unknown"]).prop_map(name),
        Just(unique("u")),
    ]
}

/// Trees of all constructs, most of them nonsense.
pub(crate) fn any_expr() -> impl Strategy<Value = Expr> {
    leaf().prop_recursive(6, 64, 4, |inner| {
        let fields = proptest::sample::select(vec!["status", "items", "a", "price", "missing"]);
        prop_oneof![
            4 => (inner.clone(), proptest::sample::select(&OPERATORS[..]), inner.clone())
                .prop_map(|(left, op, right)| binary(left, op, right)),
            2 => (proptest::sample::select(&FUNCTIONS[..]), inner.clone(), proptest::option::of(inner.clone()))
                .prop_map(|(function, list, body)| fold(function, list, body)),
            1 => (proptest::sample::select(&FUNCTIONS[..]), inner.clone()).prop_map(|(f, list)| call(f, [list])),
            1 => (inner.clone(), inner.clone()).prop_map(|(list, x)| call("contains", [list, x])),
            1 => inner.clone().prop_map(not),
            1 => inner.clone().prop_map(negate),
            1 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(c, a, b)| if_else(c, a, b)),
            1 => (inner.clone(), fields.clone()).prop_map(|(base, name)| field(base, name)),
            1 => (inner.clone(), inner.clone()).prop_map(|(base, at)| index(base, at)),
            1 => (inner.clone(), fields, inner).prop_map(|(base, name, value)| with(base, vec![set(name, value)])),
        ]
    })
}

proptest! {
    #[test]
    fn evaluation_never_panics_and_is_deterministic(expr in any_expr()) {
        prop_assert_eq!(eval(&expr, &World::new()), eval(&expr, &World::new()));
    }

    #[test]
    fn a_value_is_what_it_evaluates_to(expr in any_expr()) {
        if let Ok(value) = eval(&expr, &World::new()) {
            prop_assert_eq!(eval(&constant(&value), &Nothing), Ok(value));
        }
    }

    #[test]
    fn and_or_not_obey_de_morgan(a: bool, b: bool) {
        let truth = |truth: bool| constant(&Value::Bool(truth));
        let left = not(binary(truth(a), "and", truth(b)));
        let right = binary(not(truth(a)), "or", not(truth(b)));
        prop_assert_eq!(eval(&left, &Nothing), eval(&right, &Nothing));
    }

    #[test]
    fn sum_is_the_folded_plus(numbers in proptest::collection::vec(-1_000_000_i64..1_000_000, 0..20)) {
        let list = Value::from(numbers.clone());
        let chain = numbers.iter().fold(lit("0"), |sum, n| binary(sum, "+", constant(&Value::from(*n))));
        prop_assert_eq!(eval(&call("sum", [constant(&list)]), &Nothing), eval(&chain, &Nothing));
    }

    #[test]
    fn filter_and_count_agree(numbers in proptest::collection::vec(-9_i64..9, 0..20), limit in -9_i64..9) {
        let list = || constant(&Value::from(numbers.clone()));
        let above = || Some(binary(name("x"), ">", constant(&Value::from(limit))));
        let counted = eval(&fold("count", list(), above()), &Nothing);
        prop_assert_eq!(counted, eval(&call("count", [fold("filter", list(), above())]), &Nothing));
        let any = eval(&fold("any", list(), above()), &Nothing);
        prop_assert_eq!(any, eval(&not(fold("all", list(), above().map(not))), &Nothing));
    }
}
