use super::{check, judge};
use crate::contract::expr::build::*;
use crate::value::Value;

#[test]
fn multiplicity_counts() {
    let twice = || vec![eq("1"), eq("1.0")];
    check(&contains(twice()), &["[1, 1]", "[1, 0, 1]"], &["[1]", "[1, 2]"]);
    check(&unordered(twice()), &["[1, 1]"], &["[1]", "[1, 1, 1]", "[1, 2]"]);
}

#[test]
fn greed_would_fail() {
    // The first element fits `any` and `1`: only one of the two orders works out.
    for items in [[anything(), eq("1")], [eq("1"), anything()]] {
        check(&unordered(items.clone()), &["[1, 2]", "[2, 1]"], &["[2, 2]"]);
        check(&contains(items), &["[1, 2]", "[2, 1]", "[0, 1]"], &["[0, 2]"]);
    }
    // Each of these fits its predecessor's element, too.
    let chain = || (0..6).rev().map(|n| cmp(">=", &n.to_string())).rev().collect::<Vec<_>>();
    check(
        &unordered(chain()),
        &["[5, 4, 3, 2, 1, 0]", "[0, 1, 2, 3, 4, 5]", "[3, 5, 1, 0, 4, 2]"],
        &["[5, 4, 3, 0, 0, 0]"],
    );
}

#[test]
fn constants_leave_the_others_to_flexible_matchers() {
    check(
        &unordered([cmp(">", "0"), eq("1"), cmp(">", "0"), eq("1")]),
        &["[1, 1, 1, 2]", "[2, 1, 3, 1]"],
        &["[1, 2, 3, 4]"],
    );
}

#[test]
fn long_lists_are_paired_in_reasonable_time() {
    let numbers =
        |numbers: &mut dyn Iterator<Item = usize>| Value::from(numbers.collect::<Vec<_>>()).to_json();
    // 20,000 constants in reverse order.
    let constants: Vec<_> = (0..20_000).map(|n| eq(&n.to_string())).collect();
    assert_eq!(judge(&unordered(constants), &numbers(&mut (0..20_000).rev())), "");
    // 400 matchers of which each fits all smaller ones' elements.
    let nested: Vec<_> = (0..400).map(|n| cmp(">=", &n.to_string())).collect();
    assert_eq!(judge(&unordered(nested.clone()), &numbers(&mut (0..400).rev())), "");
    assert_ne!(judge(&unordered(nested), &numbers(&mut (0..400).map(|n| n / 2))), "");
    // Everything fits everything, one element is missing.
    let anything: Vec<_> = (0..1000).map(|_| anything()).collect();
    assert_ne!(judge(&contains(anything), &numbers(&mut (0..999))), "");
}
