use std::fmt;
use std::sync::Arc;

use super::{Expr, Ident};
use crate::text::Span;

/// What a value is expected to look like.
#[derive(Clone, Debug)]
pub struct Matcher {
    /// What it is.
    pub kind: MatcherKind,
    /// Where it is.
    pub span: Span,
}

/// `name: matcher` in a record matcher.
#[derive(Clone, Debug)]
pub struct FieldMatcher {
    /// The field.
    pub name: Ident,
    /// What it must look like.
    pub matcher: Matcher,
}

/// What a [`Matcher`] is.
#[derive(Clone, Debug)]
pub enum MatcherKind {
    /// `{ a: M }` (other fields are free), `= { a: M }` (there are no others).
    Record {
        /// The fields that are named.
        fields: Vec<FieldMatcher>,
        /// Whether there may be no others.
        exact: bool,
    },
    /// `[M, …]`, `unordered [M, …]`, `contains [M, …]`.
    List {
        /// One matcher an element.
        items: Vec<Matcher>,
        /// How elements and matchers are paired.
        mode: ListMode,
    },
    /// `each M`: a list, not empty, of which every element matches.
    Each(Box<Matcher>),
    /// `count 3`, `count > 1`: how many elements a list has.
    Count(CompareOp, Expr),
    /// `> 1`, `!= $x`; `== x` says the same as a bare `x`.
    Compare(CompareOp, Expr),
    /// `59.98 ± 0.01`: a number and how far from it is near enough.
    Near(Expr, Expr),
    /// `sum(items.quantity) == 3`: what the numbers at a path add up to.
    Sum(FieldPath, CompareOp, Expr),
    /// `M ignoring [a, b.c]`: what matches once these fields are taken out.
    Ignoring(Box<Matcher>, Vec<FieldPath>),
    /// `~/regex/`: found anywhere in the text.
    Regex(Arc<str>),
    /// `any`: anything that is there, also null.
    Any,
    /// `present`: there, and not null.
    Present,
    /// `absent`: not there.
    Absent,
    /// A value to be equal to.
    Equals(Expr),
}

/// `items.price`: names of fields, each inside of the one before; through a list it leads to each element.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FieldPath {
    /// The names, at least one.
    pub names: Vec<Ident>,
    /// Where it is.
    pub span: Span,
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.names.iter().map(|name| &*name.text).collect();
        f.write_str(&names.join("."))
    }
}

/// How the elements of a list and the matchers are paired. Always one to one: multisets, not sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ListMode {
    /// In order, none left over on either side.
    Ordered,
    /// In any order, none left over on either side.
    Unordered,
    /// In any order, elements may be left over.
    Contains,
}

/// A comparison.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}
