use std::borrow::Cow;
use std::cell::Cell;

use crate::contract::expr::build::*;
use crate::contract::expr::{EvalError, Scope};
use crate::language::syntax::MatcherKind;
use crate::scenario::matcher::{MATCHERS, bind};
use crate::text::Span;
use crate::value::Value;

/// The matcher that `text` says matches each of `yes` and none of `no` (JSON; empty for no answer).
fn check(text: &str, yes: &[&str], no: &[&str]) {
    super::check(&read_matcher(text), yes, no);
}

#[test]
fn equals() {
    check("1", &["1", "1.0", "10e-1"], &["", "2", "\"1\"", "null", "[1]"]);
    check("== 1e400", &["10e399"], &["1e401"]);
    check("\"a\"", &["\"a\""], &["\"A\"", "\"a \"", "null", ""]);
    check("null", &["null"], &["", "0", "false", "[]"]);
    let whole = eq(r#"{"a": 1, "b": [2]}"#);
    super::check(&whole, &[r#"{"b": [2.0], "a": 1}"#], &[r#"{"a": 1}"#, r#"{"a": 1, "b": [2], "c": 3}"#]);
}

#[test]
fn comparisons() {
    check("> 1", &["2", "1.1", "1e400"], &["1", "0", "\"2\"", "null", "", "[]"]);
    check("<= \"b\"", &["\"a\"", "\"b\""], &["\"c\"", "1"]);
    check("!= 1", &["2", "\"1\"", "null"], &["1.0", ""]);
    check("== [1]", &["[1.0]"], &["1"]);
    check("> 2 * 3 - 1", &["6"], &["5"]);
}

#[test]
fn records() {
    check(
        "{ a: 1, b: > 1 }",
        &[r#"{"a": 1, "b": 2}"#, r#"{"c": 0, "b": 2, "a": 1}"#],
        &[r#"{"a": 1}"#, "[]", "null", ""],
    );
    check(
        "= { a: 1, b: > 1 }",
        &[r#"{"b": 2, "a": 1}"#],
        &[r#"{"a": 1, "b": 2, "c": 3}"#, r#"{"a": 1}"#, "{}"],
    );
    check("{}", &["{}", r#"{"a": 1}"#], &["null", "[]", ""]);
    check("= {}", &["{}"], &[r#"{"a": 1}"#, "null"]);
}

#[test]
fn presence() {
    check("any", &["null", "0", "{}"], &[""]);
    check("present", &["0", "{}", "false"], &["null", ""]);
    super::check(&absent(), &[""], &["null", "0"]);
    check("{ a: absent }", &["{}", r#"{"b": 1}"#], &[r#"{"a": null}"#, r#"{"a": 1}"#, "null", ""]);
    check("= { a: absent, b: 1 }", &[r#"{"b": 1}"#], &[r#"{"a": null, "b": 1}"#, r#"{"b": 1, "c": 2}"#]);
    check("{ a: { b: absent } }", &[r#"{"a": {}}"#], &["{}", r#"{"a": null}"#]);
}

#[test]
fn lists() {
    check("[1, > 1]", &["[1, 2]"], &["[2, 1]", "[1]", "[1, 2, 3]", "[]", "null", "", "{}"]);
    check("unordered [1, > 1]", &["[1, 2]", "[2, 1]"], &["[1, 1]", "[1]", "[1, 2, 3]"]);
    check("contains [1, > 1]", &["[1, 2]", "[0, 2, 0, 1]"], &["[1]", "[1, 1]", "[]"]);
    check("[]", &["[]"], &["[1]", "null", ""]);
    check("unordered []", &["[]"], &["[1]"]);
    check("contains []", &["[]", "[1]"], &["null", ""]);
}

#[test]
fn each_wants_at_least_one() {
    check("each > 0", &["[1]", "[1, 2]"], &["[]", "[0]", "[1, 0]", "[1, null]", "1", ""]);
}

#[test]
fn counts() {
    check("count 2", &["[0, 0]"], &["[]", "[0]", "\"ab\"", "2", ""]);
    check("count > 1", &["[0, 0]"], &["[0]"]);
    check("count 0", &["[]"], &["", "null", "{}"]);
    check("count < 1e400", &["[]"], &["0"]);
}

#[test]
fn near_a_number() {
    check("5 ± 0.5", &["4.5", "5", "5.5", "5.50"], &["4.49", "5.51", "\"5\"", "null", "", "[5]"]);
    check("== 5 ± 0", &["5.0"], &["5.1"]);
    check("{ a: 1 + 1 ± 2 * 0.1 }", &[r#"{"a": 2.2}"#, r#"{"a": 1.8}"#], &[r#"{"a": 2.21}"#]);
}

#[test]
fn sums() {
    let items = r#"{"items": [{"n": 1, "tags": [1, 2]}, {"n": 2.5, "tags": []}]}"#;
    check("sum(items.n) == 3.5", &[items], &["{}", r#"{"items": []}"#, r#"{"items": [{"n": "3.5"}]}"#, ""]);
    check("sum(items.n) > 3", &[items], &[r#"{"items": [{"n": 3}]}"#, r#"{"items": [{"n": 9}, {}]}"#]);
    check("sum(items.tags) 3", &[items], &[r#"{"items": [{"tags": null}]}"#]);
    check("sum(n) 0", &["[]", r#"[{"n": 1}, {"n": -1}]"#, r#"{"n": 0}"#], &["0", "null", "[1]"]);
    check("{ items: sum(n) < 4 }", &[items], &[r#"{"items": [{"n": 4}]}"#]);
    // What can't be added exactly equals nothing, and doesn't differ from anything either.
    check("sum(n) != 1", &[r#"[{"n": 2}]"#], &[r#"[{"n": 1e400}, {"n": 1}]"#]);
}

#[test]
fn what_is_ignored() {
    let order = r#"{"id": 7, "items": [{"n": 1, "at": 3}, {"n": 2, "at": 4}]}"#;
    check(
        "= { items: count 2 } ignoring [id]",
        &[order, r#"{"items": [1, 2]}"#],
        &[r#"{"items": [1], "id": 7}"#],
    );
    check(
        "{ items: [{ n: 1 }, = { n: 2 }] } ignoring [items.at]",
        &[order],
        &[r#"{"items": [{"n": 1}, {"n": 3}]}"#],
    );
    let kept = "({ id: 8, items: [{ n: 1, at: 0 }, { n: 2, at: 0 }] }) ignoring [id, items.at]";
    check(kept, &[order], &[r#"{"id": 8, "items": []}"#, "null", ""]);
    check("{ items: [= { n: 1 }, any] ignoring [at] }", &[order], &["{}"]);
    check("any ignoring [id]", &["1", order], &[""]);
}

#[test]
fn regexes() {
    check("~/confirmed/", &["\"is confirmed now\""], &["\"Confirmed\"", "1", "null", ""]);
    check("~/^p-[0-9]+$/", &["\"p-12\""], &["\"p-12 \"", "\"xp-1\""]);
}

#[test]
fn each_matcher_is_documented_once_and_its_example_is_one() {
    for (at, doc) in MATCHERS.iter().enumerate() {
        assert!(MATCHERS[..at].iter().all(|other| other.name != doc.name), "{} twice", doc.name);
        for text in [doc.name, doc.syntax, doc.means, doc.example] {
            assert!(!text.is_empty() && !text.ends_with('.'), "{}: {text}", doc.name);
        }
        bind(&read_matcher(doc.example), &crate::contract::expr::Nothing).expect(doc.example);
    }
}

#[test]
fn what_can_not_be_bound() {
    let error = |matcher| bind(&matcher, &crate::contract::expr::Nothing).expect_err("a mistake");
    let bad = error(partial([("a", matcher_at(7, 12, regex("(a")))]));
    assert_eq!((bad.code.0, bad.span), ("bad-regex", Span::new(7, 12)));
    let huge = error(regex("(((a{100}){100}){100}){100}"));
    assert_eq!(huge.code.0, "bad-regex");
    assert_eq!(error(cmp("<", "null")).message, "nothing is < null");
    assert_eq!(error(count("==", "1.5")).message, "`count` needs a whole number, not 1.5");
    assert_eq!(error(count("==", "\"1\"")).message, "`count` needs a whole number, not \"1\"");
    let said = |text: &str| error(read_matcher(text)).to_string();
    assert_eq!(said("5 ± \"1\""), "`±` stands between numbers, and this is \"1\"");
    assert_eq!(said("5 ± -1"), "a distance is at least 0, and this is -1");
    assert_eq!(said("1e400 ± 1"), "the ends of 1e400 ± 1 can't be computed exactly");
    assert_eq!(said("sum(a) \"1\""), "a sum is a number, not \"1\"");
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
