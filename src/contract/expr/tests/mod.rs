//! What expressions mean, case by case, and that nothing makes evaluation panic.

mod any_tree;
mod bounds;
mod meaning;
mod mistakes;

use std::borrow::Cow;
use std::cell::Cell;

use super::build::json;
use super::{EvalError, Scope, eval};
use crate::language::syntax::Expr;
use crate::text::Span;
use crate::value::Value;

/// `$order`, `$n`, `self`, and ids `prefix-1`, `prefix-2`, …
struct World {
    order: Value,
    drawn: Cell<u32>,
}

impl World {
    fn new() -> Self {
        let order = json(
            r#"{"status": "pending", "note": null, "items": [
                {"product": "p-1", "quantity": 2, "price": 29.99},
                {"product": "p-2", "quantity": 3, "price": 0.10}]}"#,
        );
        Self { order, drawn: Cell::new(0) }
    }

    fn draw(&self, prefix: &str) -> Value {
        self.drawn.set(self.drawn.get() + 1);
        Value::from(format!("{prefix}-{}", self.drawn.get()))
    }
}

impl Scope for World {
    fn variable(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "order" => Some(Cow::Borrowed(&self.order)),
            "n" => Some(Cow::Owned(Value::from(7))),
            _ => None,
        }
    }

    fn name(&self, name: &str) -> Option<Cow<'_, Value>> {
        match name {
            "self" => Some(Cow::Borrowed(&self.order)),
            "confirmed" => Some(Cow::Owned(Value::from("confirmed"))),
            _ => None,
        }
    }

    fn unique(&self, prefix: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw(prefix))
    }

    fn fresh(&self, aggregate: &str, _: Span) -> Result<Value, EvalError> {
        Ok(self.draw(aggregate))
    }
}

/// What `expr` evaluates to, as it prints; or the mistake.
fn check(expr: &Expr, expected: &str) {
    let printed = match eval(expr, &World::new()) {
        Ok(value) => value.to_string(),
        Err(error) => match &error.fix {
            Some(fix) => format!("{error}; {fix}"),
            None => error.to_string(),
        },
    };
    assert_eq!(printed, expected);
}
