//! From a call to the function's code.

use std::borrow::Cow;

use super::super::EvalError;
use super::super::eval::{Env, Evaluated};
use super::elements::Elements;
use super::{FUNCTIONS, Function};
use crate::language::syntax::{Expr, ExprKind, Fold, Ident};
use crate::text::{Code, Span, did_you_mean};
use crate::value::Value;

/// The code of a function of plain values: those, and where each is written.
type Plain = fn(&Env<'_>, &[Cow<'_, Value>], &[Expr]) -> Result<Value, EvalError>;

/// What a function does.
#[derive(Debug)]
pub(super) enum Shape {
    /// Goes over a list; `needs_body` if `f(list)` alone makes no sense.
    OverList { needs_body: bool, run: fn(&Elements<'_>) -> Result<Value, EvalError> },
    /// Takes `arity` values as they are.
    Plain { arity: usize, run: Plain },
}

/// `f(a, b)`.
pub(in crate::contract::expr) fn call<'a>(
    env: &Env<'a>,
    name: &Ident,
    arguments: &'a [Expr],
    span: Span,
) -> Evaluated<'a> {
    let function = find(name)?;
    match (&function.shape, arguments) {
        (Shape::OverList { needs_body: false, run }, [list]) => {
            let value = env.eval(list)?;
            run(&Elements::new(*env, (&value, list.span), None, span)?).map(Cow::Owned)
        }
        (Shape::Plain { arity, run }, _) if arguments.len() == *arity => {
            let values =
                arguments.iter().map(|argument| env.eval(argument)).collect::<Result<Vec<_>, _>>()?;
            run(env, &values, arguments).map(Cow::Owned)
        }
        _ => Err(wrong_form(function, span)),
    }
}

/// `f(x in list, body)`.
pub(in crate::contract::expr) fn fold<'a>(env: &Env<'a>, fold: &'a Fold, span: Span) -> Evaluated<'a> {
    let function = find(&fold.function)?;
    match &function.shape {
        Shape::OverList { needs_body, run } if fold.body.is_some() || !needs_body => {
            let list = env.eval(&fold.list)?;
            run(&Elements::new(*env, (&list, fold.list.span), Some(fold), span)?).map(Cow::Owned)
        }
        _ => Err(wrong_form(function, span)),
    }
}

/// What is wrong with the form of a call, whatever its arguments are.
pub(crate) fn misused(expr: &Expr) -> Option<EvalError> {
    let (name, fits): (&Ident, &dyn Fn(&Shape) -> bool) = match &expr.kind {
        ExprKind::Call(name, arguments) => (name, &|shape| match shape {
            Shape::OverList { needs_body, .. } => arguments.len() == 1 && !needs_body,
            Shape::Plain { arity, .. } => arguments.len() == *arity,
        }),
        ExprKind::Fold(fold) => (&fold.function, &|shape| match shape {
            Shape::OverList { needs_body, .. } => fold.body.is_some() || !needs_body,
            Shape::Plain { .. } => false,
        }),
        _ => return None,
    };
    match find(name) {
        Ok(function) => (!fits(&function.shape)).then(|| wrong_form(function, expr.span)),
        Err(error) => Some(error),
    }
}

fn find(name: &Ident) -> Result<&'static Function, EvalError> {
    FUNCTIONS.iter().find(|function| *function.name == *name.text).ok_or_else(|| {
        let message = format!("there is no function `{}`", name.text);
        let names = || FUNCTIONS.iter().map(|function| function.name);
        EvalError::new(Code::UNKNOWN_FUNCTION, name.span, message).fix(
            match did_you_mean(&name.text, names()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("there are {}", names().collect::<Vec<_>>().join(", ")),
            },
        )
    })
}

fn wrong_form(function: &Function, span: Span) -> EvalError {
    let forms = function.forms.iter().map(|form| format!("`{form}`")).collect::<Vec<_>>().join(" or ");
    EvalError::new(Code::WRONG_ARGUMENTS, span, format!("`{}` can't be used like this", function.name))
        .fix(format!("write {forms}"))
}
