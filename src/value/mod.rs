//! JSON-like values with exact numbers: what commands carry, what queries answer.
//!
//! A number is never rounded: where a decimal can't hold it, its literal text is kept and
//! arithmetic on it is an error. Reading is bounded, printing is bounded and inert.

mod access;
mod arithmetic;
mod brief;
mod convert;
mod demand;
mod diff;
mod json;
mod mix;
mod moment;
mod name;
mod number;
mod order;
mod path;
mod precision;
mod record;
mod tolerance;
mod typed;

use std::sync::Arc;

pub use brief::{inert, inert_within, quote};
pub use demand::{Demand, Need, letter, letters};
pub use diff::{Difference, MAX_DIFFERENCES, diff};
pub use json::{JsonError, JsonProblem, Limits};
pub use mix::{STEP, mix};
pub use moment::Moment;
pub use name::Name;
pub use number::{Inexact, Number};
pub use path::{Path, PathError, PathStep, field_name};
pub use precision::{Precision, Precisions};
pub use record::Record;
pub use tolerance::Tolerances;
pub use typed::{MessageError, TypedError, read_message};

/// A JSON-like value. Cheap to clone: text, names and records are shared.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
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
    /// A value that is not drawn yet. Never in what is sent or answered.
    Name(Name),
}
