//! How far an expression is from being true: what a search for a state follows. The field calls it branch distance ("Search-based software
//! test data generation: a survey", Software Testing, Verification and Reliability 14(2), 2004).

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use crate::language::syntax::{BinaryOp, CompareOp, Expr, ExprKind, UnaryOp};
use crate::value::Value;

/// A condition that is not met and says nothing of how far it is from that.
pub(super) const UNMET: u64 = 1_000_000;
/// Numbers that are further apart are as far as can be.
const MOST: u32 = 10_000;
/// How deep expressions are looked into; below it, one is true or not.
const DEEP: usize = 32;

/// How far `expr` is from being `wanted`: 0 where it is, and for each condition in the way [`UNMET`], times by how much its numbers are apart
/// where it compares some. What has no value is not met.
pub(super) fn distance(expr: &Expr, wanted: bool, value: &impl Fn(&Expr) -> Option<Value>) -> u64 {
    at_depth(expr, wanted, value, 0)
}

fn at_depth(expr: &Expr, wanted: bool, value: &impl Fn(&Expr) -> Option<Value>, depth: usize) -> u64 {
    let of = |expr, wanted| at_depth(expr, wanted, value, depth + 1);
    match &expr.kind {
        _ if depth > DEEP => {}
        ExprKind::Binary(op @ (BinaryOp::And | BinaryOp::Or), left, right) => {
            let [left, right] = [of(left, wanted), of(right, wanted)];
            let both = (*op == BinaryOp::And) == wanted;
            return if both { left + right } else { left.min(right) };
        }
        ExprKind::Unary(UnaryOp::Not, inner) => return of(inner, !wanted),
        ExprKind::Binary(BinaryOp::Compare(op), left, right) => {
            if let Some(apart) = apart(value(left), value(right)) {
                return of_numbers(*op, wanted, apart);
            }
        }
        _ => {}
    }
    if value(expr) == Some(Value::Bool(wanted)) { 0 } else { UNMET }
}

/// The left number less the right one.
fn apart(left: Option<Value>, right: Option<Value>) -> Option<Decimal> {
    let (left, right) = (left?, right?);
    left.as_number()?.decimal()?.checked_sub(right.as_number()?.decimal()?)
}

fn of_numbers(op: CompareOp, wanted: bool, apart: Decimal) -> u64 {
    let so = match op {
        CompareOp::Equal => apart.is_zero(),
        CompareOp::NotEqual => !apart.is_zero(),
        CompareOp::Less => apart < Decimal::ZERO,
        CompareOp::LessOrEqual => apart <= Decimal::ZERO,
        CompareOp::Greater => apart > Decimal::ZERO,
        CompareOp::GreaterOrEqual => apart >= Decimal::ZERO,
    };
    if so == wanted {
        return 0;
    }
    // Where both are equal and must not be, any step will do.
    of_steps(apart.abs().max(Decimal::new(5, 1)))
}

/// How far so many steps are. Each counts as much as a condition that is not met: what brings a number nearer often undoes something else, as
/// a copy that is lent is none that could be lent.
pub(super) fn of_steps(steps: Decimal) -> u64 {
    let far = steps.min(Decimal::from(MOST)).checked_mul(Decimal::from(UNMET));
    far.and_then(|far| far.to_u64()).unwrap_or(UNMET)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::explore::command;
    use crate::contract::rules::{Interpreted, World};
    use crate::text::Source;
    use crate::value::Record;

    /// How far the rule is from stopping a command with `n`, and from letting it through.
    fn far(rule: &str, n: u32) -> [u64; 2] {
        let text = format!(
            "contract c\n\naggregate Box\n  state full: bool = false\n\n  command Put {{ n: int }}\n    reject No when {rule}\n    set full = true\n"
        );
        let model = Interpreted::read(&Source::new("c.contract", &*text)).expect("a contract");
        let put = command("Put", &Value::from("b"), Record::from([("n", Value::from(n))]));
        let when = &model.rules("Put").expect("rules").rejects[0].when;
        let value = |expr: &Expr| model.value(&World::new(), &put, expr).ok();
        [true, false].map(|wanted| distance(when, wanted, &value))
    }

    #[test]
    fn numbers_come_nearer_step_by_step() {
        assert_eq!(far("n >= 3", 3), [0, UNMET / 2]);
        assert_eq!(far("n >= 3", 2), [UNMET, 0]);
        assert_eq!(far("n >= 3", 0), [3 * UNMET, 0]);
        assert_eq!(far("n == 3", 3), [0, UNMET / 2]);
        assert_eq!(far("n >= 4000000000", 0), [10_000 * UNMET, 0]);
    }

    #[test]
    fn conditions_add_up_where_all_are_needed_and_the_nearest_counts_where_one_is() {
        assert_eq!(far("n >= 3 and n >= 4", 2), [3 * UNMET, 0]);
        assert_eq!(far("n >= 3 or n >= 4", 2), [UNMET, 0]);
        assert_eq!(far("n >= 3 or n >= 4", 4), [0, UNMET + UNMET / 2]);
        assert_eq!(far("not (n >= 3 or n >= 4)", 2), [0, UNMET]);
        assert_eq!(far("self.full and n >= 4", 3), [2 * UNMET, 0]);
    }
}
