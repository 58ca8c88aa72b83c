//! Whether what a scenario writes is of the kind that the contract says.
//!
//! Only kinds are looked at: a scenario may send a value outside of its range on purpose. What is only known when the
//! scenario runs (variables, computed values) passes.

use std::sync::Arc;

use super::{FieldDef, RecordType, Type};
use crate::language::syntax::{Expr, ExprKind, FieldExpr, UnaryOp};
use crate::text::{Code, Diagnostic, Span, did_you_mean};
use crate::value::Value;

impl Type {
    /// What is wrong with `value` for something of this type; `what` names that ("`quantity`").
    pub fn check(&self, what: &str, value: &Expr) -> Vec<Diagnostic> {
        let mut out = Vec::new();
        self.check_value(what, value, &mut out);
        out
    }

    pub(super) fn check_value(&self, what: &str, value: &Expr, out: &mut Vec<Diagnostic>) {
        let found = match (self, &value.kind) {
            (Self::Optional(inner), _) => return inner.check_value(what, value, out),
            (Self::List(element) | Self::Bag(element), ExprKind::List(items)) => {
                for item in items {
                    element.check_value(&format!("an element of {what}"), item, out);
                }
                return;
            }
            (Self::Record(record), ExprKind::Record(fields)) => {
                return record.check_fields(what, fields, value.span, out);
            }
            (Self::Enum(members), ExprKind::Literal(Value::Text(text))) => {
                return check_member(what, members, text, value.span, out);
            }
            (Self::Int(_), ExprKind::Literal(Value::Number(number))) if !number.is_whole() => "a fraction",
            (Self::Reference(wanted), ExprKind::New(aggregate)) if **wanted != *aggregate.text => {
                out.push(wrong(what, self, &format!("the id of `{}`", aggregate.text), value.span));
                return;
            }
            (_, ExprKind::Unary(UnaryOp::Negate, inner))
                if matches!(inner.kind, ExprKind::Literal(Value::Number(_))) =>
            {
                match (self, &inner.kind) {
                    (Self::Int(_), ExprKind::Literal(Value::Number(number))) if !number.is_whole() => {
                        "a fraction"
                    }
                    (Self::Int(_) | Self::Decimal(_) | Self::Unknown, _) => return,
                    _ => "a number",
                }
            }
            (_, kind) => match literal(kind) {
                Some(literal) if !self.takes(literal) => literal.in_words(),
                _ => return,
            },
        };
        out.push(wrong(what, self, found, value.span));
    }

    /// Whether values of this type can be written like this.
    pub(super) fn takes(&self, literal: Literal) -> bool {
        match self {
            Self::Unknown => true,
            Self::Id | Self::Reference(_) => matches!(literal, Literal::Text | Literal::Number),
            Self::Text { .. } | Self::Instant | Self::Enum(_) => literal == Literal::Text,
            Self::Int(_) | Self::Decimal(_) => literal == Literal::Number,
            Self::Bool => literal == Literal::Bool,
            Self::List(_) | Self::Bag(_) => literal == Literal::List,
            Self::Record(_) => literal == Literal::Record,
            Self::Optional(inner) => inner.takes(literal),
        }
    }
}

/// What a value that is written out looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Literal {
    Text,
    Number,
    Bool,
    List,
    Record,
}

impl Literal {
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Bool => "a truth value",
            Self::List => "a list",
            Self::Record => "a record",
        }
    }
}

fn literal(kind: &ExprKind) -> Option<Literal> {
    match kind {
        ExprKind::Literal(Value::Text(_)) => Some(Literal::Text),
        ExprKind::Literal(Value::Number(_)) => Some(Literal::Number),
        ExprKind::Literal(Value::Bool(_)) => Some(Literal::Bool),
        ExprKind::List(_) => Some(Literal::List),
        ExprKind::Record(_) => Some(Literal::Record),
        // Null may be sent on purpose; the rest is known only when the scenario runs.
        _ => None,
    }
}

pub(super) fn wrong(what: &str, ty: &Type, found: &str, span: Span) -> Diagnostic {
    Diagnostic::error(Code::WRONG_TYPE, span, format!("{what} is {}, not {found}", ty.in_words()))
        .label(found)
}

pub(super) fn check_member(
    what: &str,
    members: &[Arc<str>],
    text: &str,
    span: Span,
    out: &mut Vec<Diagnostic>,
) {
    if members.iter().any(|member| **member == *text) {
        return;
    }
    let diagnostic = Diagnostic::error(Code::UNKNOWN_MEMBER, span, format!("{what} is never `{text}`"));
    out.push(if let Some(member) = did_you_mean(text, members.iter().map(|member| &**member)) {
        diagnostic.replace(format!("did you mean `{member}`?"), format!("\"{member}\""))
    } else {
        let members: Vec<String> = members.iter().map(|member| format!("`{member}`")).collect();
        diagnostic.advise(format!("it is one of {}", members.join(", ")))
    });
}

impl RecordType {
    fn check_fields(&self, what: &str, given: &[FieldExpr], span: Span, out: &mut Vec<Diagnostic>) {
        let owner = match &self.name {
            Some(name) => format!("`{name}`"),
            None => what.into(),
        };
        out.extend(check_fields(&owner, &self.fields, given, span));
    }
}

/// What is wrong with the fields that are `given` to `owner` ("`CreateOrder`"), which has the fields `declared`:
/// unknown ones, missing ones (reported at `span`), and values of another kind.
pub fn check_fields(owner: &str, declared: &[FieldDef], given: &[FieldExpr], span: Span) -> Vec<Diagnostic> {
    let mut out = Vec::new();
    for field in given {
        let name = &*field.name.text;
        match declared.iter().find(|declared| &*declared.name == name) {
            Some(declared) => declared.ty.check_value(&format!("`{name}`"), &field.value, &mut out),
            None => out.push(unknown_field(owner, declared, name, field.name.span)),
        }
    }
    let missing: Vec<&FieldDef> = declared
        .iter()
        .filter(|field| field.is_required() && !given.iter().any(|given| given.name.text == field.name))
        .collect();
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(|field| format!("`{}`", field.name)).collect();
        let names = names.join(" and ");
        out.push(
            Diagnostic::error(Code::MISSING_FIELD, span, format!("{owner} needs {names}"))
                .label(format!("{names} missing"))
                .advise(format!("add {}", example(&missing))),
        );
    }
    out
}

pub(super) fn unknown_field(owner: &str, declared: &[FieldDef], name: &str, span: Span) -> Diagnostic {
    let names = || declared.iter().map(|field| &*field.name);
    let diagnostic = Diagnostic::error(Code::UNKNOWN_FIELD, span, format!("{owner} has no field `{name}`"));
    match did_you_mean(name, names()) {
        Some(known) => diagnostic.suggest(Some(known)),
        None if declared.is_empty() => diagnostic.advise("it has no fields at all"),
        None => {
            let names: Vec<String> = names().map(|name| format!("`{name}`")).collect();
            diagnostic.advise(format!("its fields are {}", names.join(", ")))
        }
    }
}

fn example(fields: &[&FieldDef]) -> String {
    let parts: Vec<String> =
        fields.iter().map(|field| format!("{}: {}", field.name, sample(&field.ty))).collect();
    format!("`{}`", parts.join(", "))
}

fn sample(ty: &Type) -> &str {
    match ty {
        Type::Int(_) => "1",
        Type::Decimal(_) => "1.00",
        Type::Bool => "true",
        Type::List(_) | Type::Bag(_) => "[…]",
        Type::Record(_) => "{ … }",
        Type::Reference(_) => "$x",
        Type::Enum(_) | Type::Id | Type::Text { .. } | Type::Instant => "\"…\"",
        Type::Optional(inner) => sample(inner),
        Type::Unknown => "…",
    }
}
