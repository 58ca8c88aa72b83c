//! Small builders of syntax trees, for tests.

use crate::language::parse_scenarios;
use crate::language::syntax::{
    Assertion, BinaryOp, CompareOp, Expr, ExprKind, FieldExpr, FieldMatcher, Fold, Ident, ListMode, Matcher,
    MatcherKind, Shows, StepKind, UnaryOp,
};
use crate::text::{Source, Span};
use crate::value::{Limits, Value};

pub(crate) fn expr(kind: ExprKind) -> Expr {
    Expr { kind, span: Span::default() }
}

/// The same at bytes `start..end`.
pub(crate) fn at(start: u32, end: u32, expr: Expr) -> Expr {
    Expr { span: Span::new(start, end), ..expr }
}

pub(crate) fn ident(text: &str) -> Ident {
    Ident { text: text.into(), span: Span::default() }
}

/// A value from JSON.
pub(crate) fn json(text: &str) -> Value {
    Value::from_json(text, &Limits::default()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// A constant from JSON.
pub(crate) fn lit(text: &str) -> Expr {
    constant(&json(text))
}

pub(crate) fn constant(value: &Value) -> Expr {
    expr(match value {
        Value::List(elements) => ExprKind::List(elements.iter().map(constant).collect()),
        Value::Record(record) => {
            ExprKind::Record(record.iter().map(|(name, value)| set(name, constant(value))).collect())
        }
        plain => ExprKind::Literal(plain.clone()),
    })
}

pub(crate) fn var(name: &str) -> Expr {
    expr(ExprKind::Variable(ident(name)))
}

pub(crate) fn name(name: &str) -> Expr {
    expr(ExprKind::Name(ident(name)))
}

pub(crate) fn field(base: Expr, name: &str) -> Expr {
    expr(ExprKind::Field(Box::new(base), ident(name)))
}

pub(crate) fn index(base: Expr, index: Expr) -> Expr {
    expr(ExprKind::Index(Box::new(base), Box::new(index)))
}

pub(crate) fn set(name: &str, value: Expr) -> FieldExpr {
    FieldExpr { name: ident(name), value }
}

pub(crate) fn with(base: Expr, fields: Vec<FieldExpr>) -> Expr {
    expr(ExprKind::With(Box::new(base), fields))
}

pub(crate) fn not(operand: Expr) -> Expr {
    expr(ExprKind::Unary(UnaryOp::Not, Box::new(operand)))
}

pub(crate) fn negate(operand: Expr) -> Expr {
    expr(ExprKind::Unary(UnaryOp::Negate, Box::new(operand)))
}

pub(crate) fn if_else(condition: Expr, yes: Expr, no: Expr) -> Expr {
    expr(ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)))
}

pub(crate) fn unique(prefix: &str) -> Expr {
    expr(ExprKind::Unique(Box::new(expr(ExprKind::Literal(Value::Text(prefix.into()))))))
}

/// `left op right`, with the operator as it is written.
pub(crate) fn binary(left: Expr, op: &str, right: Expr) -> Expr {
    let op = match op {
        "or" => BinaryOp::Or,
        "and" => BinaryOp::And,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        op => BinaryOp::Compare(comparison(op)),
    };
    expr(ExprKind::Binary(op, Box::new(left), Box::new(right)))
}

pub(crate) fn comparison(op: &str) -> CompareOp {
    match op {
        "==" => CompareOp::Equal,
        "!=" => CompareOp::NotEqual,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessOrEqual,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterOrEqual,
        op => panic!("no operator {op}"),
    }
}

pub(crate) fn call<const LEN: usize>(function: &str, arguments: [Expr; LEN]) -> Expr {
    expr(ExprKind::Call(ident(function), arguments.into()))
}

/// `function(x in list, body)`
pub(crate) fn fold(function: &str, list: Expr, body: Option<Expr>) -> Expr {
    expr(ExprKind::Fold(Box::new(Fold { function: ident(function), binder: ident("x"), list, body })))
}

pub(crate) fn matcher(kind: MatcherKind) -> Matcher {
    Matcher { kind, span: Span::default() }
}

/// The same at bytes `start..end`.
pub(crate) fn matcher_at(start: u32, end: u32, matcher: Matcher) -> Matcher {
    Matcher { span: Span::new(start, end), ..matcher }
}

/// A matcher of what equals a constant from JSON.
pub(crate) fn eq(text: &str) -> Matcher {
    matcher(MatcherKind::Equals(lit(text)))
}

pub(crate) fn cmp(op: &str, text: &str) -> Matcher {
    matcher(MatcherKind::Compare(comparison(op), lit(text)))
}

pub(crate) fn count(op: &str, text: &str) -> Matcher {
    matcher(MatcherKind::Count(comparison(op), lit(text)))
}

pub(crate) fn each(item: Matcher) -> Matcher {
    matcher(MatcherKind::Each(Box::new(item)))
}

pub(crate) fn regex(pattern: &str) -> Matcher {
    matcher(MatcherKind::Regex(pattern.into()))
}

pub(crate) fn anything() -> Matcher {
    matcher(MatcherKind::Any)
}

pub(crate) fn present() -> Matcher {
    matcher(MatcherKind::Present)
}

pub(crate) fn absent() -> Matcher {
    matcher(MatcherKind::Absent)
}

/// `{ name: M }`
pub(crate) fn partial<const LEN: usize>(fields: [(&str, Matcher); LEN]) -> Matcher {
    record(fields.into(), false)
}

/// `= { name: M }`
pub(crate) fn exact<const LEN: usize>(fields: [(&str, Matcher); LEN]) -> Matcher {
    record(fields.into(), true)
}

fn record(fields: Vec<(&str, Matcher)>, exact: bool) -> Matcher {
    let fields =
        fields.into_iter().map(|(name, matcher)| FieldMatcher { name: ident(name), matcher }).collect();
    matcher(MatcherKind::Record { fields, exact })
}

pub(crate) fn list(mode: ListMode, items: impl Into<Vec<Matcher>>) -> Matcher {
    matcher(MatcherKind::List { items: items.into(), mode })
}

pub(crate) fn ordered(items: impl Into<Vec<Matcher>>) -> Matcher {
    list(ListMode::Ordered, items)
}

pub(crate) fn unordered(items: impl Into<Vec<Matcher>>) -> Matcher {
    list(ListMode::Unordered, items)
}

pub(crate) fn contains(items: impl Into<Vec<Matcher>>) -> Matcher {
    list(ListMode::Contains, items)
}

/// The matcher that is `value` spelt out: exact records and ordered lists down to the leaves.
pub(crate) fn spelt_out(value: &Value) -> Matcher {
    match value {
        Value::List(elements) => ordered(elements.iter().map(spelt_out).collect::<Vec<_>>()),
        Value::Record(fields) => {
            record(fields.iter().map(|(name, value)| (name, spelt_out(value))).collect(), true)
        }
        leaf => matcher(MatcherKind::Equals(constant(leaf))),
    }
}

/// The expression that `text` says in a scenario.
pub(crate) fn read(text: &str) -> Expr {
    let mut steps = steps(&format!("let $v = {text}"));
    match steps.pop() {
        Some(StepKind::Let { value, .. }) => value,
        other => panic!("{text}: {other:?}"),
    }
}

/// The matcher that `text` says in a scenario.
pub(crate) fn read_matcher(text: &str) -> Matcher {
    let mut steps = steps(&format!("then Q shows {text}"));
    match steps.pop() {
        Some(StepKind::Read(Assertion { shows: Some(Shows::Value(matcher)), .. })) => matcher,
        other => panic!("{text}: {other:?}"),
    }
}

fn steps(step: &str) -> Vec<StepKind> {
    let source = Source::new("test", format!("feature \"f\"\nuse c\n\nscenario \"s\"\n  {step}\n"));
    let parsed = parse_scenarios(&source);
    assert!(parsed.diagnostics.is_empty(), "{step}: {:?}", parsed.diagnostics);
    parsed.tree.scenarios.into_iter().flat_map(|scenario| scenario.steps).map(|step| step.kind).collect()
}
