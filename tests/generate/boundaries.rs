//! Values that sit on a comparison do, and each comparison has some: on it, just below it and just above it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proofmark::contract::explore::{Bounds, Fired, Part, asked, boundaries, explore, fire};
use proofmark::contract::rules::{Interpreted, World};
use proofmark::language::syntax::{BinaryOp, Expr, ExprKind};
use proofmark::protocol::Promises;
use proofmark::value::{Number, Precision, Value};

use super::super::model::{command, query, shipped, written};
use super::SHIPPED;

/// The comparisons in a condition that stand in no function over a list, as the difference of their sides.
fn differences(condition: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    match &condition.kind {
        ExprKind::Binary(BinaryOp::Compare(_), left, right) => {
            let sides = ExprKind::Binary(BinaryOp::Subtract, left.clone(), right.clone());
            found.push(Expr { kind: sides, span: condition.span });
        }
        ExprKind::Binary(_, left, right) => {
            found.extend(differences(left));
            found.extend(differences(right));
        }
        ExprKind::Unary(_, inner) => found.extend(differences(inner)),
        ExprKind::Fold(fold) => {
            // Of the first element alone: values are put there.
            for inner in fold.body.iter().flat_map(differences) {
                let mut each = fold.clone();
                each.function.text = "map".into();
                each.body = Some(inner);
                found.push(Expr { kind: ExprKind::Fold(each), span: condition.span });
            }
        }
        _ => {}
    }
    found
}

fn first(value: Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number),
        Value::List(values) => first(values.into_iter().next()?),
        _ => None,
    }
}

/// By how much the sides of each numeric comparison of a contract's rejections are apart, over all that is tried.
fn tried(model: &Interpreted) -> BTreeMap<(String, usize), BTreeSet<Number>> {
    let mut all: BTreeMap<(String, usize), BTreeSet<Number>> = BTreeMap::new();
    for graph in explore(model, Bounds::default()) {
        let at_nodes = graph.nodes.iter().flat_map(|node| {
            graph.commands(model, &node.world).into_iter().map(|sent| (node.world.clone(), sent))
        });
        // What takes many lines is tried on ways of its own.
        let ways = graph.ways.iter().map(|way| {
            let (last, before) = way.commands.split_last().expect("a command");
            let world = before.iter().fold(World::new(), |world, sent| {
                fire(model, &world, sent).expect("an outcome").1.expect("accepted")
            });
            (world, last.clone())
        });
        for (world, sent) in at_nodes.chain(ways) {
            for reject in &model.rules(&sent.name).expect("rules").rejects {
                for (nth, apart) in differences(&reject.when).iter().enumerate() {
                    let apart = model.value(&world, &sent, apart).ok().and_then(first);
                    let rule = (format!("{} {}", sent.name, reject.code.text), nth);
                    all.entry(rule).or_default().extend(apart);
                }
            }
        }
    }
    all.retain(|_, seen| !seen.is_empty());
    all
}

#[test]
fn every_comparison_is_tried_on_it_just_below_and_just_above() {
    let zero = Number::from(0);
    let mut compared = 0;
    for path in SHIPPED {
        for ((rule, _), seen) in tried(&shipped(path)) {
            compared += 1;
            let told = || format!("{path}: {rule}: {seen:?}");
            assert!(seen.contains(&zero), "on it: {}", told());
            // Prices are written with two places; all else is whole.
            let unit = Number::parse(if rule.ends_with("InvalidPrice") { "0.01" } else { "1" });
            let unit = unit.expect("a number");
            assert!(seen.contains(&unit), "just above: {}", told());
            // A count is never below nought, nor is a balance.
            let never = ["OrderHasNoItems", "BalanceNotZero"].iter().any(|code| rule.ends_with(code));
            let below = zero.sub(&unit).expect("a number");
            // Ten lines go and eleven don't: with nine nothing else comes of it than with ten.
            let far = rule == "RemoveItem TooManyLines";
            assert!(far || seen.contains(&below) != never, "just below: {}", told());
        }
    }
    // Quantities and prices of three commands, four counts, two balances, and what is in stock.
    assert_eq!(compared, 13);
}

/// The values of a field that sit on a comparison, or beside it.
#[track_caller]
fn check(contract: &str, state: &[(&str, &str)], sent: (&str, &str), field: &str, expected: &[&str]) {
    let model = written(contract);
    let mut world = World::new();
    for (name, fields) in state {
        let (_, behind) = fire(&model, &world, &command(name, "b", fields)).expect("an outcome");
        world = behind.expect("accepted");
    }
    let found = boundaries(&model, &world, &command(sent.0, "b", sent.1));
    let of_field = found.iter().filter(|boundary| &*boundary.field == field && boundary.part != Part::Length);
    let values: BTreeSet<Number> =
        of_field.filter_map(|boundary| boundary.value.as_number().cloned()).collect();
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    assert_eq!(values, expected, "{sent:?}");
}

#[test]
fn one_factor_is_found_where_the_other_one_stays() {
    let contract = "contract test\naggregate Box\n  state limit: int = 100\n  command Put { quantity: int, price: decimal 0.01.. }\n    reject Dear when quantity * price > self.limit\n    no effect\n";
    let sent = ("Put", r#"{"quantity": 4, "price": 8}"#);
    check(contract, &[], sent, "price", &["24.99", "25", "25.01"]);
    // 12 times 8 is less than 100, 13 times is more.
    check(contract, &[], sent, "quantity", &["11", "12", "13", "14"]);
    let both = contract.replace("quantity * price > self.limit", "quantity * 3 > price + quantity");
    check(&both, &[], sent, "quantity", &["3", "4", "5"]);
    let list = "contract test\ntype Line { quantity: int, price: int }\naggregate Box\n  command Put { lines: [Line] }\n    reject Dear when sum(i in lines, i.quantity * i.price) > 100\n    no effect\n";
    let lines = r#"{"lines": [{"quantity": 2, "price": 5}, {"quantity": 1, "price": 40}]}"#;
    check(list, &[], ("Put", lines), "lines", &["11", "12", "13", "29", "30", "31"]);
}

#[test]
fn what_invariants_and_filters_compare_is_tried_as_well() {
    let contract = "contract test\naggregate Box\n  state count: int = 0\n  command Put { by: int }\n    set count = self.count + by\n  invariant \"few\": self.count <= 50\n";
    let state = [("Put", r#"{"by": 10}"#)];
    check(contract, &state, ("Put", r#"{"by": 1}"#), "by", &["39", "40", "41"]);
    let view = contract.replace(
        "  invariant \"few\": self.count <= 50\n",
        "view Full of Box where self.count > 7\n  shows { box: self.id }\n",
    );
    check(&view, &[], ("Put", r#"{"by": 1}"#), "by", &["6", "7", "8"]);
    let listed = "contract test\naggregate Box\n  state counts: [int] = []\n  command Put { by: int }\n    set counts = self.counts + [by]\n  invariant \"small\": all(i in self.counts, i < 9)\n";
    check(listed, &state[..0], ("Put", r#"{"by": 1}"#), "by", &["8", "9", "10"]);
}

#[test]
fn queries_are_put_on_what_their_filter_compares() {
    let model = written(
        "contract test\naggregate Box\n  state count: int = 0\n  command Put { by: int }\n    set count = self.count + by\nview Full { least: int } of Box where self.count >= least\n  shows { box: self.id }\n",
    );
    let (_, behind) = fire(&model, &World::new(), &command("Put", "b", r#"{"by": 7}"#)).expect("an outcome");
    let found = asked(&model, &behind.expect("accepted"), &query("Full", None, r#"{"least": 1}"#));
    let values: Vec<String> = found.iter().map(|(field, value)| format!("{field} {value}")).collect();
    assert_eq!(values, ["least 7", "least 6", "least 8"]);
    assert_eq!(asked(&model, &World::new(), &query("Full", None, r#"{"least": 1}"#)), []);
}

#[test]
fn boundaries_sit_on_the_comparison() {
    let model = shipped("scenarios/bank/bank.contract");
    let mut world = World::new();
    for (name, on, fields) in [
        ("OpenAccount", "$a", r#"{"owner": "$o"}"#),
        ("OpenAccount", "$b", r#"{"owner": "$o"}"#),
        ("Deposit", "$a", r#"{"amount": 7}"#),
    ] {
        let (_, behind) = fire(&model, &world, &command(name, on, fields)).expect("an outcome");
        world = behind.expect("accepted");
    }
    let sent = command("Transfer", "$a", r#"{"to": "$b", "amount": 1}"#);
    let found = boundaries(&model, &world, &sent);
    let amounts =
        found.iter().filter(|boundary| &*boundary.field == "amount" && boundary.part == Part::Whole);
    let mut amounts: Vec<String> = amounts.map(|boundary| boundary.value.to_string()).collect();
    amounts.sort();
    assert_eq!(amounts, ["6", "7", "8"]);
    let refused = |amount: &str| {
        let sent = command("Transfer", "$a", &format!(r#"{{"to": "$b", "amount": {amount}}}"#));
        fire(&model, &world, &sent).expect("an outcome").0
    };
    assert_eq!(
        [refused("6"), refused("7"), refused("8")],
        [Fired::Accepted, Fired::Accepted, Fired::Alone(3)]
    );
    assert!(found.iter().any(|boundary| &*boundary.field == "to" && boundary.value == "$a".into()));
}

/// On it and beside it, as finely as the target is told, and not outside of what it takes.
#[test]
fn moments_are_put_on_what_they_are_compared_with() {
    let contract = |tried: &str| {
        written(&format!(
            "contract test\naggregate Room\n  state until: instant?\n  command Book {{ until: instant{tried} }}\n    set until = until\n  \
             command Extend {{ until: instant{tried} }}\n    reject NotLater when until <= self.until\n    set until = until\n"
        ))
    };
    let check = |tried: &str, sent_to: Option<Precision>, expected: &[(&str, Fired)]| {
        let mut promises = Promises::default();
        if let Some(precision) = sent_to {
            let told = promises.sent.entry("Extend".into()).or_default();
            told.tell([Arc::from("until")], precision);
        }
        let model = contract(tried).fit_for(&promises);
        let until = |text: &str| format!(r#"{{"until": "{text}"}}"#);
        let noon = "2026-03-01T12:00:00.5+00:00";
        let (_, behind) =
            fire(&model, &World::new(), &command("Book", "r", &until(noon))).expect("an outcome");
        let world = behind.expect("accepted");
        let found = boundaries(&model, &world, &command("Extend", "r", &until("2026-04-01T00:00:00Z")));
        let found: Vec<(String, Fired)> = found
            .iter()
            .map(|boundary| {
                let value = boundary.value.as_text().expect("a text").to_owned();
                (
                    value.clone(),
                    fire(&model, &world, &command("Extend", "r", &until(&value))).expect("an outcome").0,
                )
            })
            .collect();
        let found: Vec<(&str, Fired)> = found.iter().map(|(value, fired)| (&**value, *fired)).collect();
        assert_eq!(found, expected, "{tried} {sent_to:?}");
    };
    let (refused, on_it) = (Fired::Alone(0), ("2026-03-01T12:00:00.5+00:00", Fired::Alone(0)));
    let by_ms = [("2026-03-01T12:00:00.499Z", refused), ("2026-03-01T12:00:00.501Z", Fired::Accepted), on_it];
    check("", None, &by_ms);
    check("", Some(Precision::Millisecond), &by_ms);
    let by_second = [("2026-03-01T11:59:59.5Z", refused), ("2026-03-01T12:00:01.5Z", Fired::Accepted), on_it];
    check("", Some(Precision::Second), &by_second);
    let by_day = [("2026-02-28T12:00:00.5Z", refused), ("2026-03-02T12:00:00.5Z", Fired::Accepted), on_it];
    check("", Some(Precision::Day), &by_day);
    // What a service takes ends at noon, or begins behind it.
    check(r#" try "2026-01-01T00:00:00Z".."2026-03-01T12:00:00.500Z""#, None, &[by_ms[0], on_it]);
    check(r#" try "2026-03-02T00:00:00Z".."2026-05-01T00:00:00Z""#, Some(Precision::Day), &by_day[1..2]);
}
