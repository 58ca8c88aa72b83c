//! What keeps evaluation bounded: a budget of steps, and limits on depth.
//!
//! Expressions can't loop, but folds inside folds multiply, and a list made of copies of a list grows
//! exponentially from `let` to `let`. So each step costs, and so does each part of a value that is copied or compared.

use std::cell::Cell;

use super::EvalError;
use crate::text::{Code, Span};
use crate::value::{Limits, Value};

/// Steps that one evaluation may take: about a second's work, far beyond any honest rule.
const MAX_STEPS: u64 = 10_000_000;

/// How deep an expression may be nested: as high as the parser lets a tree grow. Trees made by hand are held to it, too.
const MAX_NESTING: u32 = 256;

/// The budget of one evaluation, shared by all its parts.
pub(super) struct Budget {
    steps: Cell<u64>,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { steps: Cell::new(MAX_STEPS) }
    }

    /// Pays `steps` for what stands at `span`.
    pub(super) fn pay(&self, steps: u64, span: Span) -> Result<(), EvalError> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => Err(EvalError::new(
                Code::TOO_MUCH_WORK,
                span,
                format!("this takes more than {MAX_STEPS} steps to evaluate"),
            )
            .fix("use shorter lists, or fewer folds inside folds")),
        }
    }

    /// Pays for copying `value` or comparing all of it, which must not be too deep either.
    pub(super) fn pay_for(&self, value: &Value, span: Span) -> Result<(), EvalError> {
        let steps = weight(value, Limits::MAX_DEPTH).ok_or_else(|| {
            EvalError::new(
                Code::TOO_MUCH_WORK,
                span,
                format!("this value is more than {} levels deep", Limits::MAX_DEPTH),
            )
        })?;
        self.pay(steps, span)
    }
}

/// Checks the depth of an expression.
pub(super) fn check_nesting(depth: u32, span: Span) -> Result<(), EvalError> {
    if depth <= MAX_NESTING {
        return Ok(());
    }
    Err(EvalError::new(
        Code::TOO_MUCH_WORK,
        span,
        format!("this is nested more than {MAX_NESTING} levels deep"),
    ))
}

/// About how much work it is to go through all of `value`; `None` if it is deeper than `depth`.
fn weight(value: &Value, depth: usize) -> Option<u64> {
    let parts = |value| weight(value, depth.checked_sub(1)?);
    match value {
        Value::List(elements) => elements.iter().try_fold(1, |sum: u64, element| Some(sum + parts(element)?)),
        Value::Record(record) => record.iter().try_fold(1, |sum: u64, (_, value)| Some(sum + parts(value)?)),
        Value::Text(text) => Some(1 + text.len() as u64 / 64),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Name(_) => Some(1),
    }
}
