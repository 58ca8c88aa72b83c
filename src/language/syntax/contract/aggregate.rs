use std::sync::Arc;

use super::super::{Expr, FieldExpr, Ident};
use super::{FieldDecl, QueryDecl, TypeExpr};
use crate::text::{Span, Spanned};

/// `aggregate Order`, and what follows it up to the next aggregate, type or view.
#[derive(Clone, Debug)]
pub struct AggregateDecl {
    /// Its name.
    pub name: Ident,
    /// `state status: …`.
    pub states: Vec<StateDecl>,
    /// `command CreateOrder { … }`.
    pub commands: Vec<CommandDecl>,
    /// `event OrderCreated { … }`.
    pub events: Vec<EventDecl>,
    /// `query GetOrderDetails`.
    pub queries: Vec<QueryDecl>,
    /// `invariant "…": …`.
    pub invariants: Vec<Invariant>,
    /// `aggregate` and the name.
    pub span: Span,
}

/// `state items: [Item] = []`.
#[derive(Clone, Debug)]
pub struct StateDecl {
    /// Its name.
    pub name: Ident,
    /// Its type.
    pub ty: TypeExpr,
    /// What it is before the first command. Without it: an enum's first member, null for `T?`.
    pub default: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// `command CreateOrder { … }` and its clauses. Without `emits`, `set` and `no effect` its effects are unspecified.
#[derive(Clone, Debug)]
pub struct CommandDecl {
    /// Its name.
    pub name: Ident,
    /// What it carries.
    pub fields: Vec<FieldDecl>,
    /// `reject X when …`, in file order.
    pub rejects: Vec<Reject>,
    /// `in order`: of several rejections that apply the first is the one.
    pub in_order: Option<Span>,
    /// `atomic`: effects on two aggregates become visible together.
    pub atomic: Option<Span>,
    /// `no effect`.
    pub no_effect: Option<Span>,
    /// `emits E { … }`, in file order.
    pub emits: Vec<Emit>,
    /// `set a = …`, in file order.
    pub sets: Vec<Set>,
    /// `command`, the name and the fields.
    pub span: Span,
}

/// `reject OrderNotFound when self.status == absent`.
#[derive(Clone, Debug)]
pub struct Reject {
    /// The rejection.
    pub code: Ident,
    /// When it applies.
    pub when: Expr,
    /// All of it.
    pub span: Span,
}

/// `emits OrderCreated { customer, items }`.
#[derive(Clone, Debug)]
pub struct Emit {
    /// The event.
    pub event: Ident,
    /// What it carries.
    pub fields: Vec<FieldExpr>,
    /// All of it.
    pub span: Span,
}

/// `set items = …`, `set to.balance = …`. Expressions read the state before.
#[derive(Clone, Debug)]
pub struct Set {
    /// What is set: a state, or a field that refers to an aggregate and a state of that.
    pub path: Vec<Ident>,
    /// What to.
    pub value: Expr,
    /// All of it.
    pub span: Span,
}

/// `event OrderCreated { customer, items }` and what it does.
#[derive(Clone, Debug)]
pub struct EventDecl {
    /// Its name.
    pub name: Ident,
    /// What it carries.
    pub fields: Vec<FieldDecl>,
    /// `set a = …`, in file order.
    pub sets: Vec<Set>,
    /// `event`, the name and the fields.
    pub span: Span,
}

/// `invariant "a live order has items": …`.
#[derive(Clone, Debug)]
pub struct Invariant {
    /// What it says.
    pub name: Spanned<Arc<str>>,
    /// What always holds.
    pub condition: Expr,
    /// All of it.
    pub span: Span,
}
