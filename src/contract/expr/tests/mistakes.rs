use super::super::build::*;
use super::super::{Nothing, eval};
use super::{World, check};
use crate::language::syntax::ExprKind;
use crate::text::{Diagnostic, Span};

#[test]
fn unknown_names() {
    check(&var("custmer"), "there is no `$custmer` here");
    check(&name("confrimed"), "there is no `confrimed` here");
    check(&call("cuont", [lit("[]")]), "there is no function `cuont`; did you mean `count`?");
    check(
        &field(var("order"), "statuss"),
        "there is no field `statuss` in the record {status: \"pending\", note: null, items: [{product: \"p-1\", … 2 more}, \
         … 1 more]}; did you mean `status`?",
    );
}

#[test]
fn kinds_that_do_not_fit() {
    check(
        &binary(lit(r#""p-1""#), "+", lit("3")),
        "can't add the text \"p-1\" and the number 3; `+` adds two numbers or joins two lists",
    );
    check(&binary(lit("3"), "-", lit("null")), "can't subtract null from the number 3");
    check(&binary(lit("[1]"), "*", lit("3")), "can't multiply the list [1] by the number 3");
    check(
        &binary(lit(r#""59.98""#), "<", lit("60")),
        "the text \"59.98\" and the number 60 have no order; compare numbers with numbers, or text with text",
    );
    check(&binary(lit("1"), "and", lit("true")), "`and` must be true or false, not the number 1");
    check(&not(lit("null")), "what `not` turns must be true or false, not null");
    check(&negate(lit(r#""x""#)), "what `-` turns must be a number, not the text \"x\"");
    check(
        &if_else(lit("0"), lit("1"), lit("2")),
        "the condition of `if` must be true or false, not the number 0",
    );
    check(&field(lit("null"), "total"), "what has a field `total` must be a record, not null");
    check(&with(lit("1"), vec![]), "what stands before `with` must be a record, not the number 1");
    check(&call("sum", [lit(r#"[1, "2"]"#)]), "what `sum` adds must be a number, not the text \"2\"");
    check(&call("count", [lit(r#""abc""#)]), "what this goes over must be a list, not the text \"abc\"");
    check(
        &call("max", [lit("[true]")]),
        "true and true have no order; compare numbers with numbers, or text with text",
    );
}

#[test]
fn elements_that_are_not_there() {
    check(&index(lit("[1, 2]"), lit("2")), "there is no element 2; the elements of this list are 0 to 1");
    check(&index(lit("[]"), lit("0")), "there is no element 0; the list is empty");
    check(&index(lit("[1]"), lit("-1")), "there is no element -1; the elements of this list are 0 to 0");
    check(&index(lit("[1]"), lit("0.5")), "there is no element 0.5; the elements of this list are 0 to 0");
    check(
        &index(lit("[1]"), lit("1e400")),
        "there is no element 1e400; the elements of this list are 0 to 0",
    );
}

#[test]
fn functions_in_a_form_they_do_not_have() {
    check(
        &call("filter", [lit("[]")]),
        "`filter` can't be used like this; write `filter(x in list, condition)`",
    );
    check(
        &call("contains", [lit("[]")]),
        "`contains` can't be used like this; write `contains(list, value)`",
    );
    check(
        &fold("contains", lit("[]"), None),
        "`contains` can't be used like this; write `contains(list, value)`",
    );
    check(
        &call("count", []),
        "`count` can't be used like this; write `count(list)` or `count(x in list, condition)`",
    );
}

#[test]
fn nothing_is_rounded() {
    check(&binary(lit("1e400"), "*", lit("1")), "1e400 * 1 can't be computed exactly");
    check(
        &call("sum", [lit("[1e28, 1e-28]")]),
        "10000000000000000000000000000 + 0.0000000000000000000000000001 can't be computed exactly",
    );
}

#[test]
fn a_mistake_points_at_the_very_part() {
    let sum = at(4, 20, binary(at(4, 8, lit("1")), "<", at(12, 16, binary(lit("1"), "+", lit("null")))));
    let error = eval(&binary(lit("true"), "and", sum), &Nothing).expect_err("a mistake");
    assert_eq!(error.span, Span::new(12, 16));
    let diagnostic = Diagnostic::from(error);
    assert_eq!((diagnostic.span, diagnostic.code.0), (Span::new(12, 16), "wrong-kind"));
    assert!(diagnostic.fix.is_some());
}

#[test]
fn ids_can_only_be_drawn_where_there_is_a_world() {
    let error = |expr| eval(&expr, &Nothing).expect_err("nothing to draw from").to_string();
    assert_eq!(error(unique("x")), "`unique` can't be used here");
    assert_eq!(error(expr(ExprKind::New(ident("Order")))), "`new` can't be used here");
    let prefix = expr(ExprKind::Unique(Box::new(lit("3"))));
    assert_eq!(
        eval(&prefix, &World::new()).expect_err("no text").message,
        "what `unique` starts with must be text, not the number 3"
    );
}

#[test]
fn messages_are_inert() {
    check(&negate(lit(r#""\u001b[2J""#)), "what `-` turns must be a number, not the text \"\\u{1b}[2J\"");
}
