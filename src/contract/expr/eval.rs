//! The walk over the tree.

use std::borrow::Cow;

use super::scope::Scope;
use super::work::{Budget, check_nesting};
use super::{EvalError, access, function, operator};
use crate::language::syntax::{Expr, ExprKind, FieldExpr, Ident, UnaryOp};
use crate::text::{Code, Span};
use crate::value::{Number, Record, Value};

/// The value of `expr` in `scope`.
///
/// Never panics and never rounds; the work, the depth and the size of the result are bounded.
pub fn eval(expr: &Expr, scope: &dyn Scope) -> Result<Value, EvalError> {
    let budget = Budget::new();
    let env = Env { scope, binder: None, budget: &budget, depth: 0 };
    let value = env.eval(expr)?;
    env.own(value, expr.span)
}

/// Whether `condition` is true in `scope`; bounded as [`eval`] is.
///
/// # Errors
/// When it has no value, or one that is neither true nor false.
pub fn holds(condition: &Expr, scope: &dyn Scope) -> Result<bool, EvalError> {
    let budget = Budget::new();
    Env { scope, binder: None, budget: &budget, depth: 0 }.truth(condition, "a condition")
}

/// Values are lent as long as possible: `self.items` copies nothing.
pub(super) type Evaluated<'a> = Result<Cow<'a, Value>, EvalError>;

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Env<'a> {
    scope: &'a dyn Scope,
    binder: Option<&'a Binder<'a>>,
    pub(super) budget: &'a Budget,
    depth: u32,
}

/// `i` in `sum(i in items, …)`, innermost first.
struct Binder<'a> {
    name: &'a str,
    value: &'a Value,
    outer: Option<&'a Binder<'a>>,
}

/// So many left operands inside one another are evaluated by recursion, which is faster than a list of them.
const SHORT_SPINE: u32 = 4;

impl<'a> Env<'a> {
    /// Evaluates `expr`.
    pub(super) fn eval(&self, expr: &'a Expr) -> Evaluated<'a> {
        let depth = self.depth + 1;
        check_nesting(depth, expr.span)?;
        // Nothing is evaluated within these: it would not see how deep it is.
        if matches!(expr.kind, ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Variable(_)) {
            return self.leaf(expr);
        }
        Env { depth, ..*self }.spine(expr, SHORT_SPINE)
    }

    /// Evaluates `expr` from its first operand outwards. Nearly all have an operand or two: `self.status == absent`.
    fn spine(&self, expr: &'a Expr, left: u32) -> Evaluated<'a> {
        let Some(operand) = left_operand(expr) else { return self.leaf(expr) };
        let value = match left.checked_sub(1) {
            Some(left) => self.spine(operand, left)?,
            None => self.chain(operand)?,
        };
        self.apply(expr, value)
    }

    /// The same in a loop: chains of operators lean to the left and may be thousands long (`1 + 1 + …`). Only right operands
    /// recurse, and how deep those nest is limited.
    fn chain(&self, expr: &'a Expr) -> Evaluated<'a> {
        let (mut spine, mut leaf) = (Vec::new(), expr);
        while let Some(left) = left_operand(leaf) {
            spine.push(leaf);
            leaf = left;
        }
        let first = self.leaf(leaf)?;
        spine.into_iter().rev().try_fold(first, |value, node| self.apply(node, value))
    }

    /// Evaluates `expr` with `name` standing for `value`.
    pub(super) fn eval_bound(
        &self,
        expr: &'a Expr,
        name: &'a str,
        value: &'a Value,
    ) -> Result<Value, EvalError> {
        let binder = Binder { name, value, outer: self.binder };
        let inner = Env { binder: Some(&binder), ..*self };
        let value = inner.eval(expr)?;
        inner.own(value, expr.span)
    }

    /// Takes `value` into the result; a copy is paid for.
    pub(super) fn own(&self, value: Cow<'_, Value>, span: Span) -> Result<Value, EvalError> {
        if let Cow::Borrowed(value) = &value {
            self.budget.pay_for(value, span)?;
        }
        Ok(value.into_owned())
    }

    /// An expression that must be true or false; `what` says for whom.
    pub(super) fn truth(&self, expr: &'a Expr, what: &str) -> Result<bool, EvalError> {
        let value = self.eval(expr)?;
        operator::truth(&value, what, expr.span)
    }

    /// What has no left operand.
    fn leaf(&self, expr: &'a Expr) -> Evaluated<'a> {
        self.budget.pay(1, expr.span)?;
        match &expr.kind {
            ExprKind::Literal(value) => Ok(Cow::Borrowed(value)),
            ExprKind::Name(name) => self.name(name),
            ExprKind::Variable(name) => {
                let known = self.scope.variable(&name.text);
                known.ok_or_else(|| unknown(name, "$").of_variable(name.text.clone()))
            }
            _ => self.whole(expr),
        }
    }

    /// What is put together of others, none of which is a left operand. Apart from `leaf`, which is called most of all and
    /// needs none of the room that this takes on the stack.
    #[inline(never)]
    fn whole(&self, expr: &'a Expr) -> Evaluated<'a> {
        match &expr.kind {
            ExprKind::List(elements) => {
                let elements = elements.iter().map(|element| self.owned(element));
                elements.collect::<Result<_, _>>().map(|elements| Cow::Owned(Value::List(elements)))
            }
            ExprKind::Record(fields) => {
                let fields =
                    fields.iter().map(|field| Ok((field.name.text.clone(), self.owned(&field.value)?)));
                fields.collect::<Result<Record, _>>().map(|record| Cow::Owned(Value::Record(record)))
            }
            ExprKind::Unary(op, operand) => self.unary(*op, operand),
            ExprKind::If(condition, yes, no) => {
                if self.truth(condition, "the condition of `if`")? {
                    self.eval(yes)
                } else {
                    self.eval(no)
                }
            }
            ExprKind::Call(name, arguments) => function::call(self, name, arguments, expr.span),
            ExprKind::Fold(fold) => function::fold(self, fold, expr.span),
            ExprKind::Unique(prefix) => match &*self.eval(prefix)? {
                Value::Text(text) => self.scope.unique(text, expr.span).map(Cow::Owned),
                other => Err(operator::wrong_kind("what `unique` starts with", "text", other, prefix.span)),
            },
            ExprKind::New(aggregate) => self.scope.fresh(&aggregate.text, expr.span).map(Cow::Owned),
            // `leaf` and `apply` look at these; they never come here.
            ExprKind::Literal(_) | ExprKind::Name(_) | ExprKind::Variable(_) => self.eval(expr),
            ExprKind::Field(..) | ExprKind::Index(..) | ExprKind::With(..) | ExprKind::Binary(..) => {
                self.eval(expr)
            }
        }
    }

    fn owned(&self, expr: &'a Expr) -> Result<Value, EvalError> {
        let value = self.eval(expr)?;
        self.own(value, expr.span)
    }

    /// What has a left operand, once that is evaluated.
    fn apply(&self, expr: &'a Expr, left: Cow<'a, Value>) -> Evaluated<'a> {
        self.budget.pay(1, expr.span)?;
        match &expr.kind {
            ExprKind::Field(_, name) => access::field(&left, name),
            ExprKind::Index(_, index) => access::element(left, &*self.eval(index)?, index.span),
            ExprKind::With(base, fields) => self.with((left, base.span), fields),
            ExprKind::Binary(op, left_expr, right) => {
                operator::binary(self, *op, (left, left_expr), right, expr.span)
            }
            _ => Ok(left),
        }
    }

    /// A record with other values in some of its fields, or with further ones.
    #[inline(never)]
    fn with(&self, (base, at): (Cow<'a, Value>, Span), fields: &'a [FieldExpr]) -> Evaluated<'a> {
        let mut record = match self.own(base, at)? {
            Value::Record(record) => record,
            other => return Err(operator::wrong_kind("what stands before `with`", "a record", &other, at)),
        };
        for field in fields {
            record.insert(field.name.text.clone(), self.owned(&field.value)?);
        }
        Ok(Cow::Owned(Value::Record(record)))
    }

    fn name(&self, name: &'a Ident) -> Evaluated<'a> {
        let mut binder = self.binder;
        while let Some(Binder { name: bound, value, outer }) = binder {
            if **bound == *name.text {
                return Ok(Cow::Borrowed(value));
            }
            binder = *outer;
        }
        self.scope.name(&name.text).ok_or_else(|| unknown(name, ""))
    }

    fn unary(&self, op: UnaryOp, operand: &'a Expr) -> Evaluated<'a> {
        match op {
            UnaryOp::Not => Ok(Cow::Owned(Value::Bool(!self.truth(operand, "what `not` turns")?))),
            UnaryOp::Negate => match &*self.eval(operand)? {
                Value::Number(number) => Ok(Cow::Owned(Value::Number(Number::neg(number)))),
                other => Err(operator::wrong_kind("what `-` turns", "a number", other, operand.span)),
            },
        }
    }
}

/// The operand that stands first in `expr` and is evaluated first.
fn left_operand(expr: &Expr) -> Option<&Expr> {
    match &expr.kind {
        ExprKind::Field(left, _)
        | ExprKind::Index(left, _)
        | ExprKind::With(left, _)
        | ExprKind::Binary(_, left, _) => Some(left),
        _ => None,
    }
}

fn unknown(name: &Ident, sigil: &str) -> EvalError {
    EvalError::new(Code::UNKNOWN_NAME, name.span, format!("there is no `{sigil}{}` here", name.text))
}
