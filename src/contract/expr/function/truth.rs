//! `any`, `all`, `contains`.

use std::borrow::Cow;
use std::ops::ControlFlow;

use super::super::EvalError;
use super::super::eval::Env;
use super::super::operator::{truth, wrong_kind};
use super::elements::Elements;
use crate::language::syntax::Expr;
use crate::value::Value;

pub(super) fn any(elements: &Elements<'_>) -> Result<Value, EvalError> {
    search(elements, true, "what `any` looks at")
}

pub(super) fn all(elements: &Elements<'_>) -> Result<Value, EvalError> {
    search(elements, false, "what `all` looks at")
}

/// Looks for `wanted` and stops there, as `or` and `and` do.
fn search(elements: &Elements<'_>, wanted: bool, what: &str) -> Result<Value, EvalError> {
    let mut answer = !wanted;
    elements.each(|_, value| {
        answer = truth(&value, what, elements.at)?;
        Ok(if answer == wanted { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(Value::Bool(answer))
}

pub(super) fn contains(
    env: &Env<'_>,
    values: &[Cow<'_, Value>],
    arguments: &[Expr],
) -> Result<Value, EvalError> {
    match (values, arguments) {
        ([list, wanted], [list_expr, _]) => match &**list {
            Value::List(elements) => {
                env.budget.pay_for(list, list_expr.span)?;
                Ok(Value::Bool(elements.contains(wanted)))
            }
            other => Err(wrong_kind("what `contains` looks into", "a list", other, list_expr.span)),
        },
        // The arity was checked.
        _ => Ok(Value::Null),
    }
}
