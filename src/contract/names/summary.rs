//! What a view `summarises`: functions over all aggregates that it is of.
//!
//! In `count(self.status == open)` or `sum(self.balance)` a function goes over all aggregates, and `self` is each in
//! turn. Here that is written out as the language's own folds, so that it is typed and evaluated like everything else.

use crate::language::syntax::{Expr, ExprKind, Fold, Ident};
use crate::text::Span;
use crate::value::Value;

/// The name of the list of all aggregates that a view is of; nobody can write it.
pub(crate) const ALL: &str = "@all";
/// What each of them is called.
const EACH: &str = "self";

/// Writes out which functions of an expression go over all aggregates: the outermost that speak of `self`, and `count`
/// alone.
pub(crate) fn over_all(mut expr: &mut Expr) {
    // Chains of operators lean to the left and may be thousands long: they are walked in a loop.
    loop {
        let span = expr.span;
        if let ExprKind::Name(name) = &expr.kind
            && &*name.text == "count"
        {
            expr.kind = ExprKind::Call(name.clone(), vec![all(span)]);
            return;
        }
        if matches!(expr.kind, ExprKind::Call(..) | ExprKind::Fold(_)) && speaks_of_each(expr) {
            if let Some(written) = written_out(expr) {
                *expr = written;
            }
            return;
        }
        expr = match &mut expr.kind {
            ExprKind::Field(base, _) | ExprKind::Unary(_, base) | ExprKind::Unique(base) => base,
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                over_all(right);
                left
            }
            ExprKind::With(base, fields) => {
                for field in fields {
                    over_all(&mut field.value);
                }
                base
            }
            ExprKind::If(condition, yes, no) => {
                over_all(yes);
                over_all(no);
                condition
            }
            ExprKind::List(items) | ExprKind::Call(_, items) => return items.iter_mut().for_each(over_all),
            ExprKind::Record(fields) => {
                return fields.iter_mut().for_each(|field| over_all(&mut field.value));
            }
            _ => return,
        };
    }
}

fn speaks_of_each(expr: &Expr) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| found |= matches!(&expr.kind, ExprKind::Name(name) if &*name.text == EACH));
    found
}

/// A function as one over all aggregates; nothing where it can't go over them.
fn written_out(expr: &Expr) -> Option<Expr> {
    let span = expr.span;
    match &expr.kind {
        ExprKind::Call(function, arguments) => match &arguments[..] {
            [value] => Some(fold(&function.text, all(span), value.clone(), function.span, span)),
            _ => None,
        },
        // Over the elements of each aggregate's list: of numbers the sum of sums, and so on.
        ExprKind::Fold(inner) => {
            let (function, list) = match &*inner.function.text {
                "sum" | "count" => ("sum", all(span)),
                function @ ("any" | "all") => (function, all(span)),
                // Those whose list is empty have none.
                function @ ("min" | "max") => {
                    let at = inner.list.span;
                    let true_for_each = Expr { kind: ExprKind::Literal(Value::Bool(true)), span: at };
                    let name = Ident { text: "any".into(), span: at };
                    let (binder, list) = (inner.binder.clone(), inner.list.clone());
                    let any = Fold { function: name, binder, list, body: Some(true_for_each) };
                    let some = Expr { kind: ExprKind::Fold(Box::new(any)), span: at };
                    (function, fold("filter", all(span), some, span, span))
                }
                _ => return None,
            };
            Some(fold(function, list, expr.clone(), inner.function.span, span))
        }
        _ => None,
    }
}

fn all(span: Span) -> Expr {
    Expr { kind: ExprKind::Name(Ident { text: ALL.into(), span }), span }
}

fn fold(function: &str, list: Expr, body: Expr, at: Span, span: Span) -> Expr {
    let function = Ident { text: function.into(), span: at };
    let binder = Ident { text: EACH.into(), span: at };
    Expr { kind: ExprKind::Fold(Box::new(Fold { function, binder, list, body: Some(body) })), span }
}
