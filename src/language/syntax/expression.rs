use super::Ident;
use crate::text::Span;
use crate::value::Value;

/// An expression: what scenarios compute values with and contracts state rules with.
#[derive(Clone, Debug)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is.
    pub span: Span,
}

/// `name: value` in a record; in contracts `name` alone is short for `name: name`.
#[derive(Clone, Debug)]
pub struct FieldExpr {
    /// The field.
    pub name: Ident,
    /// Its value.
    pub value: Expr,
}

/// What an [`Expr`] is.
#[derive(Clone, Debug)]
pub enum ExprKind {
    /// `null`, `true`, `29.99`, `1e400`, `"text"`: never a list nor a record.
    Literal(Value),
    /// `[a, b]`.
    List(Vec<Expr>),
    /// `{ a: 1 }`.
    Record(Vec<FieldExpr>),
    /// `$name`: a scenario's variable.
    Variable(Ident),
    /// A bare name: `self`, a command's field, an enum's member, a binder (contracts only).
    Name(Ident),
    /// `base.field`.
    Field(Box<Expr>, Ident),
    /// `base[index]`.
    Index(Box<Expr>, Box<Expr>),
    /// `not x`, `-x`.
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`, `a and b`, `a < b`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `if c then a else b`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `x with { field: … }`.
    With(Box<Expr>, Vec<FieldExpr>),
    /// `count(xs)`, `contains(xs, x)`: a function applied to plain arguments.
    Call(Ident, Vec<Expr>),
    /// `sum(i in xs, i.price)`: a function that binds a name over a list.
    Fold(Box<Fold>),
    /// `unique "prefix"`: text that no other scenario, run or machine draws.
    Unique(Box<Expr>),
    /// `new Order`: the id of an aggregate that does not exist yet.
    New(Ident),
}

/// `function(binder in list, body)`; without a body the binder itself.
#[derive(Clone, Debug)]
pub struct Fold {
    /// `count sum any all filter map min max distinct`.
    pub function: Ident,
    /// The name bound to each element.
    pub binder: Ident,
    /// The list.
    pub list: Expr,
    /// What is computed for each element.
    pub body: Option<Expr>,
}

/// An operator with one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UnaryOp {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// An operator with two operands, loosest first: `or`, `and`, comparisons, sums, products.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`, `!=`, `<`, `<=`, `>`, `>=`
    Compare(super::CompareOp),
    /// `+`: numbers, or lists joined
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}
