use std::sync::Arc;

use crate::contract::Type;
use crate::value::Value;

/// What a query must answer.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The rules don't say.
    Anything,
    /// It must be refused: what it asks with is outside of the law.
    Malformed,
    /// The declared absence.
    Absent,
    /// A record that shows at least this.
    Shows(Row),
    /// A list of records.
    Rows(Rows),
}

/// Fields that must be there; others may be.
pub type Row = Vec<(Arc<str>, Shown)>;

/// What one field must be.
#[derive(Clone, Debug)]
pub enum Shown {
    /// This value; records in it may have more fields.
    Is(Value),
    /// These elements in any order.
    Bag(Vec<Value>),
    /// Whatever the service chose, of this type.
    Chosen(Type),
}

/// The rows of a view.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The rows, or those that the answer is chosen from if it is `unordered`.
    pub rows: Vec<Row>,
    /// How many of them the answer has.
    pub count: usize,
    /// Whether they may come in any order.
    pub unordered: bool,
    /// How many rows there are on all pages, where the answer has to tell.
    pub total: Option<usize>,
}
