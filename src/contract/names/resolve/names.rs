//! The names in one expression.

use std::collections::HashSet;
use std::sync::Arc;

use crate::contract::Type;
use crate::contract::names::infer::{Bound, Scope};
use crate::language::Sink;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, FieldExpr, Fold, Ident};
use crate::text::{Code, Diagnostic, did_you_mean};

/// Checks names in expressions, and says what is wrong with them.
pub(super) struct Names<'a> {
    /// The members of all enums: a bare name may be any of them.
    pub(super) members: HashSet<&'a str>,
    pub(super) out: &'a mut Sink,
}

impl Names<'_> {
    /// Checks the names in an expression, and the kinds of its parts.
    pub(super) fn expression(&mut self, scope: Scope<'_>, expr: &Expr) {
        // Suggestions take time, and nobody would read them.
        if self.out.is_full() {
            return;
        }
        self.parts(scope, expr);
        self.kinds(scope, expr);
    }

    fn parts(&mut self, scope: Scope<'_>, expr: &Expr) {
        match &expr.kind {
            ExprKind::Name(name) => self.name(scope, name),
            ExprKind::Field(base, field) => {
                self.expression(scope, base);
                let ty = scope.infer(base);
                self.reachable(scope, base, &ty);
                self.member(scope, &ty, field);
            }
            ExprKind::Binary(op, left, right) => self.binary(scope, *op, left, right),
            ExprKind::Index(one, other) => {
                self.expression(scope, one);
                self.expression(scope, other);
            }
            ExprKind::Unary(_, operand) | ExprKind::Unique(operand) => self.expression(scope, operand),
            ExprKind::If(condition, yes, no) => {
                for part in [condition, yes, no] {
                    self.expression(scope, part);
                }
            }
            ExprKind::List(items) | ExprKind::Call(_, items) => {
                for item in items {
                    self.expression(scope, item);
                }
            }
            ExprKind::Record(fields) => self.fields(scope, fields),
            ExprKind::With(base, fields) => {
                self.expression(scope, base);
                self.fields(scope, fields);
            }
            ExprKind::Fold(fold) => self.fold(scope, fold),
            ExprKind::New(aggregate) => {
                if scope.contract.aggregate(&aggregate.text).is_none() {
                    let known = scope.contract.aggregates().map(|aggregate| &*aggregate.name);
                    let known = did_you_mean(&aggregate.text, known);
                    let message = format!("there is no aggregate `{}`", aggregate.text);
                    self.out.push(|| {
                        Diagnostic::error(Code::UNKNOWN_AGGREGATE, aggregate.span, message).suggest(known)
                    });
                }
            }
            ExprKind::Variable(name) => {
                let message = format!("a contract has no variables, so there is no `${}`", name.text);
                self.out.push(|| {
                    Diagnostic::error(Code::UNKNOWN_NAME, name.span, message)
                        .replace(format!("a field is written without `$`: `{}`", name.text), &*name.text)
                });
            }
            ExprKind::Literal(_) => {}
        }
    }

    fn fields(&mut self, scope: Scope<'_>, fields: &[FieldExpr]) {
        for field in fields {
            self.expression(scope, &field.value);
        }
    }

    fn fold(&mut self, scope: Scope<'_>, fold: &Fold) {
        self.expression(scope, &fold.list);
        let element = scope.infer(&fold.list).element().cloned().unwrap_or(Type::Unknown);
        let bound = Bound { name: &fold.binder.text, ty: element, outer: scope.bound };
        if let Some(body) = &fold.body {
            self.expression(scope.with(&bound), body);
            self.body(scope.with(&bound), fold);
        }
    }

    /// A member of an enum that is compared with something of another enum is a slip.
    fn binary(&mut self, scope: Scope<'_>, op: BinaryOp, left: &Expr, right: &Expr) {
        for (one, other) in [(left, right), (right, left)] {
            let wanted = match (&one.kind, op) {
                (ExprKind::Name(name), BinaryOp::Compare(_)) if scope.lookup(&name.text).is_none() => {
                    enum_members(&scope.infer(other)).map(|members| (name, members))
                }
                _ => None,
            };
            match wanted {
                Some((name, members)) => self.enum_member(name, &members, &in_words(other)),
                None => self.expression(scope, one),
            }
        }
    }

    /// A bare name where only `members` may be; `what` names that place.
    pub(super) fn enum_member(&mut self, name: &Ident, members: &[Arc<str>], what: &str) {
        if members.contains(&name.text) {
            return;
        }
        let known = did_you_mean(&name.text, members.iter().map(|member| &**member));
        let message = format!("{what} is never `{}`", name.text);
        let diagnostic = Diagnostic::error(Code::UNKNOWN_MEMBER, name.span, message);
        self.out.push(|| match known {
            Some(_) => diagnostic.suggest(known),
            None => {
                diagnostic.advise(format!("it is one of {}", quoted(members.iter().map(|member| &**member))))
            }
        });
    }

    fn name(&mut self, scope: Scope<'_>, name: &Ident) {
        if scope.lookup(&name.text).is_some() || self.members.contains(&*name.text) {
            return;
        }
        let message = format!("`{}` stands for nothing here", name.text);
        let diagnostic = Diagnostic::error(Code::UNKNOWN_NAME, name.span, message);
        let state = scope
            .aggregate
            .and_then(|aggregate| scope.contract.aggregate(aggregate))
            .map(|found| &found.state);
        if state.is_some_and(|state| state.field(&name.text).is_some()) {
            let own = format!("self.{}", name.text);
            self.out.push(|| diagnostic.replace(format!("a state is written `{own}`"), own));
            return;
        }
        let mut known: Vec<&str> = scope.names();
        known.extend(self.members.iter());
        known.sort_unstable();
        self.out.push(|| match did_you_mean(&name.text, known) {
            Some(found) => diagnostic.suggest(Some(found)),
            None => {
                diagnostic.advise("a name is a field, `self`, a name bound by `in`, or a member of an enum")
            }
        });
    }

    /// States are known of the aggregate itself, and of those that a field of the message refers to: no further.
    fn reachable(&mut self, scope: Scope<'_>, base: &Expr, ty: &Type) {
        let further = match (ty, &base.kind) {
            (Type::Reference(_), ExprKind::Name(name)) => scope.is_bound(&name.text) && &*name.text != "self",
            (Type::Reference(_), _) => true,
            (Type::Optional(inner), _) => matches!(**inner, Type::Reference(_)),
            _ => false,
        };
        if further {
            let message =
                "only a field of the command, event or query leads to another aggregate's state yet";
            self.out.push(|| {
                Diagnostic::error(Code::NOT_YET_SUPPORTED, base.span, message)
                    .advise("compare the id alone, or give the other aggregate in a field of its own that is not optional")
            });
        }
    }

    /// Checks `base.name`, and gives its type.
    pub(super) fn member(&mut self, scope: Scope<'_>, base: &Type, name: &Ident) -> Type {
        let (fields, code, owner) = match base {
            Type::Optional(inner) => return self.member(scope, inner, name),
            Type::Reference(aggregate) => match scope.contract.aggregate(aggregate) {
                Some(found) => {
                    (&found.state.fields, Code::UNKNOWN_STATE, format!("`{aggregate}` has no state"))
                }
                None => return Type::Unknown,
            },
            Type::Record(record) => {
                let owner = record.name.as_ref().map_or("the record".into(), |name| format!("`{name}`"));
                (&record.fields, Code::UNKNOWN_FIELD, format!("{owner} has no field"))
            }
            Type::Unknown => return Type::Unknown,
            other => {
                let message = format!("{} has no field `{}`", other.in_words(), name.text);
                self.out.push(|| Diagnostic::error(Code::WRONG_TYPE, name.span, message));
                return Type::Unknown;
            }
        };
        if let Some(field) = fields.iter().find(|field| field.name == name.text) {
            return field.ty.clone();
        }
        let names = || fields.iter().map(|field| &*field.name);
        let diagnostic = Diagnostic::error(code, name.span, format!("{owner} `{}`", name.text));
        self.out.push(|| match did_you_mean(&name.text, names()) {
            Some(known) => diagnostic.suggest(Some(known)),
            None if &*name.text == "self" => diagnostic.advise(
                "its own states are set by their names alone; those of another aggregate through a field of the command, as in `set to.balance = …`",
            ),
            None => diagnostic.advise(format!("it has {}", quoted(names()))),
        });
        Type::Unknown
    }
}

fn enum_members(ty: &Type) -> Option<std::sync::Arc<[Arc<str>]>> {
    match ty {
        Type::Enum(members) => Some(members.clone()),
        Type::Optional(inner) => enum_members(inner),
        _ => None,
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What a name is compared with, as it is written where that is short.
fn in_words(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Name(name) => format!("`{}`", name.text),
        ExprKind::Field(of, field) => match &of.kind {
            ExprKind::Name(of) => format!("`{}.{}`", of.text, field.text),
            _ => format!("`{}`", field.text),
        },
        _ => "what it is compared with".into(),
    }
}
