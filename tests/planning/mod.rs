//! What planning says of scenarios that don't fit their contract, as a user reads it.

mod clauses;

use std::fmt::Write as _;
use std::sync::Arc;

use proofmark::contract::Contract;
use proofmark::language::{parse_contract, parse_scenarios};
use proofmark::scenario::plan;
use proofmark::text::{Area, CATALOGUE, Colour, Source, render};

/// Each kind of mistake that planning finds, with steps that make it. The file's first lines are `let $o = new Order`.
const MISTAKES: &[(&str, &str)] = &[
    (
        "unique-fits-nowhere",
        "let $x = unique \"x\"\nwhen AddItem on $o { product: $x, quantity: $x, price: 1 }\nand CancelOrder on $o { reason: $x }",
    ),
    ("unique-fits-nowhere", "when CreateOrder on $o { customer: \"c\", items: unique \"i\" }"),
    ("few-values", "then ListCustomerOrders { customer: \"c\", page_size: unique \"n\" } shows count 0"),
    (
        "no-clause",
        "when ConfirmOrder on $o\nthen rejected OrderNotFound\n@EC-99 @JIRA-7\nscenario \"t\"\nlet $p = new Order\nwhen ConfirmOrder on $p\nthen rejected OrderNotFound",
    ),
    ("unknown-message", "when ConfrimOrder on $o"),
    ("unknown-message", "then GetOrderDetial on $o absent"),
    ("wrong-place", "then ConfirmOrder on $o shows { status: \"confirmed\" }"),
    ("wrong-place", "when ConfirmOrder on $o\nthen CancelOrder on $o { reason: \"r\" }"),
    ("wrong-place", "given ConfirmOrder on $o\nthen rejected"),
    ("wrong-place", "then GetOrderDetails on $o shows total 1"),
    ("wrong-type", "then ListCustomerOrders { customer: \"c\" } shows total \"3\""),
    (
        "wrong-type",
        "then eventually ListCustomerOrders { customer: \"c\" } shows total 3 unless { order: $o }",
    ),
    ("wrong-place", "when GetOrderDetails on $o key \"k\""),
    ("missing-aggregate", "when ConfirmOrder"),
    ("needless-aggregate", "then ListCustomerOrders on $o { customer: \"c\" } shows count 0"),
    ("unknown-field", "when CancelOrder on $o { reason: \"r\", raeson: \"r\" }"),
    ("unknown-field", "then GetOrderDetails on $o shows { totl: 3 }"),
    ("undeclared-field", "then GetOrderDetails on $o shows { warehouse: 3 }"),
    ("missing-field", "when AddItem on $o { product: \"p\" }"),
    ("wrong-type", "when AddItem on $o { product: \"p\", quantity: \"two\", price: 1 }"),
    ("wrong-type", "then GetOrderDetails on $o shows { total: ~/9/ }"),
    ("unknown-member", "then GetOrderDetails on $o shows { status: \"confirmd\" }"),
    ("unknown-rejection", "when ConfirmOrder on $o\nthen rejected OrderNotFond"),
    ("foreign-rejection", "when ConfirmOrder on $o\nthen rejected ItemNotFound"),
    ("unknown-variable", "when ConfirmOrder on $p"),
    ("unknown-variable", "let $order = new Order\nwhen ConfirmOrder on $ordre"),
    (
        "unknown-variable",
        "when ConfirmOrder on $o -> $v = version\nthen never GetOrderDetails on $o shows { total: $v }",
    ),
    ("named-twice", "let $o = new Order\nwhen ConfirmOrder on $o"),
    ("bad-regex", "then GetOrderDetails on $o shows { status: ~/(/ }"),
    ("inexact", "then GetOrderDetails on $o shows { total: 1e400 + 1 }"),
    ("wrong-arguments", "then GetOrderDetails on $o shows { total: count(1, 2) }"),
    ("not-there", "then GetOrderDetails on $o shows { total: ({ a: 1 }).b }"),
    ("no-order", "then GetOrderDetails on $o shows { total: if \"a\" < 1 then 1 else 2 }"),
    ("missing-shows", "then GetOrderDetails on $o"),
    ("unknown-field", "when ConfirmOrder on $o -> $v = verson"),
    ("undeclared-field", "when ConfirmOrder on $o -> $v = status"),
    ("bad-number", "then eventually every 0ms GetOrderDetails on $o shows { total: 1 }"),
    ("unknown-field", "then GetOrderDetails on $o shows { total: 1 } -> $v = totl"),
    ("wrong-kind", "when CancelOrder on $o { reason: \"a\" + 1 }"),
    ("unknown-aggregate", "let $p = new Ordr\nwhen ConfirmOrder on $p"),
    ("no-command", "then accepted"),
    ("no-command", "when repeat last"),
    ("no-command", "when ConfirmOrder on $o\nthen same outcome"),
    ("spoken-twice", "when ConfirmOrder on $o\nthen any outcome\nand accepted"),
    ("spoken-twice", "when ConfirmOrder on $o\nthen rejected\nand any outcome"),
    ("spoken-twice", "when ConfirmOrder on $o\nthen accepted\nand rejected"),
    ("spoken-twice", "when ConfirmOrder on $o\nthen rejected OrderNotFound\nand rejected OrderNotPending"),
    (
        "unknown-racer",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen exactly 1 of a, c accepted",
    ),
    ("unknown-racer", "when ConfirmOrder on $o\nthen all a accepted"),
    (
        "unspoken",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen all a accepted",
    ),
    (
        "impossible-count",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen exactly 3 of a, b accepted",
    ),
    ("impossible-count", "when race 1 of ConfirmOrder on $o"),
    ("impossible-count", "when race 1001 of ConfirmOrder on $o"),
    ("no-command", "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen accepted"),
    (
        "no-command",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nwhen repeat last",
    ),
    ("named-twice", "when race\na: ConfirmOrder on $o\na: ConfirmOrder on $o"),
    ("wrong-place", "given race 2 of ConfirmOrder on $o as $r\nthen all $r accepted"),
    ("wrong-place", "when race 2 of GetOrderDetails on $o"),
    (
        "foreign-rejection",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen all a, b rejected ItemNotFound",
    ),
    (
        "wrong-place",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen all a, b accepted\nand if a accepted: GetOrderDetails on $o -> $x = total",
    ),
    (
        "misplaced-step",
        "when race\na: ConfirmOrder on $o\nb: CancelOrder on $o { reason: \"r\" }\nthen all a, b accepted\nand if a accepted: accepted",
    ),
    ("unexpected", "when race\na: ConfirmOrder on $o -> $v = version\nb: ConfirmOrder on $o"),
    ("unknown-event", "given event OrderConfrimed on $o\nwhen ConfirmOrder on $o"),
    ("unknown-event", "when ConfirmOrder on $o\nthen emits [OrderConfirmed, Shipped]"),
    ("missing-aggregate", "given event OrderConfirmed\nwhen ConfirmOrder on $o"),
    ("missing-field", "given event OrderCancelled on $o\nwhen ConfirmOrder on $o"),
    (
        "unknown-field",
        "when CancelOrder on $o { reason: \"r\" }\nthen emits OrderCancelled { raeson: \"r\" }",
    ),
    ("wrong-type", "when CancelOrder on $o { reason: \"r\" }\nthen emits OrderCancelled { reason: 3 }"),
    ("unknown-message", "when rebuild GetOrderDetial\nthen GetOrderDetails on $o absent"),
    ("unknown-message", "when rebuild order_summary\nthen GetOrderDetails on $o absent"),
    ("no-command", "given ConfirmOrder on $o\nthen emits nothing"),
    ("no-command", "when rebuild GetOrderDetails\nthen emits nothing"),
    ("nothing-asserted", "when rebuild GetOrderDetails"),
    ("nothing-asserted", "given ConfirmOrder on $o"),
];

/// The mistakes' codes and how they are shown.
fn mistakes(steps: &str) -> (Vec<&'static str>, String) {
    let contract = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    let contract =
        Contract::resolve(&parse_contract(&Source::new("orders.contract", contract)).tree).contract;
    let text =
        format!("use orders\nscenario \"s\"\n  let $o = new Order\n  {}\n", steps.replace('\n', "\n  "));
    let source = Arc::new(Source::new("s.scenario", text));
    let file = parse_scenarios(&source);
    let mut mistakes = file.diagnostics;
    mistakes.extend(plan(&source, &file.tree, &contract).1);
    let shown = render([(&*source, &*mistakes)], Colour::Plain);
    (mistakes.iter().map(|mistake| mistake.code.0).collect(), shown)
}

#[test]
fn each_mistake_is_found_and_told() {
    let mut told = String::new();
    for (code, steps) in MISTAKES {
        let (codes, shown) = mistakes(steps);
        assert!(codes.contains(code), "{steps}\nexpected {code}, found {codes:?}\n{shown}");
        let _ = writeln!(told, "--- {code}\n{shown}");
    }
    insta::assert_snapshot!(told);
}

#[test]
fn every_kind_of_mistake_is_made_here() {
    // Those of files, those that only contracts can make, and the one that takes ten million steps.
    let elsewhere = ["missing-contract", "unknown-contract", "cannot-draw", "too-much-work"];
    for entry in
        CATALOGUE.iter().filter(|entry| matches!(entry.area, Area::Fit | Area::Plan | Area::Evaluation))
    {
        let code = entry.code.0;
        assert!(
            elsewhere.contains(&code) || MISTAKES.iter().any(|(made, _)| *made == code),
            "{code} is never made"
        );
    }
}

#[test]
fn what_is_meant_to_be_malformed_may_be() {
    let malformed = |steps: &str| mistakes(steps).0;
    assert!(malformed("when AddItem on $o { quantity: \"two\" }\nthen rejected Malformed").is_empty());
    assert!(
        malformed("when AddItem on $o { quantity: 1 }\nthen rejected InvalidQuantity | Malformed").is_empty()
    );
    assert_eq!(
        malformed("when AddItem on $o { quantity: 1 }\nthen rejected InvalidQuantity"),
        ["missing-field"]
    );
}

#[test]
fn all_mistakes_of_a_scenario_come_at_once() {
    let (codes, _) =
        mistakes("when ConfrimOrder on $p\nthen rejected Nope\nand GetOrderDetails on $q shows { totl: 1 }");
    assert_eq!(
        codes,
        ["unknown-message", "unknown-variable", "unknown-rejection", "unknown-variable", "unknown-field"]
    );
}

#[test]
fn a_line_chooses_a_row_of_an_outline_or_all_of_them() {
    let text = r#"feature "f"
use orders
@tagged
outline "confirming"
  let $o = new Order
  when ConfirmOrder on $o
  then <outcome>
  examples
    | outcome                                         |
    | rejected OrderNotFound                          |
    | rejected OrderNotFound \| OrderNotPending       |
    | rejected OrderNotFound { detail: ~/not found/ } |
"#;
    let contract = std::fs::read_to_string("scenarios/orders/orders.contract").expect("the contract");
    let contract =
        Contract::resolve(&parse_contract(&Source::new("orders.contract", contract)).tree).contract;
    let source = Arc::new(Source::new("f.scenario", text));
    let parsed = parse_scenarios(&source);
    let (plans, mistakes) = plan(&source, &parsed.tree, &contract);
    assert_eq!((parsed.diagnostics, mistakes), (vec![], vec![]));
    let told: Vec<_> = plans.iter().map(|plan| (plan.line, &*plan.name, plan.tags.len())).collect();
    assert_eq!(
        told,
        [
            (10, "confirming (outcome rejected OrderNotFound)", 1),
            (11, "confirming (outcome rejected OrderNotFound \\| Orde…)", 1),
            (12, "confirming (outcome rejected OrderNotFound { detai…)", 1),
        ]
    );
    let chosen =
        |line| plans.iter().filter(|plan| plan.holds_line(line)).map(|plan| plan.line).collect::<Vec<_>>();
    assert_eq!(chosen(11), [11]);
    assert_eq!(chosen(9), [0; 0]);
    for line in [3, 4, 6, 7] {
        assert_eq!(chosen(line), [10, 11, 12], "line {line}");
    }
}
