//! Operators with two operands.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::EvalError;
use super::eval::{Env, Evaluated};
use crate::language::syntax::{BinaryOp, CompareOp, Expr};
use crate::text::{Code, Span};
use crate::value::{Inexact, Number, Tolerances, Value};

/// How much of a value a message shows, in characters.
pub(super) const SHOWN: usize = 60;

/// `left op right`; the left operand is evaluated already, the right one only if it matters.
pub(super) fn binary<'a>(
    env: &Env<'a>,
    op: BinaryOp,
    (left, left_expr): (Cow<'a, Value>, &Expr),
    right: &'a Expr,
    span: Span,
) -> Evaluated<'a> {
    match op {
        BinaryOp::And | BinaryOp::Or => {
            let (word, decided) = if op == BinaryOp::And { ("`and`", false) } else { ("`or`", true) };
            let left = truth(&left, word, left_expr.span)?;
            let truth = if left == decided { left } else { env.truth(right, word)? };
            Ok(Cow::Owned(Value::Bool(truth)))
        }
        BinaryOp::Compare(op) => {
            let right = env.eval(right)?;
            for value in [&*left, &*right] {
                if matches!(value, Value::List(_) | Value::Record(_)) {
                    env.budget.pay_for(value, span)?;
                }
            }
            let holds = compare(op, &left, &right).ok_or_else(|| no_order(&left, &right, span))?;
            Ok(Cow::Owned(Value::Bool(holds)))
        }
        BinaryOp::Add => {
            let right_value = env.eval(right)?;
            match (&*left, &*right_value) {
                (Value::Number(a), Value::Number(b)) => number(a.add(b), span),
                (Value::List(_), Value::List(_)) => {
                    Ok(Cow::Owned(join(env.own(left, left_expr.span)?, env.own(right_value, right.span)?)))
                }
                (a, b) => {
                    Err(no_arithmetic(["add", "and"], a, b, span)
                        .fix("`+` adds two numbers or joins two lists"))
                }
            }
        }
        BinaryOp::Subtract => match (&*left, &*env.eval(right)?) {
            (Value::Number(a), Value::Number(b)) => number(a.sub(b), span),
            (a, b) => Err(no_arithmetic(["subtract", "from"], b, a, span)),
        },
        BinaryOp::Multiply => match (&*left, &*env.eval(right)?) {
            (Value::Number(a), Value::Number(b)) => number(a.mul(b), span),
            (a, b) => Err(no_arithmetic(["multiply", "by"], a, b, span)),
        },
    }
}

/// Whether `left op right` holds; `None` if the two have no order and one is asked for.
pub(crate) fn compare(op: CompareOp, left: &Value, right: &Value) -> Option<bool> {
    match op {
        CompareOp::Equal => Some(equal(left, right)),
        CompareOp::NotEqual => Some(!equal(left, right)),
        CompareOp::Less => left.order(right).map(Ordering::is_lt),
        CompareOp::LessOrEqual => left.order(right).map(Ordering::is_le),
        CompareOp::Greater => left.order(right).map(Ordering::is_gt),
        CompareOp::GreaterOrEqual => left.order(right).map(Ordering::is_ge),
    }
}

/// Whether two values are the same; texts that tell one moment are, in whatever form.
fn equal(left: &Value, right: &Value) -> bool {
    Tolerances::EXACT.equal(left, right)
}

/// How a comparison is written.
pub(crate) fn symbol(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}

/// `value` as true or false; `what` says what needs it to be that.
pub(super) fn truth(value: &Value, what: &str, span: Span) -> Result<bool, EvalError> {
    value.as_bool().ok_or_else(|| wrong_kind(what, "true or false", value, span))
}

/// `what` must be a `needed`, but `value` is not.
pub(super) fn wrong_kind(what: &str, needed: &str, value: &Value, span: Span) -> EvalError {
    EvalError::new(Code::WRONG_KIND, span, format!("{what} must be {needed}, not {}", describe(value)))
}

/// Two values that have no order.
pub(super) fn no_order(a: &Value, b: &Value, span: Span) -> EvalError {
    let message = format!("{} and {} have no order", describe(a), describe(b));
    EvalError::new(Code::NO_ORDER, span, message).fix("compare numbers with numbers, or text with text")
}

/// An exact result, or the error that there is none.
pub(super) fn exact(result: Result<Number, Inexact>, span: Span) -> Result<Number, EvalError> {
    result.map_err(|inexact| EvalError::new(Code::INEXACT, span, inexact.to_string()))
}

fn number<'a>(result: Result<Number, Inexact>, span: Span) -> Evaluated<'a> {
    exact(result, span).map(|number| Cow::Owned(Value::Number(number)))
}

/// A value as messages name it: `the text "3"`, `the number 3`.
pub(super) fn describe(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) => value.to_string(),
        other => format!("the {} {}", other.kind(), other.brief(SHOWN)),
    }
}

fn no_arithmetic([verb, preposition]: [&str; 2], a: &Value, b: &Value, span: Span) -> EvalError {
    let message = format!("can't {verb} {} {preposition} {}", describe(a), describe(b));
    EvalError::new(Code::WRONG_KIND, span, message)
}

fn join(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::List(mut elements), Value::List(more)) => {
            elements.extend(more);
            Value::List(elements)
        }
        (left, _) => left,
    }
}
