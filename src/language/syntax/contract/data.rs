use std::sync::Arc;

use super::super::{Expr, Ident};
use crate::text::{Span, Spanned};
use crate::value::{Moment, Number};

/// `type Item { product: id, quantity: int 1.. }`, `type Sku = string 2..8 [a-z]`.
#[derive(Clone, Debug)]
pub struct TypeDecl {
    /// Its name.
    pub name: Ident,
    /// What it stands for.
    pub kind: TypeDeclKind,
    /// The whole declaration.
    pub span: Span,
}

/// What a [`TypeDecl`] stands for.
#[derive(Clone, Debug)]
pub enum TypeDeclKind {
    /// A record with these fields.
    Record(Vec<FieldDecl>),
    /// Another name for this type.
    Alias(TypeExpr),
}

/// `quantity: int 1.. try 0..12`, `page: int 1.. = 1`, `chosen price: decimal`; in events also `customer` alone.
#[derive(Clone, Debug)]
pub struct FieldDecl {
    /// Its name.
    pub name: Ident,
    /// `chosen`: the service chooses the value.
    pub chosen: Option<Span>,
    /// Its type; an event's field without one has the type of what it is emitted with.
    pub ty: Option<TypeExpr>,
    /// `try 0..12`: what to generate, where that differs from the law.
    pub try_range: Option<TryRange>,
    /// `= 1`: what it is when it is not given.
    pub default: Option<Expr>,
    /// All of it.
    pub span: Span,
}

/// A type as it was written.
#[derive(Clone, Debug)]
pub struct TypeExpr {
    /// What it is.
    pub kind: TypeExprKind,
    /// Where it is.
    pub span: Span,
}

/// What a [`TypeExpr`] is.
#[derive(Clone, Debug)]
pub enum TypeExprKind {
    /// `id`, `bool`, `instant`, or the name of a declared type or aggregate.
    Name(Ident),
    /// `int`, `int 1..100`.
    Int(Option<Bounds>),
    /// `decimal`, `decimal 0.01..`.
    Decimal(Option<Bounds>),
    /// `string`, `string 2..8`, `string 2..8 [a-z]`.
    Text {
        /// How many characters.
        length: Option<Bounds>,
        /// The characters it is made of, as they were written between the brackets.
        alphabet: Option<Spanned<Arc<str>>>,
    },
    /// `absent | pending | confirmed`.
    Enum(Vec<Ident>),
    /// `[T]`.
    List(Box<TypeExpr>),
    /// `bag of T`: a list in whatever order the service likes.
    Bag(Box<TypeExpr>),
    /// `T?`.
    Optional(Box<TypeExpr>),
}

/// What to generate.
#[derive(Clone, Debug)]
pub enum TryRange {
    /// Numbers, or lengths of texts and lists.
    Numbers(Bounds),
    /// `"2026-01-01T00:00:00Z".."2026-12-31T00:00:00Z"`: both ends belong to it.
    Moments {
        /// The first.
        from: Option<Moment>,
        /// The last.
        to: Option<Moment>,
        /// Where it is.
        span: Span,
    },
}

/// `1..100`, `1..`, `..100`: both ends belong to it.
#[derive(Clone, Debug)]
pub struct Bounds {
    /// The least.
    pub min: Option<Number>,
    /// The greatest.
    pub max: Option<Number>,
    /// Where it is.
    pub span: Span,
}
