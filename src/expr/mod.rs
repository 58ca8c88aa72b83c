//! Expressions evaluated: what contracts, matchers and conditions share.
//!
//! Exact, bounded, without side effects but those of the [`Scope`] that draws ids. A mistake is an [`EvalError`]
//! at the very part of the expression. To add a function: its code and its line in `function/mod.rs`.

mod access;
mod error;
mod eval;
mod function;
mod near;
mod operator;
mod scope;
mod work;

pub use error::EvalError;
pub use eval::eval;
pub use function::{FUNCTIONS, Function};
pub use scope::{Nothing, Scope};

pub(crate) use error::code;
pub(crate) use near::did_you_mean;
pub(crate) use operator::{compare, symbol};
