use insta::assert_snapshot;

use super::judge;
use crate::contract::expr::build::*;
use crate::scenario::matcher::{MAX_MISMATCHES, bind};
use crate::text::Span;

fn order() -> &'static str {
    r#"{"status": "pending", "total": 29.99, "item_count": 1,
        "items": [{"product": "p-1", "quantity": 1, "price": 29.99}, {"product": "p-2", "quantity": 3, "price": 0.10}]}"#
}

#[test]
fn fields() {
    let expected = partial([
        ("status", eq("\"confirmed\"")),
        ("total", eq("59.98")),
        ("item_count", cmp(">", "1")),
        ("detail", regex("conf")),
        ("items", ordered([partial([("price", eq("30"))]), partial([("product", regex("^q"))])])),
    ]);
    assert_snapshot!(judge(&expected, order()), @r#"
    status: expected "confirmed", was "pending"
    total: expected 59.98, was 29.99
    item_count: expected > 1, was 1
    detail: expected ~/conf/, was absent
    items[0].price: expected 30, was 29.99
    items[1].product: expected ~/^q/, was "p-2"
    "#);
}

#[test]
fn names_that_are_nearly_right() {
    assert_snapshot!(judge(&partial([("statuss", eq("1")), ("itemcount", present()), ("zzz", anything())]), order()), @"
    statuss: expected 1, was absent (did you mean `status`?)
    itemcount: expected something present, was absent (did you mean `item_count`?)
    zzz: expected anything, was absent
    ");
}

#[test]
fn left_over_fields() {
    assert_snapshot!(judge(&exact([("status", anything()), ("totl", absent())]), order()), @r#"
    total: expected no such field, was 29.99
    item_count: expected no such field, was 1
    items: expected no such field, was [{product: "p-1", quantity: 1, price: 29.99}, {product: "p-2", quantity: 3, price: 0.10}]
    "#);
}

#[test]
fn numbers_and_texts_that_look_alike() {
    assert_snapshot!(judge(&eq("59.98"), "\"59.98\""), @r#"expected 59.98, was text "59.98", not the number 59.98"#);
    assert_snapshot!(judge(&eq("59.98"), "\"60\""), @r#"expected 59.98, was text "60""#);
    assert_snapshot!(judge(&eq("\"59.98\""), "59.980"), @r#"expected "59.98", was the number 59.980, not text"#);
    assert_snapshot!(judge(&cmp(">", "1"), "\"2\""), @r#"expected > 1, was text "2""#);
    assert_snapshot!(judge(&regex("5"), "59.98"), @"expected ~/5/, was the number 59.98, not text");
    assert_snapshot!(judge(&eq("\"Confirmed\""), "\"confirmed\""), @r#"expected "Confirmed", was "confirmed" (they differ in case only)"#);
    assert_snapshot!(judge(&eq("\"a b\""), r#""a  b\n""#), @r#"expected "a b", was "a  b\n" (they differ in white space only)"#);
}

#[test]
fn whole_values() {
    assert_snapshot!(judge(&eq(r#"{"a": [1, {"b": 2}], "c": 3}"#), r#"{"a": [1, {"b": "2"}], "d": null}"#), @r#"
    a[1].b: expected 2, was text "2", not the number 2
    c: expected 3, was absent
    d: expected no such field, was null
    "#);
    assert_snapshot!(judge(&eq("[1]"), "{}"), @"expected [1], was {}");
}

#[test]
fn answers_that_are_not_there() {
    assert_snapshot!(judge(&partial([("status", eq("\"confirmed\""))]), ""), @r#"expected {status: "confirmed"}, was absent"#);
    assert_snapshot!(judge(&absent(), order()), @r#"expected absent, was {status: "pending", total: 29.99, item_count: 1, items: [{product: "p-1", quantity: 1, price: 29.99}, … 1 more]}"#);
    assert_snapshot!(judge(&anything(), ""), @"expected anything, was absent");
    assert_snapshot!(judge(&partial([("a", present())]), r#"{"a": null}"#), @"a: expected something present, was null");
    assert_snapshot!(judge(&exact([("a", eq("1"))]), "7"), @"expected = {a: 1}, was 7");
}

#[test]
fn lists_in_order() {
    let abc = || ordered([eq("\"a\""), eq("\"b\""), eq("\"c\"")]);
    assert_snapshot!(judge(&abc(), r#"["a", "c"]"#), @r#"[1]: expected "b", was absent"#);
    assert_snapshot!(judge(&abc(), r#"["x", "a", "b", "c"]"#), @r#"[0]: expected nothing more here, was "x""#);
    assert_snapshot!(judge(&abc(), r#"["a", "x", "c"]"#), @r#"[1]: expected "b", was "x""#);
    assert_snapshot!(judge(&abc(), "[]"), @r#"
    [0]: expected "a", was absent
    [1]: expected "b", was absent
    [2]: expected "c", was absent
    "#);
    assert_snapshot!(judge(&abc(), "null"), @r#"expected ["a", "b", "c"], was null"#);
}

#[test]
fn lists_in_any_order() {
    let items = |whole: bool| {
        let items = vec![partial([("p", eq("1")), ("n", eq("2"))]), partial([("p", eq("2"))])];
        if whole { unordered(items) } else { contains(items) }
    };
    assert_snapshot!(judge(&items(true), r#"[{"p": 2}, {"p": 1, "n": 3}]"#), @"[1].n: expected 2, was 3");
    assert_snapshot!(judge(&items(false), r#"[{"p": 2}, {"p": 1, "n": 3}, {"p": 4}]"#), @"expected an element {p: 1, n: 2}, was none of the 3 elements (nearest is [1], n: expected 2, was 3)");
    assert_snapshot!(judge(&items(true), r#"[{"p": 2}, {"p": 1, "n": 2}, {"p": 4}]"#), @"[2]: expected nothing more here, was {p: 4}");
    assert_snapshot!(judge(&items(true), r#"[{"p": 3}]"#), @"
    expected an element {p: 1, n: 2}, was not the one element there is (nearest is [0], p: expected 1, was 3)
    expected an element {p: 2}, was not the one element there is (nearest is [0], p: expected 2, was 3)
    [0]: expected nothing more here, was {p: 3}
    ");
    assert_snapshot!(judge(&items(true), "[]"), @"
    expected an element {p: 1, n: 2}, was an empty list
    expected an element {p: 2}, was an empty list
    ");
    assert_snapshot!(judge(&contains([eq("1"), eq("1"), eq("1")]), "[1, 1, 2]"), @"expected an element 1, was there only 2 times, taken by other matchers");
    assert_snapshot!(judge(&contains([eq("1"), anything()]), "[1]"), @"expected an element anything, was there only once, taken by another matcher");
}

#[test]
fn each_and_count() {
    assert_snapshot!(judge(&each(partial([("price", cmp(">", "1"))])), "[]"), @"expected at least one element, each {price: > 1}, was an empty list");
    assert_snapshot!(judge(&partial([("items", each(partial([("price", cmp(">", "1"))])))]), order()), @"items[1].price: expected > 1, was 0.10");
    assert_snapshot!(judge(&partial([("items", count("==", "3")), ("total", count(">", "1"))]), order()), @"
    items: expected count 3, was count 2
    total: expected count > 1, was 29.99
    ");
}

#[test]
fn numbers_and_fields() {
    let judged = |text: &str| judge(&read_matcher(text), order());
    assert_snapshot!(judged("{ total: 30 ± 0.005, status: 1 ± 1 }"), @r#"
    total: expected 30 ± 0.005, was 29.99
    status: expected 1 ± 1, was text "pending"
    "#);
    assert_snapshot!(judged("sum(items.quantity) == 3"), @"expected sum(items.quantity) 3, was sum(items.quantity) 4");
    assert_snapshot!(judged("sum(items.weight) > 3"), @r#"expected sum(items.weight) > 3, was there is no `weight` in {product: "p-1", quantity: 1, price: 29.99}"#);
    assert_snapshot!(judged("{ items: sum(product) > 3 }"), @r#"items: expected sum(product) > 3, was no number at `product`: "p-1""#);
    assert_snapshot!(judged("= { status: \"confirmed\" } ignoring [items.price, total, item_count]"), @r#"
    status: expected "confirmed", was "pending"
    items: expected no such field, was [{product: "p-1", quantity: 1}, {product: "p-2", quantity: 3}]
    "#);
}

#[test]
fn long_and_hostile_values_stay_short_and_inert() {
    let long = format!("\"{}\"", "x".repeat(100_000));
    assert!(judge(&eq("1"), &long).len() < 300);
    let many = format!("[{}1]", "1, ".repeat(10_000));
    assert!(judge(&each(eq("2")), &many).lines().count() == MAX_MISMATCHES);
    assert!(judge(&eq("2"), &many).len() < 300);
    let items: Vec<_> = (0..1000).map(|_| eq("2")).collect();
    assert!(judge(&ordered(items.clone()), "null").len() < 300);
    assert!(judge(&unordered(items), &many).lines().count() == MAX_MISMATCHES);
    assert_snapshot!(judge(&exact([("a", eq("1"))]), r#"{"\u001b[2J": "\u202e", "a": 1}"#), @r#"["\u{1b}[2J"]: expected no such field, was "\u{202e}""#);
    assert_snapshot!(judge(&regex("\u{1b}"), r#""\u001c""#), @r#"expected ~/\u{1b}/, was "\u{1c}""#);
}

#[test]
fn a_mismatch_points_at_the_very_part_of_the_matcher() {
    let total = matcher_at(20, 25, eq("59.98"));
    let bound = bind(
        &matcher_at(0, 30, partial([("items", ordered([partial([("total", total)])]))])),
        &crate::contract::expr::Nothing,
    );
    let mismatches = bound.expect("bound").judge(Some(&json(r#"{"items": [{"total": 1}]}"#)));
    assert_eq!(mismatches.len(), 1);
    assert_eq!(
        (mismatches[0].span, mismatches[0].path.to_string().as_str()),
        (Span::new(20, 25), "items[0].total")
    );
}
