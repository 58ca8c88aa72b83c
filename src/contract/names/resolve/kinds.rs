//! Whether what an expression is made of is of the kind that its place needs, as far as that is certain.

use super::names::Names;
use crate::contract::Type;
use crate::contract::expr::misused;
use crate::contract::names::check::{unknown_field, wrong};
use crate::contract::names::infer::Scope;
use crate::language::syntax::{BinaryOp, CompareOp, Expr, ExprKind, FieldExpr, Fold, UnaryOp};
use crate::text::{Code, Diagnostic};
use crate::value::Value;

/// A kind of value. An id is of none: it is a text, but services may show it as a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Text,
    Truth,
    Number,
    List,
    Record,
}

impl Kind {
    fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Truth => "true or false",
            Self::Number => "a number",
            Self::List => "a list",
            Self::Record => "a record",
        }
    }
}

impl Type {
    /// What kind its values are of, but for null.
    fn kind(&self) -> Option<Kind> {
        match self {
            Self::Text { .. } | Self::Instant | Self::Enum(_) => Some(Kind::Text),
            Self::Int(_) | Self::Decimal(_) => Some(Kind::Number),
            Self::Bool => Some(Kind::Truth),
            Self::List(_) | Self::Bag(_) => Some(Kind::List),
            Self::Record(_) => Some(Kind::Record),
            Self::Optional(inner) => inner.kind(),
            Self::Id | Self::Reference(_) | Self::Unknown => None,
        }
    }

    /// Whether this can't be where `wanted` is: nothing of it fits.
    fn is_foreign_to(&self, wanted: &Self) -> bool {
        match (wanted, self) {
            (Self::Optional(wanted), found) => found.is_foreign_to(wanted),
            (wanted, Self::Optional(found)) => found.is_foreign_to(wanted),
            (Self::Id | Self::Reference(_), found) => found.kind().is_some_and(|kind| kind != Kind::Text),
            (wanted, Self::Id | Self::Reference(_)) => wanted.kind().is_some_and(|kind| kind != Kind::Text),
            (Self::Enum(wanted), Self::Enum(found)) => !found.iter().any(|member| wanted.contains(member)),
            (Self::List(wanted) | Self::Bag(wanted), Self::List(found) | Self::Bag(found)) => {
                found.is_foreign_to(wanted)
            }
            (Self::Record(wanted), Self::Record(found)) => wanted.fields.iter().any(|field| {
                found
                    .field(&field.name)
                    .map_or(field.is_required(), |found| found.ty.is_foreign_to(&field.ty))
            }),
            (wanted, found) => matches!((wanted.kind(), found.kind()), (Some(a), Some(b)) if a != b),
        }
    }
}

impl Names<'_> {
    /// Checks what an expression needs of its parts; theirs were checked before.
    pub(super) fn kinds(&mut self, scope: Scope<'_>, expr: &Expr) {
        match &expr.kind {
            ExprKind::Unary(UnaryOp::Not, operand) => self.needs(scope, operand, "`not` turns", Kind::Truth),
            ExprKind::Unary(UnaryOp::Negate, operand) => {
                self.needs(scope, operand, "`-` turns", Kind::Number);
            }
            ExprKind::If(condition, ..) => self.needs(scope, condition, "`if` asks", Kind::Truth),
            ExprKind::Binary(op, left, right) => self.operands(scope, *op, left, right),
            ExprKind::With(base, fields) => self.changed(scope, base, fields),
            ExprKind::Call(function, arguments) => {
                if let Some(error) = misused(expr) {
                    self.out.push(|| error.into());
                } else if let Some(list) = arguments.first() {
                    self.needs(scope, list, &format!("`{}` goes over", function.text), Kind::List);
                }
            }
            ExprKind::Fold(fold) => {
                if let Some(error) = misused(expr) {
                    self.out.push(|| error.into());
                } else {
                    self.needs(scope, &fold.list, &format!("`{}` goes over", fold.function.text), Kind::List);
                }
            }
            _ => {}
        }
    }

    /// What a function asks of each element.
    pub(super) fn body(&mut self, scope: Scope<'_>, fold: &Fold) {
        let Some(body) = &fold.body else { return };
        let name = &*fold.function.text;
        match name {
            "count" | "any" | "all" | "filter" => {
                self.needs(scope, body, &format!("`{name}` asks"), Kind::Truth);
            }
            "sum" => self.needs(scope, body, "`sum` adds", Kind::Number),
            _ => {}
        }
    }

    /// A condition.
    pub(super) fn condition(&mut self, scope: Scope<'_>, expr: &Expr) {
        self.expression(scope, expr);
        self.needs(scope, expr, "a condition says", Kind::Truth);
    }

    fn operands(&mut self, scope: Scope<'_>, op: BinaryOp, left: &Expr, right: &Expr) {
        let what = match op {
            BinaryOp::Or => ("`or` joins", Kind::Truth),
            BinaryOp::And => ("`and` joins", Kind::Truth),
            BinaryOp::Subtract => ("`-` subtracts", Kind::Number),
            BinaryOp::Multiply => ("`*` multiplies", Kind::Number),
            BinaryOp::Add => return self.added(scope, left, right),
            BinaryOp::Compare(op) => return self.compared(scope, op, left, right),
        };
        for operand in [left, right] {
            self.needs(scope, operand, what.0, what.1);
        }
    }

    fn added(&mut self, scope: Scope<'_>, left: &Expr, right: &Expr) {
        match (kind(scope, left), kind(scope, right)) {
            (Some(Kind::List), Some(other)) if other != Kind::List => {
                self.wrong_kind(right, "`+` joins two lists; this is", other);
            }
            (Some(other), Some(Kind::List)) if other != Kind::List => {
                self.wrong_kind(left, "`+` joins two lists; this is", other);
            }
            kinds => {
                for (operand, kind) in [(left, kinds.0), (right, kinds.1)] {
                    if let Some(kind @ (Kind::Text | Kind::Truth | Kind::Record)) = kind {
                        self.wrong_kind(operand, "`+` adds two numbers or joins two lists; this is", kind);
                    }
                }
            }
        }
    }

    fn compared(&mut self, scope: Scope<'_>, op: CompareOp, left: &Expr, right: &Expr) {
        let kinds = [kind(scope, left), kind(scope, right)];
        if !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
            for (operand, kind) in [left, right].into_iter().zip(kinds) {
                if let Some(kind @ (Kind::Truth | Kind::List | Kind::Record)) = kind {
                    return self.wrong_kind(operand, "only numbers and texts have an order; this is", kind);
                }
            }
        }
        if let [Some(left), Some(other)] = kinds
            && left != other
        {
            let message = format!("{} is compared with", left.in_words());
            self.wrong_kind(right, &message, other);
        }
    }

    /// `base with { field: … }`: the fields must be the record's own.
    fn changed(&mut self, scope: Scope<'_>, base: &Expr, fields: &[FieldExpr]) {
        let ty = scope.infer(base);
        if let Type::Reference(_) = ty {
            let message = "an aggregate can't be changed with `with`; its states are `set`";
            self.out.push(|| {
                Diagnostic::error(Code::WRONG_TYPE, base.span, message)
                    .advise("write `set` and the state under the command or the event")
            });
            return;
        }
        self.needs(scope, base, "`with` changes", Kind::Record);
        if let Type::Record(record) = &ty {
            self.given(scope, &record.fields, fields);
        }
    }

    fn given(&mut self, scope: Scope<'_>, declared: &[crate::contract::FieldDef], fields: &[FieldExpr]) {
        for field in fields {
            let name = &*field.name.text;
            match declared.iter().find(|declared| *declared.name == *name) {
                Some(found) => self.fits(scope, &format!("`{name}`"), &found.ty, &field.value),
                None => self.out.push(|| unknown_field("the record", declared, name, field.name.span)),
            }
        }
    }

    /// Checks a value that is put where a type is declared; `what` names that place.
    pub(super) fn fits(&mut self, scope: Scope<'_>, what: &str, ty: &Type, value: &Expr) {
        if self.out.is_full() {
            return;
        }
        match (ty, &value.kind) {
            (Type::Unknown, _) | (Type::Optional(_), ExprKind::Literal(Value::Null)) => {}
            (Type::Optional(inner), _) => self.fits(scope, what, inner, value),
            (_, ExprKind::Literal(Value::Null)) => {
                let diagnostic = wrong(what, ty, "null", value.span);
                self.out.push(|| diagnostic.advise("make its type optional: `T?`"));
            }
            (_, ExprKind::If(_, yes, no)) => {
                self.fits(scope, what, ty, yes);
                self.fits(scope, what, ty, no);
            }
            (Type::Enum(members), ExprKind::Name(name)) if scope.lookup(&name.text).is_none() => {
                self.enum_member(name, members, what);
            }
            (Type::List(element) | Type::Bag(element), ExprKind::List(items)) => {
                for item in items {
                    self.fits(scope, &format!("an element of {what}"), element, item);
                }
            }
            (Type::List(_) | Type::Bag(_), ExprKind::Binary(BinaryOp::Add, left, right)) => {
                self.fits(scope, what, ty, left);
                self.fits(scope, what, ty, right);
            }
            (Type::Record(record), ExprKind::Record(fields)) => {
                self.given(scope, &record.fields, fields);
                let missing = record.fields.iter().find(|field| {
                    field.is_required() && !fields.iter().any(|given| given.name.text == field.name)
                });
                if let Some(field) = missing {
                    let message = format!("{what} needs `{}`", field.name);
                    self.out.push(|| {
                        Diagnostic::error(Code::MISSING_FIELD, value.span, message)
                            .advise(format!("add `{}`", field.name))
                    });
                }
            }
            (_, ExprKind::Literal(_)) => {
                for diagnostic in ty.check(what, value) {
                    self.out.push(|| diagnostic);
                }
            }
            _ => {
                let found = scope.infer(value);
                if found.is_foreign_to(ty) {
                    let diagnostic = wrong(what, ty, &found.in_words(), value.span);
                    self.out.push(|| diagnostic);
                }
            }
        }
    }

    fn needs(&mut self, scope: Scope<'_>, expr: &Expr, what: &str, needed: Kind) {
        if let Some(found) = kind(scope, expr)
            && found != needed
        {
            self.wrong_kind(expr, &format!("what {what} must be {}; this is", needed.in_words()), found);
        }
    }

    fn wrong_kind(&mut self, expr: &Expr, what: &str, found: Kind) {
        let (span, found) = (expr.span, found.in_words());
        let message = format!("{what} {found}");
        self.out.push(|| Diagnostic::error(Code::WRONG_TYPE, span, message).label(found));
    }
}

/// The kind of an expression, where it is certain. Of a chain of operators only the last is looked at, since each part of
/// it is checked by itself.
fn kind(scope: Scope<'_>, expr: &Expr) -> Option<Kind> {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Not, _)
        | ExprKind::Binary(BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_), ..) => Some(Kind::Truth),
        ExprKind::Unary(UnaryOp::Negate, _)
        | ExprKind::Binary(BinaryOp::Subtract | BinaryOp::Multiply, ..) => Some(Kind::Number),
        ExprKind::Binary(BinaryOp::Add, _, right) => {
            kind(scope, right).filter(|kind| matches!(kind, Kind::Number | Kind::List))
        }
        ExprKind::Literal(Value::Null) => None,
        _ => scope.infer(expr).kind(),
    }
}
