//! JSON-like values with exact numbers: what commands carry, what queries answer.
//!
//! A number is never rounded: where a decimal can't hold it, its literal text is kept and
//! arithmetic on it is an error.

mod number;

use std::sync::Arc;

pub use number::{Inexact, Number};

/// A JSON-like value. Cheap to clone: text and names are shared.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    /// JSON's `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// An exact number.
    Number(Number),
    /// Text.
    Text(Arc<str>),
    /// Values in order.
    List(Vec<Value>),
    /// Named values.
    Record(Record),
}

/// Named values in the order they were written; names are unique. Equality ignores the order.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Record {
    fields: Vec<(Arc<str>, Value)>,
}
