use std::borrow::Cow;
use std::cell::Cell;

use super::check;
use crate::expr::build::*;
use crate::expr::{EvalError, Scope};
use crate::language::syntax::MatcherKind;
use crate::matcher::bind;
use crate::text::Span;
use crate::value::Value;

#[test]
fn equals() {
    check(&eq("1"), &["1", "1.0", "10e-1"], &["", "2", "\"1\"", "null", "[1]"]);
    check(&eq("1e400"), &["10e399"], &["1e401"]);
    check(&eq("\"a\""), &["\"a\""], &["\"A\"", "\"a \"", "null", ""]);
    check(&eq("null"), &["null"], &["", "0", "false", "[]"]);
    check(
        &eq(r#"{"a": 1, "b": [2]}"#),
        &[r#"{"b": [2.0], "a": 1}"#],
        &[r#"{"a": 1}"#, r#"{"a": 1, "b": [2], "c": 3}"#],
    );
}

#[test]
fn comparisons() {
    check(&cmp(">", "1"), &["2", "1.1", "1e400"], &["1", "0", "\"2\"", "null", "", "[]"]);
    check(&cmp("<=", "\"b\""), &["\"a\"", "\"b\""], &["\"c\"", "1"]);
    check(&cmp("!=", "1"), &["2", "\"1\"", "null"], &["1.0", ""]);
    check(&cmp("==", "[1]"), &["[1.0]"], &["1"]);
}

#[test]
fn records() {
    let named = || partial([("a", eq("1")), ("b", cmp(">", "1"))]);
    check(
        &named(),
        &[r#"{"a": 1, "b": 2}"#, r#"{"c": 0, "b": 2, "a": 1}"#],
        &[r#"{"a": 1}"#, "[]", "null", ""],
    );
    check(
        &exact([("a", eq("1")), ("b", cmp(">", "1"))]),
        &[r#"{"b": 2, "a": 1}"#],
        &[r#"{"a": 1, "b": 2, "c": 3}"#, r#"{"a": 1}"#, "{}"],
    );
    check(&partial([]), &["{}", r#"{"a": 1}"#], &["null", "[]", ""]);
    check(&exact([]), &["{}"], &[r#"{"a": 1}"#, "null"]);
}

#[test]
fn presence() {
    check(&anything(), &["null", "0", "{}"], &[""]);
    check(&present(), &["0", "{}", "false"], &["null", ""]);
    check(&absent(), &[""], &["null", "0"]);
    check(&partial([("a", absent())]), &["{}", r#"{"b": 1}"#], &[r#"{"a": null}"#, r#"{"a": 1}"#, "null"]);
    check(
        &exact([("a", absent()), ("b", eq("1"))]),
        &[r#"{"b": 1}"#],
        &[r#"{"a": null, "b": 1}"#, r#"{"b": 1, "c": 2}"#],
    );
    check(&partial([("a", partial([("b", absent())]))]), &[r#"{"a": {}}"#], &["{}", r#"{"a": null}"#]);
}

#[test]
fn lists() {
    let items = || vec![eq("1"), cmp(">", "1")];
    check(&ordered(items()), &["[1, 2]"], &["[2, 1]", "[1]", "[1, 2, 3]", "[]", "null", "", "{}"]);
    check(&unordered(items()), &["[1, 2]", "[2, 1]"], &["[1, 1]", "[1]", "[1, 2, 3]"]);
    check(&contains(items()), &["[1, 2]", "[0, 2, 0, 1]"], &["[1]", "[1, 1]", "[]"]);
    check(&ordered([]), &["[]"], &["[1]", "null", ""]);
    check(&unordered([]), &["[]"], &["[1]"]);
    check(&contains([]), &["[]", "[1]"], &["null", ""]);
}

#[test]
fn each_wants_at_least_one() {
    check(&each(cmp(">", "0")), &["[1]", "[1, 2]"], &["[]", "[0]", "[1, 0]", "[1, null]", "1", ""]);
}

#[test]
fn counts() {
    check(&count("==", "2"), &["[0, 0]"], &["[]", "[0]", "\"ab\"", "2", ""]);
    check(&count(">", "1"), &["[0, 0]"], &["[0]"]);
    check(&count("==", "0"), &["[]"], &["", "null", "{}"]);
    check(&count("<", "1e400"), &["[]"], &["0"]);
}

#[test]
fn regexes() {
    check(&regex("confirmed"), &["\"is confirmed now\""], &["\"Confirmed\"", "1", "null", ""]);
    check(&regex("^p-[0-9]+$"), &["\"p-12\""], &["\"p-12 \"", "\"xp-1\""]);
}

#[test]
fn what_can_not_be_bound() {
    let error = |matcher| bind(&matcher, &crate::expr::Nothing).expect_err("a mistake");
    let bad = error(partial([("a", matcher_at(7, 12, regex("(a")))]));
    assert_eq!((bad.code.0, bad.span), ("bad-regex", Span::new(7, 12)));
    let huge = error(regex("(((a{100}){100}){100}){100}"));
    assert_eq!(huge.code.0, "bad-regex");
    assert_eq!(error(cmp("<", "null")).message, "nothing is < null");
    assert_eq!(error(count("==", "1.5")).message, "`count` needs a whole number, not 1.5");
    assert_eq!(error(count("==", "\"1\"")).message, "`count` needs a whole number, not \"1\"");
    let deep = (0..1000).fold(anything(), |deep, _| each(deep));
    assert_eq!(error(deep).code.0, "too-much-work");
}

/// Counts what it draws.
struct Drawing(Cell<u32>);

impl Scope for Drawing {
    fn variable(&self, _: &str) -> Option<Cow<'_, Value>> {
        Some(Cow::Owned(Value::from("c-7")))
    }

    fn unique(&self, prefix: &str, _: Span) -> Result<Value, EvalError> {
        self.0.set(self.0.get() + 1);
        Ok(Value::from(format!("{prefix}{}", self.0.get())))
    }
}

#[test]
fn expressions_are_evaluated_once() {
    let scope = Drawing(Cell::new(0));
    let equals = |expr| matcher(MatcherKind::Equals(expr));
    let bound = bind(&partial([("id", equals(unique("u"))), ("customer", equals(var("customer")))]), &scope);
    let bound = bound.expect("bound");
    for _ in 0..3 {
        assert!(bound.matches(Some(&json(r#"{"id": "u1", "customer": "c-7"}"#))));
    }
    assert_eq!(scope.0.get(), 1);
    assert!(bound.clone().matches(Some(&json(r#"{"id": "u1", "customer": "c-7"}"#))));
}
