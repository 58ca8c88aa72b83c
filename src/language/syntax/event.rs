use super::{Expr, FieldExpr, Ident, Matcher};
use crate::text::Span;

/// `event OrderConfirmed on $o { … }`: something that is to have happened, without a command.
#[derive(Clone, Debug)]
pub struct EventCall {
    /// Its name in the contract.
    pub name: Ident,
    /// `on $o`: the aggregate it happens to.
    pub on: Option<Expr>,
    /// `{ … }`.
    pub fields: Vec<FieldExpr>,
    /// From the name to the last of the above.
    pub span: Span,
}

/// `OrderConfirmed { … }` behind `emits`: something that must have happened.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// Its name in the contract.
    pub name: Ident,
    /// What its fields must look like; nothing where that is left open.
    pub fields: Option<Matcher>,
}
