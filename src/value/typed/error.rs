use std::fmt;

use serde::{de, ser};

use crate::value::{Path, PathStep};

/// What a float is answered with, in both directions.
pub(super) const NO_FLOATS: &str =
    "a float can't be exact: use a decimal (`rust_decimal::Decimal`), an integer or text";

/// A Rust value and a [`Value`](crate::value::Value) that don't go together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TypedError {
    /// From the inside out.
    steps: Vec<PathStep>,
    what: String,
}

impl TypedError {
    pub(super) fn new(what: impl fmt::Display) -> Self {
        Self { steps: Vec::new(), what: what.to_string() }
    }

    /// The same, seen from one level further out.
    #[must_use]
    pub(super) fn below(mut self, step: impl Into<PathStep>) -> Self {
        self.steps.push(step.into());
        self
    }

    /// Where: a path into the value, the root where all of it is meant.
    pub fn path(&self) -> Path {
        let mut path = Path::root();
        self.steps.iter().rev().for_each(|step| path.push(step.clone()));
        path
    }
}

/// `items[0].price: a float can't be exact: …`
impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path();
        if !path.is_root() {
            write!(f, "{path}: ")?;
        }
        f.write_str(&self.what)
    }
}

impl std::error::Error for TypedError {}

impl de::Error for TypedError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what)
    }
}

impl ser::Error for TypedError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self::new(what)
    }
}
