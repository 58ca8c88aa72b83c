use super::super::build::{binary, field, fold, json, lit, name, read};
use super::super::{FUNCTIONS, Nothing, eval};
use super::World;
use crate::value::Value;

/// What `text` evaluates to, as it prints; or the mistake.
fn check(text: &str, expected: &str) {
    super::check(&read(text), expected);
}

#[test]
fn constants_and_names() {
    check(r#"{ a: [1, "x", true, null, 1e400] }"#, r#"{a: [1, "x", true, null, 1e400]}"#);
    check("$n", "7");
    super::check(&name("confirmed"), r#""confirmed""#);
    super::check(&field(name("self"), "status"), r#""pending""#);
}

#[test]
fn arithmetic_is_exact() {
    check("0.1 + 0.2", "0.3");
    check("3 * 0.10", "0.30");
    check("2 * 29.99 - 0.98", "59.00");
    check("10 - 3 - 2", "5");
    check("2 + 3 * 4", "14");
    check("-1.50", "-1.50");
    check("[1] + [2, 3]", "[1, 2, 3]");
}

#[test]
fn comparisons() {
    for (comparison, holds) in [
        ("1.0 == 1", true),
        ("1e400 > 1e399", true),
        ("2 <= 2.0", true),
        ("2 < 2.0", false),
        (r#""é" > "z""#, true),
        (r#""10" < "9""#, true),
        (r#""1" == 1"#, false),
        (r#""1" != 1"#, true),
        ("null == null", true),
        ("{ a: 1, b: 2 } == { b: 2.0, a: 1 }", true),
        ("[1, 2] == [2, 1]", false),
    ] {
        assert_eq!(eval(&read(comparison), &Nothing), Ok(Value::Bool(holds)), "{comparison}");
    }
}

#[test]
fn and_or_do_not_look_further_than_they_must() {
    check("false and 1 < null", "false");
    check("true or 1 < null", "true");
    check("(false and 1 < null) or true", "true");
    check("true and not false", "true");
    check("false or false", "false");
    check("if true then 1 else 1 < null", "1");
    check("if false then 1 < null else 2", "2");
}

#[test]
fn parts_of_values() {
    check("$order.status", r#""pending""#);
    check("$order.items[1].price", "0.10");
    check(r#"{ "odd name": 1 }["odd name"]"#, "1");
    check("[1, 2, 3][2.0]", "3");
    check("{ a: 1, b: 2 } with { a: 3, c: 4 }", "{a: 3, b: 2, c: 4}");
}

#[test]
fn functions_over_lists() {
    check("sum(i in $order.items, i.quantity * i.price)", "60.28");
    check("count($order.items)", "2");
    check("count(i in $order.items)", "2");
    check("count(i in $order.items, i.price > 1)", "1");
    check("any(i in $order.items, i.price <= 0)", "false");
    check("all(i in $order.items, i.price > 0)", "true");
    check("filter(x in [3, 1, 2], x > 1)", "[3, 2]");
    check("map(i in $order.items, i.price)", "[29.99, 0.10]");
    check("min(i in $order.items, i.price)", "0.10");
    check("max(i in $order.items, i.product)", r#""p-2""#);
    check(r#"distinct([1, "1", 1.0, null, { a: 1 }, { a: 1 }])"#, r#"[1, "1", null, {a: 1}]"#);
    check("contains([1, 2], 2.00)", "true");
    check(r#"contains([1, 2], "2")"#, "false");
    check("sum([0.1, 0.2])", "0.3");
    check("any([false, true])", "true");
}

#[test]
fn functions_over_nothing() {
    check("count([])", "0");
    check("sum([])", "0");
    check("any([])", "false");
    check("all([])", "true");
    check("distinct([])", "[]");
    check(
        "min([])",
        "`min` of an empty list is nothing; ask `count` first: `if count(list) > 0 then … else …`",
    );
}

#[test]
fn binders_hide_what_is_outside() {
    check("sum(x in [1, 2], sum(x in [10, 20], x) + x)", "63");
    check("sum(x in [1, 2], sum(y in [10, 20], x * y))", "90");
    // A binder goes before a name of the surroundings.
    let own = fold("map", lit("[1]"), Some(binary(name("x"), "+", lit("1"))));
    super::check(&own, "[2]");
}

#[test]
fn ids_are_drawn_in_the_order_of_the_text() {
    check(r#"[unique "cust", new Order, unique "p"]"#, r#"["cust-1", "Order-2", "p-3"]"#);
    check(r#"map(x in [1, 2], unique "x")"#, r#"["x-1", "x-2"]"#);
}

#[test]
fn evaluating_twice_gives_the_same() {
    let expr = read("sum(i in $order.items, i.price)");
    let world = World::new();
    assert_eq!(eval(&expr, &world), eval(&expr, &world));
}

#[test]
fn each_function_is_documented_once_and_its_example_is_true() {
    for (at, function) in FUNCTIONS.iter().enumerate() {
        assert!(FUNCTIONS[..at].iter().all(|other| other.name != function.name), "{} twice", function.name);
        assert!(!function.means.is_empty() && !function.forms.is_empty(), "{}", function.name);
        assert!(function.example.contains(function.name), "{}", function.name);
        assert!(function.forms.iter().all(|form| form.starts_with(&format!("{}(", function.name))));
        assert_eq!(eval(&read(function.example), &Nothing), Ok(json("true")), "{}", function.example);
    }
}
