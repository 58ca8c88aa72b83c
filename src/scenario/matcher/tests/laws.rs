//! Laws over generated values and matchers.

use proptest::prelude::*;

use crate::contract::expr::Nothing;
use crate::contract::expr::build::*;
use crate::language::syntax::{FieldPath, ListMode, Matcher, MatcherKind};
use crate::scenario::matcher::bind;
use crate::text::Span;
use crate::value::{Record, Value};

fn any_value() -> impl Strategy<Value = Value> {
    const CONSTANTS: [&str; 10] =
        ["null", "true", "0", "1", "1.0", "2", "1e400", r#""""#, r#""a""#, r#""1""#];
    proptest::sample::select(&CONSTANTS[..]).prop_map(json).prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::btree_map("[abc]", inner, 0..4)
                .prop_map(|fields| Value::Record(fields.into_iter().collect())),
        ]
    })
}

/// Matchers of all kinds over the same small alphabet, so that they match often.
fn any_matcher() -> impl Strategy<Value = Matcher> {
    let leaf = prop_oneof![
        3 => any_value().prop_map(|value| matcher(MatcherKind::Equals(constant(&value)))),
        1 => proptest::sample::select(&["<", "<=", ">", ">=", "==", "!="][..]).prop_map(|op| cmp(op, "1")),
        1 => proptest::sample::select(&["<", ">=", "==", "!="][..]).prop_map(|op| count(op, "2")),
        1 => proptest::sample::select(vec![anything(), present(), absent(), regex("a|1")]),
    ];
    let leaf = prop_oneof![
        8 => leaf,
        1 => proptest::sample::select(&["1 ± 1", "sum(a) > 1", "sum(a.b) 1"][..]).prop_map(read_matcher),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let mode = proptest::sample::select(vec![ListMode::Ordered, ListMode::Unordered, ListMode::Contains]);
        prop_oneof![
            (proptest::collection::btree_map("[abc]", inner.clone(), 0..4), any::<bool>()).prop_map(
                |(fields, exact)| {
                    let fields = fields.into_iter().map(|(name, matcher)| {
                        crate::language::syntax::FieldMatcher { name: ident(&name), matcher }
                    });
                    matcher(MatcherKind::Record { fields: fields.collect(), exact })
                }
            ),
            (proptest::collection::vec(inner.clone(), 0..5), mode)
                .prop_map(|(items, mode)| list(mode, items)),
            inner.clone().prop_map(each),
            inner.prop_map(|rest| {
                let path = |name| FieldPath { names: vec![ident(name)], span: Span::default() };
                matcher(MatcherKind::Ignoring(Box::new(rest), vec![path("a"), path("b")]))
            }),
        ]
    })
}

fn matches(matcher: &Matcher, value: &Value) -> bool {
    bind(matcher, &Nothing).expect("it can be bound").matches(Some(value))
}

/// The value without the fields that are null in it and that `actual` leaves out.
fn with_nulls_left_out(expected: &Value, actual: &Value) -> Value {
    match (expected, actual) {
        (Value::Record(expected), Value::Record(actual)) => {
            let fields = expected.fields().iter();
            let fields = fields.filter_map(|(name, value)| match actual.get(name) {
                None if value.is_null() => None,
                None => Some((name.clone(), value.clone())),
                Some(actual) => Some((name.clone(), with_nulls_left_out(value, actual))),
            });
            Value::Record(fields.collect())
        }
        (Value::List(expected), Value::List(actual)) if expected.len() == actual.len() => expected
            .iter()
            .zip(actual)
            .map(|(expected, actual)| with_nulls_left_out(expected, actual))
            .collect(),
        _ => expected.clone(),
    }
}

/// Whether some order of `elements` pairs each matcher with an element of its own: tried out, all of them.
fn pairs_by_trying(items: &[Matcher], elements: &[Value], whole: bool) -> bool {
    let Some((first, rest)) = items.split_first() else { return !whole || elements.is_empty() };
    (0..elements.len()).any(|at| {
        let mut others = elements.to_vec();
        let element = others.remove(at);
        matches(first, &element) && pairs_by_trying(rest, &others, whole)
    })
}

proptest! {
    #[test]
    fn judging_and_matching_agree(matcher in any_matcher(), value in any_value()) {
        let bound = bind(&matcher, &Nothing).expect("it can be bound");
        for actual in [Some(&value), None] {
            prop_assert_eq!(bound.matches(actual), bound.judge(actual).is_empty());
            prop_assert_eq!(bound.judge(actual), bound.judge(actual));
        }
    }

    #[test]
    fn ignoring_what_is_not_there_changes_nothing(inner in any_matcher(), value in any_value()) {
        let path = FieldPath { names: vec![ident("z")], span: Span::default() };
        let ignoring = matcher(MatcherKind::Ignoring(Box::new(inner.clone()), vec![path]));
        prop_assert_eq!(matches(&ignoring, &value), matches(&inner, &value));
    }

    #[test]
    fn a_sum_is_that_of_the_expression(numbers in proptest::collection::vec(-1000_i64..1000, 0..6)) {
        let values: Vec<Value> = numbers.iter().map(|n| json(&format!("{{\"a\": {n}}}"))).collect();
        let sum: i64 = numbers.iter().sum();
        let sum = if sum < 0 { format!("sum(a) 0 - {}", -sum) } else { format!("sum(a) {sum}") };
        prop_assert!(matches(&read_matcher(&sum), &Value::List(values)));
    }

    #[test]
    fn a_value_matches_itself(value in any_value()) {
        prop_assert!(matches(&spelt_out(&value), &value));
        prop_assert!(matches(&matcher(MatcherKind::Equals(constant(&value))), &value));
    }

    #[test]
    fn spelt_out_and_equals_mean_the_same(expected in any_value(), actual in any_value()) {
        // A field that is spelt out to be null may be left out, too.
        let spelt = with_nulls_left_out(&expected, &actual) == actual;
        prop_assert_eq!(matches(&spelt_out(&expected), &actual), spelt);
        let equal = expected == actual;
        prop_assert_eq!(matches(&matcher(MatcherKind::Equals(constant(&expected))), &actual), equal);
    }

    #[test]
    fn ordered_implies_unordered_implies_contains(
        items in proptest::collection::vec(any_matcher(), 0..5),
        elements in proptest::collection::vec(any_value(), 0..5),
    ) {
        let value = Value::List(elements);
        let [in_order, in_any, among] = [ordered(items.clone()), unordered(items.clone()), contains(items)]
            .map(|matcher| matches(&matcher, &value));
        prop_assert!(!in_order || in_any);
        prop_assert!(!in_any || among);
    }

    #[test]
    fn pairing_finds_what_trying_finds(
        items in proptest::collection::vec(any_matcher(), 0..5),
        elements in proptest::collection::vec(any_value(), 0..6),
    ) {
        let value = Value::List(elements.clone());
        prop_assert_eq!(matches(&contains(items.clone()), &value), pairs_by_trying(&items, &elements, false));
        prop_assert_eq!(matches(&unordered(items.clone()), &value), pairs_by_trying(&items, &elements, true));
    }

    #[test]
    fn unordered_does_not_care_for_order(
        elements in proptest::collection::vec(any_value(), 0..6).prop_flat_map(|elements| {
            (Just(elements.clone()), Just(elements).prop_shuffle())
        }),
        items in proptest::collection::vec(any_matcher(), 0..5),
    ) {
        let (there, here) = elements;
        prop_assert_eq!(
            matches(&unordered(items.clone()), &Value::List(there.clone())),
            matches(&unordered(items), &Value::List(here.clone()))
        );
        let spelt = unordered(there.iter().map(spelt_out).collect::<Vec<_>>());
        prop_assert!(matches(&spelt, &Value::List(here)));
    }

    #[test]
    fn contains_is_monotone(
        items in proptest::collection::vec(any_matcher(), 0..4),
        elements in proptest::collection::vec(any_value(), 0..5),
        more in any_value(),
        at in any::<proptest::sample::Index>(),
    ) {
        let before = matches(&contains(items.clone()), &Value::List(elements.clone()));
        let mut elements = elements;
        elements.insert(at.index(elements.len() + 1), more);
        prop_assert!(!before || matches(&contains(items), &Value::List(elements)));
    }

    #[test]
    fn a_partial_record_ignores_other_fields(
        fields in proptest::collection::btree_map("[abc]", (any_value(), any_matcher()), 0..4),
        other in any_value(),
    ) {
        let record: Record = fields.iter().map(|(name, (value, _))| (name.as_str(), value.clone())).collect();
        let expected = matcher(MatcherKind::Record {
            fields: fields.into_iter().map(|(name, (_, matcher))| {
                crate::language::syntax::FieldMatcher { name: ident(&name), matcher }
            }).collect(),
            exact: false,
        });
        let mut wider = record.clone();
        wider.insert("other", other);
        prop_assert_eq!(matches(&expected, &Value::Record(record)), matches(&expected, &Value::Record(wider)));
    }

    #[test]
    fn big_lists_agree_with_small_ones(
        items in proptest::collection::vec(any_matcher(), 0..4),
        elements in proptest::collection::vec(any_value(), 0..4),
    ) {
        // Padding that nothing else matches takes the way for long lists.
        let pad = json(r#"{"pad": []}"#);
        let padded = |elements: &[Value]| {
            Value::List(std::iter::repeat_n(pad.clone(), 200).chain(elements.iter().cloned()).collect())
        };
        let mut more: Vec<_> = (0..200).map(|_| spelt_out(&pad)).collect();
        more.extend(items.iter().cloned());
        prop_assert_eq!(
            matches(&unordered(items), &Value::List(elements.clone())) ,
            matches(&unordered(more), &padded(&elements))
        );
    }
}
