//! `59.98 ± 0.01`.

use super::bind::Binding;
use super::equals::show_beside;
use super::{Judge, MatcherDoc};
use crate::contract::expr::{EvalError, compare};
use crate::language::syntax::{CompareOp, Expr};
use crate::text::Code;
use crate::value::Value;

pub(super) static DOC: MatcherDoc = MatcherDoc {
    name: "near",
    syntax: "VALUE ± DISTANCE",
    means: "a number that is no further from the value than the distance, both ends included",
    example: "{ total: 59.98 ± 0.01 }",
};

#[derive(Debug)]
pub(super) struct Near {
    centre: Value,
    distance: Value,
    least: Value,
    most: Value,
}

pub(super) fn bind(binding: Binding<'_>, centre: &Expr, distance: &Expr) -> Result<Near, EvalError> {
    let number = |expr: &Expr| match binding.eval(expr)? {
        Value::Number(number) => Ok(number),
        other => {
            let message = format!("`±` stands between numbers, and this is {}", other.brief(60));
            Err(EvalError::new(Code::WRONG_KIND, expr.span, message))
        }
    };
    let (middle, far) = (number(centre)?, number(distance)?);
    if compare(CompareOp::GreaterOrEqual, &Value::from(far.clone()), &Value::from(0_u64)) != Some(true) {
        let message = format!("a distance is at least 0, and this is {far}");
        return Err(EvalError::new(Code::WRONG_KIND, distance.span, message));
    }
    let far_with =
        binding.tolerance().map_or_else(|| Ok(far.clone()), |by| far.add(by)).unwrap_or_else(|_| far.clone());
    let (Ok(least), Ok(most)) = (middle.sub(&far_with), middle.add(&far_with)) else {
        let message = format!("the ends of {middle} ± {far} can't be computed exactly");
        return Err(EvalError::new(Code::INEXACT, distance.span, message));
    };
    let [centre, distance, least, most] = [middle, far, least, most].map(Value::from);
    Ok(Near { centre, distance, least, most })
}

impl Judge for Near {
    fn matches(&self, actual: Option<&Value>) -> bool {
        let holds = |op, end| actual.is_some_and(|actual| compare(op, actual, end) == Some(true));
        holds(CompareOp::GreaterOrEqual, &self.least) && holds(CompareOp::LessOrEqual, &self.most)
    }

    fn describe(&self, limit: usize) -> String {
        format!("{} ± {}", self.centre.brief(limit), self.distance.brief(limit))
    }

    fn actual(&self, actual: Option<&Value>) -> String {
        show_beside(&self.centre, actual)
    }
}
