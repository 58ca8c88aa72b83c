use std::borrow::Cow;

use super::EvalError;
use crate::text::{Code, Span};
use crate::value::Value;

/// What the names of an expression stand for where it is evaluated.
///
/// Scenario execution gives variables and draws ids; contracts give names (`self`, a command's fields, an enum's
/// members). Evaluation borrows where it can, so a scope that lends its values makes `self.items` free.
///
/// All methods take `&self`: a value that was lent must stay while the next one is asked for. A scope that draws
/// ids counts them in a `Cell` or an atomic.
pub trait Scope {
    /// The value of `$name`.
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        let _ = name;
        None
    }

    /// The value of the bare `name`. Binders of `sum(i in …)` are looked up before.
    fn name(&self, name: &str) -> Option<Cow<'_, Value>> {
        let _ = name;
        None
    }

    /// A value that no other scenario, run or machine draws: `unique "prefix"`, written at `span`.
    fn unique(&self, prefix: &str, span: Span) -> Result<Value, EvalError> {
        let _ = prefix;
        Err(EvalError::new(Code::CANNOT_DRAW, span, "`unique` can't be used here"))
    }

    /// The id of an aggregate that does not exist yet: `new Order`, written at `span`.
    fn fresh(&self, aggregate: &str, span: Span) -> Result<Value, EvalError> {
        let _ = aggregate;
        Err(EvalError::new(Code::CANNOT_DRAW, span, "`new` can't be used here"))
    }
}

/// The scope in which no name means anything: for constants.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Scope for Nothing {}
