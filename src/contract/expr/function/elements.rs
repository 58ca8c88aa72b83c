use std::borrow::Cow;
use std::ops::ControlFlow;

use super::super::EvalError;
use super::super::eval::Env;
use super::super::operator::wrong_kind;
use crate::language::syntax::{Expr, Fold};
use crate::text::Span;
use crate::value::Value;

/// The elements a function goes over, and what is computed for each.
pub(super) struct Elements<'a> {
    env: Env<'a>,
    list: &'a [Value],
    binder: &'a str,
    body: Option<&'a Expr>,
    /// The part of the expression that gives the values: the body, or the list.
    pub(super) at: Span,
    /// The whole call.
    pub(super) span: Span,
}

impl<'a> Elements<'a> {
    /// The elements of `list` (written at `at`) with the body of `fold`, if there is one.
    pub(super) fn new(
        env: Env<'a>,
        (list, at): (&'a Value, Span),
        fold: Option<&'a Fold>,
        span: Span,
    ) -> Result<Self, EvalError> {
        let body = fold.and_then(|fold| fold.body.as_ref());
        let binder = fold.map_or("", |fold| &fold.binder.text);
        match list {
            Value::List(list) => {
                Ok(Self { env, list, binder, body, at: body.map_or(at, |body| body.span), span })
            }
            other => Err(wrong_kind("what this goes over", "a list", other, at)),
        }
    }

    /// How many elements there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether something is computed for each element, or the elements stand for themselves.
    pub(super) fn has_body(&self) -> bool {
        self.body.is_some()
    }

    /// Calls `visit` with each element and what is computed for it, until it breaks.
    pub(super) fn each(
        &self,
        mut visit: impl FnMut(&'a Value, Cow<'_, Value>) -> Result<ControlFlow<()>, EvalError>,
    ) -> Result<(), EvalError> {
        for element in self.list {
            self.env.budget.pay(1, self.at)?;
            let value = match self.body {
                Some(body) => Cow::Owned(self.env.eval_bound(body, self.binder, element)?),
                None => Cow::Borrowed(element),
            };
            if visit(element, value)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Takes a value into the result; a copy is paid for.
    pub(super) fn own(&self, value: Cow<'_, Value>) -> Result<Value, EvalError> {
        self.env.own(value, self.at)
    }

    /// Pays for going through all of `value`.
    pub(super) fn pay_for(&self, value: &Value) -> Result<(), EvalError> {
        self.env.budget.pay_for(value, self.at)
    }
}
