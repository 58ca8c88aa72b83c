use super::super::{Expr, Ident};
use super::{FieldDecl, TypeExpr};
use crate::text::{Span, Spanned};

/// `query GetOrderDetails`: an answer as a function of one aggregate's state.
#[derive(Clone, Debug)]
pub struct QueryDecl {
    /// Its name.
    pub name: Ident,
    /// What it is asked with.
    pub fields: Vec<FieldDecl>,
    /// `absent when …`.
    pub absent_when: Option<Expr>,
    /// `shows { … }`; without it it may answer anything.
    pub shows: Option<ShowsDecl>,
    /// `query`, the name and the fields.
    pub span: Span,
}

/// `shows { total: …, items }`, `summarises { … }`: what an answer holds at least.
#[derive(Clone, Debug)]
pub struct ShowsDecl {
    /// Its fields.
    pub fields: Vec<ShownField>,
    /// All of it.
    pub span: Span,
}

/// One field of an answer.
#[derive(Clone, Debug)]
pub struct ShownField {
    /// Its name.
    pub name: Ident,
    /// What it is.
    pub value: ShownValue,
}

impl ShownField {
    /// Whether only the name is written: short for the query's field of that name, or else the aggregate's state.
    pub fn is_shorthand(&self) -> bool {
        matches!(&self.value, ShownValue::Computed(value) if value.span == self.name.span)
    }
}

/// What a [`ShownField`] is.
#[derive(Clone, Debug)]
pub enum ShownValue {
    /// `total: sum(…)`; `items` alone is the query's field or the aggregate's state of that name.
    Computed(Expr),
    /// `chosen price: decimal`: the service chooses it.
    Chosen(TypeExpr, Lasts),
}

/// How long a value lasts that the service chooses.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Lasts {
    /// `chosen`: once shown, it never changes.
    #[default]
    ForGood,
    /// `chosen on change`: until a command changes the aggregate.
    UntilChanged,
    /// `volatile`: each read may show another one.
    OneRead,
}

/// `view ListCustomerOrders { … } of Order where …`: an answer over many aggregates.
#[derive(Clone, Debug)]
pub struct ViewDecl {
    /// Its name.
    pub name: Ident,
    /// What it is asked with.
    pub fields: Vec<FieldDecl>,
    /// `of Order`.
    pub of: Option<Ident>,
    /// `where …`: which of them.
    pub filter: Option<Expr>,
    /// `shows { … }`: a row for each.
    pub shows: Option<ShowsDecl>,
    /// `summarises { … }`: one record for all.
    pub summarises: Option<ShowsDecl>,
    /// `newest first` and the like.
    pub order: Option<Spanned<ViewOrder>>,
    /// `paged`.
    pub paged: Option<Span>,
    /// `total`: the answer tells how many rows there are on all pages.
    pub total: Option<Span>,
    /// `view`, the name and the fields.
    pub span: Span,
}

/// The order of a view's rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ViewOrder {
    /// `newest first`: by when the aggregate was created.
    NewestFirst,
    /// `oldest first`.
    OldestFirst,
    /// `by total`: by a field that is shown, ascending.
    By(Ident),
    /// `unordered`: whatever the service likes.
    Unordered,
}
