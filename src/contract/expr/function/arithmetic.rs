//! `count`, `sum`.

use std::ops::ControlFlow;

use super::super::EvalError;
use super::super::operator::{exact, truth, wrong_kind};
use super::elements::Elements;
use crate::value::{Number, Value};

pub(super) fn count(elements: &Elements<'_>) -> Result<Value, EvalError> {
    if !elements.has_body() {
        return Ok(Value::from(elements.len()));
    }
    let mut count = 0_usize;
    elements.each(|_, value| {
        count += usize::from(truth(&value, "what `count` counts", elements.at)?);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(Value::from(count))
}

pub(super) fn sum(elements: &Elements<'_>) -> Result<Value, EvalError> {
    let mut sum = Number::ZERO;
    elements.each(|_, value| match &*value {
        Value::Number(summand) => {
            sum = exact(sum.add(summand), elements.at)?;
            Ok(ControlFlow::Continue(()))
        }
        other => Err(wrong_kind("what `sum` adds", "a number", other, elements.at)),
    })?;
    Ok(Value::Number(sum))
}
