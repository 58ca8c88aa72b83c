use super::super::build::*;
use super::super::{FUNCTIONS, Nothing, eval};
use super::{World, check};
use crate::language::syntax::ExprKind;
use crate::value::Value;

#[test]
fn constants_and_names() {
    check(&lit(r#"{"a": [1, "x", true, null, 1e400]}"#), r#"{a: [1, "x", true, null, 1e400]}"#);
    check(&var("n"), "7");
    check(&name("confirmed"), r#""confirmed""#);
}

#[test]
fn arithmetic_is_exact() {
    check(&binary(lit("0.1"), "+", lit("0.2")), "0.3");
    check(&binary(lit("3"), "*", lit("0.10")), "0.30");
    check(&binary(binary(lit("10"), "-", lit("3")), "-", lit("2")), "5");
    check(&negate(lit("1.50")), "-1.50");
    check(&binary(lit("[1]"), "+", lit("[2, 3]")), "[1, 2, 3]");
}

#[test]
fn comparisons() {
    for (left, op, right, holds) in [
        ("1.0", "==", "1", true),
        ("1e400", ">", "1e399", true),
        ("2", "<=", "2.0", true),
        ("2", "<", "2.0", false),
        (r#""é""#, ">", r#""z""#, true),
        (r#""10""#, "<", r#""9""#, true),
        (r#""1""#, "==", "1", false),
        (r#""1""#, "!=", "1", true),
        ("null", "==", "null", true),
        (r#"{"a": 1, "b": 2}"#, "==", r#"{"b": 2.0, "a": 1}"#, true),
        ("[1, 2]", "==", "[2, 1]", false),
    ] {
        assert_eq!(
            eval(&binary(lit(left), op, lit(right)), &Nothing),
            Ok(Value::Bool(holds)),
            "{left} {op} {right}"
        );
    }
}

#[test]
fn and_or_do_not_look_further_than_they_must() {
    let mistake = || binary(lit("1"), "<", lit("null"));
    check(&binary(lit("false"), "and", mistake()), "false");
    check(&binary(lit("true"), "or", mistake()), "true");
    // (false and mistake) or true
    check(&binary(binary(lit("false"), "and", mistake()), "or", lit("true")), "true");
    check(&binary(lit("true"), "and", not(lit("false"))), "true");
    check(&binary(lit("false"), "or", lit("false")), "false");
    check(&if_else(lit("true"), lit("1"), mistake()), "1");
    check(&if_else(lit("false"), mistake(), lit("2")), "2");
}

#[test]
fn parts_of_values() {
    check(&field(var("order"), "status"), r#""pending""#);
    check(&field(index(field(name("self"), "items"), lit("1")), "price"), "0.10");
    check(&index(lit(r#"{"odd name": 1}"#), lit(r#""odd name""#)), "1");
    check(&index(lit("[1, 2, 3]"), lit("2.0")), "3");
    check(
        &with(lit(r#"{"a": 1, "b": 2}"#), vec![set("a", lit("3")), set("c", lit("4"))]),
        "{a: 3, b: 2, c: 4}",
    );
}

#[test]
fn functions_over_lists() {
    let items = || field(name("self"), "items");
    let price = || field(name("x"), "price");
    let line = binary(field(name("x"), "quantity"), "*", price());
    check(&fold("sum", items(), Some(line)), "60.28");
    check(&call("count", [items()]), "2");
    check(&fold("count", items(), None), "2");
    check(&fold("count", items(), Some(binary(price(), ">", lit("1")))), "1");
    check(&fold("any", items(), Some(binary(price(), "<=", lit("0")))), "false");
    check(&fold("all", items(), Some(binary(price(), ">", lit("0")))), "true");
    check(&fold("filter", lit("[3, 1, 2]"), Some(binary(name("x"), ">", lit("1")))), "[3, 2]");
    check(&fold("map", items(), Some(price())), "[29.99, 0.10]");
    check(&fold("min", items(), Some(price())), "0.10");
    check(&fold("max", items(), Some(field(name("x"), "product"))), r#""p-2""#);
    check(
        &call("distinct", [lit(r#"[1, "1", 1.0, null, {"a": 1}, {"a": 1}]"#)]),
        r#"[1, "1", null, {a: 1}]"#,
    );
    check(&call("contains", [lit("[1, 2]"), lit("2.00")]), "true");
    check(&call("contains", [lit("[1, 2]"), lit(r#""2""#)]), "false");
    check(&call("sum", [lit("[0.1, 0.2]")]), "0.3");
    check(&call("any", [lit("[false, true]")]), "true");
}

#[test]
fn functions_over_nothing() {
    let empty = || lit("[]");
    check(&call("count", [empty()]), "0");
    check(&call("sum", [empty()]), "0");
    check(&call("any", [empty()]), "false");
    check(&call("all", [empty()]), "true");
    check(&call("distinct", [empty()]), "[]");
    check(
        &call("min", [empty()]),
        "`min` of an empty list is nothing; ask `count` first: `if count(list) > 0 then … else …`",
    );
}

#[test]
fn binders_hide_what_is_outside() {
    // sum(x in [1, 2], sum(x in [10, 20], x) + x)
    let inner = fold("sum", lit("[10, 20]"), Some(name("x")));
    check(&fold("sum", lit("[1, 2]"), Some(binary(inner, "+", name("x")))), "63");
}

#[test]
fn ids_are_drawn_in_the_order_of_the_text() {
    let new = expr(ExprKind::New(ident("Order")));
    let ids = expr(ExprKind::List(vec![unique("cust"), new, unique("p")]));
    check(&ids, r#"["cust-1", "Order-2", "p-3"]"#);
    check(&fold("map", lit("[1, 2]"), Some(unique("x"))), r#"["x-1", "x-2"]"#);
}

#[test]
fn evaluating_twice_gives_the_same() {
    let expr = fold("sum", field(var("order"), "items"), Some(field(name("x"), "price")));
    let world = World::new();
    assert_eq!(eval(&expr, &world), eval(&expr, &world));
}

#[test]
fn each_function_is_documented_once() {
    for (at, function) in FUNCTIONS.iter().enumerate() {
        assert!(FUNCTIONS[..at].iter().all(|other| other.name != function.name), "{} twice", function.name);
        assert!(!function.means.is_empty() && !function.forms.is_empty(), "{}", function.name);
        assert!(function.example.contains(function.name), "{}", function.name);
        assert!(function.forms.iter().all(|form| form.starts_with(&format!("{}(", function.name))));
    }
}
