//! Judging answers, evaluating rules and reading JSON: what a run does at every poll.

use std::borrow::Cow;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use proofmark::contract::expr::{Nothing, Scope, eval};
use proofmark::language::parse_scenarios;
use proofmark::language::syntax::{Assertion, Expr, Matcher, Shows, StepKind};
use proofmark::scenario::matcher::{Bound, bind};
use proofmark::text::Source;
use proofmark::value::{Limits, Value};

/// An answer of the order system.
const ANSWER: &str = r#"{"customer": "cust-1", "status": "confirmed", "total": 59.98, "item_count": 2,
    "items": [{"product": "p-1", "quantity": 1, "price": 29.99}, {"product": "p-2", "quantity": 1, "price": 29.99}]}"#;

/// What `step` says in a scenario.
fn step(step: &str) -> StepKind {
    let source = Source::new("bench", format!("feature \"f\"\nuse c\n\nscenario \"s\"\n  {step}\n"));
    let mut scenarios = parse_scenarios(&source).tree.scenarios;
    scenarios.pop().and_then(|mut scenario| scenario.steps.pop()).map(|step| step.kind).expect("a step")
}

fn matcher(text: &str) -> Matcher {
    match step(&format!("then Q shows {text}")) {
        StepKind::Read(Assertion { shows: Some(Shows::Value(matcher)), .. }) => matcher,
        other => panic!("{other:?}"),
    }
}

fn bound(text: &str) -> Bound {
    bind(&matcher(text), &Nothing).expect("it can be bound")
}

fn expr(text: &str) -> Expr {
    match step(&format!("let $v = {text}")) {
        StepKind::Let { value, .. } => value,
        other => panic!("{other:?}"),
    }
}

fn answer() -> Value {
    Value::from_json(ANSWER, &Limits::default()).expect("JSON")
}

fn matching(criterion: &mut Criterion) {
    let answer = answer();
    let mut group = criterion.benchmark_group("matches");
    for (name, text) in [
        ("partial record, 3 fields", r#"{ status: "confirmed", total: 59.98, item_count: > 1 }"#),
        ("partial record, first field differs", r#"{ status: "pending", total: 59.98, item_count: > 1 }"#),
        ("unordered list of records", r#"{ items: unordered [{ product: "p-2" }, { product: "p-1" }] }"#),
    ] {
        let bound = bound(text);
        group.bench_function(name, |bencher| bencher.iter(|| bound.matches(black_box(Some(&answer)))));
    }
    group.finish();
    let differs = bound(r#"{ status: "pending", total: 59.98, item_count: > 1 }"#);
    criterion.bench_function("judge one mismatch", |b| b.iter(|| differs.judge(black_box(Some(&answer)))));
    let numbers: Vec<String> = (0..1000).map(|n| format!(">= {n}")).collect();
    let many = bound(&format!("unordered [{}]", numbers.join(", ")));
    let elements = Value::from((0..1000).rev().collect::<Vec<i32>>());
    criterion.bench_function("pair 1,000 matchers with 1,000 elements", |bencher| {
        bencher.iter(|| many.matches(black_box(Some(&elements))));
    });
}

/// `$order`.
struct Order(Value);

impl Scope for Order {
    fn variable(&self, _: &str) -> Option<Cow<'_, Value>> {
        Some(Cow::Borrowed(&self.0))
    }
}

fn evaluating(criterion: &mut Criterion) {
    let scope = Order(answer());
    for (name, text) in [
        ("rule", r#"$order.status == "confirmed" or $order.status == "cancelled""#),
        ("sum over 2 items", "sum(i in $order.items, i.quantity * i.price)"),
    ] {
        let expr = expr(text);
        criterion.bench_function(&format!("eval {name}"), |b| b.iter(|| eval(black_box(&expr), &scope)));
    }
}

fn reading(criterion: &mut Criterion) {
    let json = format!("[{}]", vec![ANSWER; 1000].join(","));
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Bytes(json.len() as u64));
    group.bench_function("read", |bencher| bencher.iter(|| Value::from_json(&json, &Limits::default())));
    let value = Value::from_json(&json, &Limits::default()).expect("JSON");
    group.bench_function("write", |bencher| bencher.iter(|| value.to_json()));
    group.finish();
}

criterion_group!(benches, matching, evaluating, reading);
criterion_main!(benches);
