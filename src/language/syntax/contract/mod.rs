//! `.contract` files: types, aggregates with their commands, events and queries, views.

mod aggregate;
mod data;
mod read;

pub use aggregate::{AggregateDecl, CommandDecl, Emit, EventDecl, Invariant, Reject, Set, StateDecl};
pub use data::{Bounds, FieldDecl, TryRange, TypeDecl, TypeDeclKind, TypeExpr, TypeExprKind};
pub use read::{Lasts, QueryDecl, ShownField, ShownValue, ShowsDecl, ViewDecl, ViewOrder};

use super::Ident;

/// A `.contract` file. What belongs together is listed together; spans tell the order in the file.
#[derive(Clone, Default, Debug)]
pub struct ContractFile {
    /// `contract orders`.
    pub name: Option<Ident>,
    /// `type Item { … }`.
    pub types: Vec<TypeDecl>,
    /// `aggregate Order` and all that belongs to it.
    pub aggregates: Vec<AggregateDecl>,
    /// `view ListCustomerOrders`.
    pub views: Vec<ViewDecl>,
}
