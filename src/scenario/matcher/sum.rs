//! `sum(items.quantity) == 3`.

use super::bind::Binding;
use super::comparison::moved;
use super::mismatch::{SHOWN, show};
use super::{Judge, MatcherDoc};
use crate::contract::expr::{EvalError, compare, symbol};
use crate::language::syntax::{CompareOp, Expr, FieldPath};
use crate::text::Code;
use crate::value::{Number, Tolerances, Value};

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "sum",
    syntax: "sum(PATH) N, sum(PATH) OP N",
    means: "an answer in which the numbers at this path, of each element where it leads through a list, add up to that",
    example: "sum(items.quantity) == 3",
};

#[derive(Debug)]
pub(super) struct Sum {
    path: FieldPath,
    op: CompareOp,
    number: Value,
    /// How far each of the numbers may be off.
    tolerance: Option<Number>,
}

pub(super) fn bind(
    binding: Binding<'_>,
    path: &FieldPath,
    op: CompareOp,
    expr: &Expr,
) -> Result<Sum, EvalError> {
    let number = binding.eval(expr)?;
    if matches!(number, Value::Number(_)) {
        let tolerance = binding.tolerance_at(path.names.iter().map(|name| &*name.text));
        return Ok(Sum { path: path.clone(), op, number, tolerance });
    }
    let message = format!("a sum is a number, not {}", number.brief(60));
    Err(EvalError::new(Code::WRONG_KIND, expr.span, message))
}

impl Sum {
    fn of(&self, actual: Option<&Value>) -> Result<Number, String> {
        self.counted(actual).map(|(sum, _)| sum)
    }

    /// The sum, and how far it may be off.
    fn counted(&self, actual: Option<&Value>) -> Result<(Number, Number), String> {
        let Some(actual) = actual else { return Err("absent".into()) };
        let (mut sum, mut off) = (Number::ZERO, Number::ZERO);
        self.add(actual, 0, &mut sum, &mut off)?;
        Ok((sum, off))
    }

    /// Adds what is at the rest of the path, from its step `from` on.
    fn add(&self, value: &Value, from: usize, sum: &mut Number, off: &mut Number) -> Result<(), String> {
        match (value, self.path.names.get(from)) {
            (Value::List(elements), _) => {
                elements.iter().try_for_each(|element| self.add(element, from, sum, off))
            }
            (Value::Record(record), Some(name)) => match record.get(&name.text) {
                Some(part) => self.add(part, from + 1, sum, off),
                None => Err(format!("there is no `{}` in {}", name.text, show(Some(value)))),
            },
            (Value::Number(number), None) => {
                let inexact = |_| "a sum that can't be kept exactly".to_owned();
                *sum = sum.add(number).map_err(inexact)?;
                if let Some(by) = &self.tolerance {
                    *off = off.add(by).map_err(inexact)?;
                }
                Ok(())
            }
            _ => Err(format!("no number at `{}`: {}", self.path, show(Some(value)))),
        }
    }
}

impl Judge for Sum {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let Ok((sum, off)) = self.counted(actual) else { return false };
        let end = if self.tolerance.is_some() { moved(self.op, &self.number, &off) } else { None };
        let sum = Value::Number(sum);
        match (self.op, &self.number, &sum) {
            (CompareOp::Equal, Value::Number(_), Value::Number(_)) if self.tolerance.is_some() => {
                let mut tolerances = Tolerances::default();
                tolerances.allow([], off);
                tolerances.equal(&sum, &self.number)
            }
            _ => compare(self.op, &sum, end.as_ref().unwrap_or(&self.number)) == Some(true),
        }
    }

    fn describe(&self, limit: usize) -> String {
        let number = self.number.brief(limit);
        match self.op {
            CompareOp::Equal => format!("sum({}) {number}", self.path),
            op => format!("sum({}) {} {number}", self.path, symbol(op)),
        }
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        match self.of(actual) {
            Ok(sum) => format!("sum({}) {}", self.path, Value::Number(sum).brief(SHOWN)),
            Err(why) => why,
        }
    }
}
