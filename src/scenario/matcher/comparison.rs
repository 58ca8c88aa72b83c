//! `> 1`, `<= 0.5`, `!= $x`.

use super::bind::Binding;
use super::equals::show_beside;
use super::{Judge, MatcherDoc};
use crate::contract::expr::{EvalError, compare, symbol};
use crate::language::syntax::{CompareOp, Expr};
use crate::text::Code;
use crate::value::{Number, Precision, Value};

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "comparison",
    syntax: "OP VALUE, with one of < <= > >= == !=",
    means: "a number or text on that side of the value; `!=` also takes other kinds of value, but not nothing",
    example: "{ total: >= 0.01 }",
};

#[derive(Debug)]
pub(super) struct Comparison {
    op: CompareOp,
    value: Value,
    /// The value, moved by as much as a number may be off.
    end: Value,
    /// How finely moments are told there.
    precision: Option<Precision>,
}

pub(super) fn bind(binding: Binding<'_>, op: CompareOp, expr: &Expr) -> Result<Comparison, EvalError> {
    let value = binding.eval(expr)?;
    let tolerance = binding.tolerance().cloned();
    let has_order = matches!(value, Value::Number(_) | Value::Text(_));
    if !has_order && !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
        let message = format!("nothing is {} {}", symbol(op), value.brief(60));
        return Err(EvalError::new(Code::NO_ORDER, expr.span, message).fix("compare with a number or text"));
    }
    let end = tolerance.and_then(|by| moved(op, &value, &by)).unwrap_or_else(|| value.clone());
    let precision = binding.tolerances().precision();
    Ok(Comparison { op, value, end, precision })
}

/// The end that a number which may be off by so much has to be beyond; `!=` is taken to the letter.
pub(super) fn moved(op: CompareOp, end: &Value, by: &Number) -> Option<Value> {
    let Value::Number(end) = end else { return None };
    let moved = match op {
        CompareOp::Less | CompareOp::LessOrEqual => end.add(by),
        CompareOp::Greater | CompareOp::GreaterOrEqual => end.sub(by),
        CompareOp::Equal | CompareOp::NotEqual => return None,
    };
    moved.ok().map(Value::Number)
}

impl Judge for Comparison {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let Some(actual) = actual else { return false };
        if compare(self.op, actual, &self.end) == Some(true) {
            return true;
        }
        // What is the same as finely as it is told may be on either side.
        let moments = self.precision.zip(actual.as_moment()).zip(self.end.as_moment());
        self.op != CompareOp::NotEqual
            && moments.is_some_and(|((precision, one), other)| precision.is_same(one, other))
    }

    fn describe(&self, limit: usize) -> String {
        format!("{} {}", symbol(self.op), self.value.brief(limit))
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        show_beside(&self.value, actual)
    }
}
