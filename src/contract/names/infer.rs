//! The types of expressions, as far as they are certain.

use std::sync::Arc;

use super::{ALL, Contract, FieldDef, RecordType, Type};
use crate::language::syntax::contract::Lasts;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, FieldExpr, Fold, UnaryOp};
use crate::text::Span;
use crate::value::Value;

/// What the names in an expression stand for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'a> {
    pub(super) contract: &'a Contract,
    /// The aggregate that `self` is, if there is one.
    pub(super) aggregate: Option<&'a str>,
    /// The fields of the command, event, query or view.
    pub(super) fields: &'a [FieldDef],
    /// Names bound around the expression.
    pub(super) bound: Option<&'a Bound<'a>>,
}

/// A name bound by `f(name in …)`, and those around it.
#[derive(Debug)]
pub(super) struct Bound<'a> {
    pub(super) name: &'a str,
    pub(super) ty: Type,
    pub(super) outer: Option<&'a Bound<'a>>,
}

impl<'a> Scope<'a> {
    /// The type of `name`, if something is called so: an element, a field, or `self`.
    pub(super) fn lookup(&self, name: &str) -> Option<Type> {
        let mut bound = self.bound;
        while let Some(here) = bound {
            if here.name == name {
                return Some(here.ty.clone());
            }
            bound = here.outer;
        }
        if let Some(field) = self.fields.iter().find(|field| &*field.name == name) {
            return Some(field.ty.clone());
        }
        match (name, self.aggregate) {
            ("self", Some(aggregate)) => Some(Type::Reference(aggregate.into())),
            ("self", None) => Some(Type::Unknown),
            (ALL, Some(aggregate)) => Some(Type::List(Arc::new(Type::Reference(aggregate.into())))),
            _ => None,
        }
    }

    /// Whether `name` is bound by a function around the expression.
    pub(super) fn is_bound(&self, name: &str) -> bool {
        let mut bound = self.bound;
        while let Some(here) = bound {
            if here.name == name {
                return true;
            }
            bound = here.outer;
        }
        false
    }

    /// The type of the state called `name` of the aggregate that `self` is.
    pub(super) fn state(&self, name: &str) -> Option<&'a Type> {
        let aggregate = self.contract.aggregate(self.aggregate?)?;
        aggregate.state.field(name).map(|state| &state.ty)
    }

    /// All names that stand for something.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let mut names = vec!["self"];
        names.extend(self.fields.iter().map(|field| &*field.name));
        let mut bound = self.bound;
        while let Some(here) = bound {
            names.push(here.name);
            bound = here.outer;
        }
        names
    }

    /// The same scope with one more name.
    pub(super) fn with<'b>(&self, bound: &'b Bound<'b>) -> Scope<'b>
    where
        'a: 'b,
    {
        Scope { bound: Some(bound), ..*self }
    }

    /// The type of an expression; unknown where that is not certain.
    pub(super) fn infer(&self, expr: &Expr) -> Type {
        match &expr.kind {
            ExprKind::Literal(Value::Bool(_)) | ExprKind::Unary(UnaryOp::Not, _) => Type::Bool,
            ExprKind::Literal(Value::Number(number)) if number.is_whole() => Type::int(),
            ExprKind::Literal(Value::Number(_)) => Type::decimal(),
            ExprKind::Literal(Value::Text(_)) => Type::text(),
            ExprKind::List(items) => {
                let element = items.iter().map(|item| self.infer(item)).reduce(Type::join);
                Type::List(Arc::new(element.unwrap_or(Type::Unknown)))
            }
            ExprKind::Record(fields) => self.record(fields),
            ExprKind::Name(name) => self.lookup(&name.text).unwrap_or(Type::Unknown),
            ExprKind::Field(base, field) => self.field(&self.infer(base), &field.text),
            ExprKind::Index(base, _) => self.infer(base).element().cloned().unwrap_or(Type::Unknown),
            ExprKind::Unary(UnaryOp::Negate, operand) => number(&self.infer(operand)),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::If(_, yes, no) => self.infer(yes).join(self.infer(no)),
            ExprKind::With(base, _) => self.infer(base),
            ExprKind::Call(function, arguments) => match &*function.text {
                "count" => Type::int(),
                "contains" | "any" | "all" => Type::Bool,
                "distinct" | "filter" => arguments.first().map_or(Type::Unknown, |list| self.infer(list)),
                "sum" => {
                    let list = arguments.first().map_or(Type::Unknown, |list| self.infer(list));
                    number(list.element().unwrap_or(&Type::Unknown))
                }
                _ => Type::Unknown,
            },
            ExprKind::Fold(fold) => self.fold(fold),
            ExprKind::New(aggregate) => Type::Reference((&*aggregate.text).into()),
            ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::Unique(_) => Type::Unknown,
        }
    }

    /// The type of `base.name`.
    pub(super) fn field(&self, base: &Type, name: &str) -> Type {
        let found = match base {
            Type::Record(record) => record.field(name).map(|field| field.ty.clone()),
            Type::Reference(aggregate) => {
                let state =
                    self.contract.aggregate(aggregate).and_then(|aggregate| aggregate.state.field(name));
                state.map(|field| field.ty.clone())
            }
            Type::Optional(inner) => return self.field(inner, name),
            _ => None,
        };
        found.unwrap_or(Type::Unknown)
    }

    fn record(&self, fields: &[FieldExpr]) -> Type {
        let fields =
            fields.iter().map(|field| shown(&field.name.text, self.infer(&field.value), field.name.span));
        Type::Record(Arc::new(RecordType { name: None, fields: fields.collect(), open: false }))
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Type {
        match op {
            BinaryOp::Or | BinaryOp::And | BinaryOp::Compare(_) => Type::Bool,
            BinaryOp::Add => match (self.infer(left), self.infer(right)) {
                (list @ (Type::List(_) | Type::Bag(_)), _) => list,
                (left, right) => number(&left.join(right)),
            },
            BinaryOp::Subtract | BinaryOp::Multiply => number(&self.infer(left).join(self.infer(right))),
        }
    }

    fn fold(&self, fold: &Fold) -> Type {
        let list = self.infer(&fold.list);
        let element = list.element().cloned().unwrap_or(Type::Unknown);
        let bound = Bound { name: &fold.binder.text, ty: element.clone(), outer: self.bound };
        let body = |scope: &Self| {
            fold.body.as_ref().map_or_else(|| element.clone(), |body| scope.with(&bound).infer(body))
        };
        match &*fold.function.text {
            "count" => Type::int(),
            "any" | "all" | "contains" => Type::Bool,
            "sum" => number(&body(self)),
            "filter" => list,
            "map" => Type::List(Arc::new(body(self))),
            // Of an empty list they are nothing.
            _ => Type::Unknown,
        }
    }
}

/// A field of something that is shown, or of a record that is written out.
pub(super) fn shown(name: &Arc<str>, ty: Type, span: Span) -> FieldDef {
    FieldDef {
        name: name.clone(),
        ty,
        default: None,
        try_range: None,
        chosen: false,
        lasts: Lasts::default(),
        span,
    }
}

/// What comes out of arithmetic: a number without limits, or nothing certain.
fn number(operands: &Type) -> Type {
    match operands {
        Type::Int(_) => Type::int(),
        Type::Decimal(_) => Type::decimal(),
        _ => Type::Unknown,
    }
}

impl Type {
    /// The type of something that is one of both; unknown where they don't agree.
    pub(super) fn join(self, other: Self) -> Self {
        match (self, other) {
            (Self::Int(_), Self::Int(_)) => Self::int(),
            (Self::Int(_) | Self::Decimal(_), Self::Int(_) | Self::Decimal(_)) => Self::decimal(),
            (Self::Text { .. }, Self::Text { .. }) => Self::text(),
            (Self::Id, Self::Id) => Self::Id,
            (Self::Bool, Self::Bool) => Self::Bool,
            (Self::Instant, Self::Instant) => Self::Instant,
            (Self::Enum(one), Self::Enum(other)) if one == other => Self::Enum(one),
            (Self::Reference(one), Self::Reference(other)) if one == other => Self::Reference(one),
            (Self::Record(one), Self::Record(other)) if one.is_same(&other) => Self::Record(one),
            (Self::List(one), Self::List(other)) => {
                Self::List(Arc::new((*one).clone().join((*other).clone())))
            }
            (Self::Optional(one), Self::Optional(other)) => {
                Self::Optional(Arc::new((*one).clone().join((*other).clone())))
            }
            _ => Self::Unknown,
        }
    }
}

impl RecordType {
    fn is_same(&self, other: &Self) -> bool {
        self.name.is_some() && self.name == other.name
    }
}
