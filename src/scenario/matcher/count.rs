//! `count 3`, `count > 1`.

use super::bind::Binding;
use super::mismatch::show;
use super::{Judge, MatcherDoc};
use crate::contract::expr::{EvalError, compare, symbol};
use crate::language::syntax::{CompareOp, Expr};
use crate::text::Code;
use crate::value::Value;

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "count",
    syntax: "count N, count OP N",
    means: "a list with so many elements",
    example: "{ items: count > 1 }",
};

#[derive(Debug)]
pub(super) struct Count {
    op: CompareOp,
    number: Value,
}

pub(super) fn bind(binding: Binding<'_>, op: CompareOp, expr: &Expr) -> Result<Count, EvalError> {
    let number = binding.eval(expr)?;
    if number.as_number().is_some_and(crate::value::Number::is_whole) {
        return Ok(Count { op, number });
    }
    let message = format!("`count` needs a whole number, not {}", number.brief(60));
    Err(EvalError::new(Code::WRONG_KIND, expr.span, message))
}

impl Judge for Count {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let elements = actual.and_then(Value::as_list);
        elements.is_some_and(|elements| {
            compare(self.op, &Value::from(elements.len()), &self.number) == Some(true)
        })
    }

    fn describe(&self, limit: usize) -> String {
        match self.op {
            CompareOp::Equal => format!("count {}", self.number.brief(limit)),
            op => format!("count {} {}", symbol(op), self.number.brief(limit)),
        }
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        match actual {
            Some(Value::List(elements)) => format!("count {}", elements.len()),
            other => show(other),
        }
    }
}
