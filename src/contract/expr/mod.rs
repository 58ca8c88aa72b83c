//! Expressions evaluated: what contracts, matchers and conditions share.
//!
//! Exact, bounded, without side effects but those of the [`Scope`] that draws ids. A mistake is an [`EvalError`]
//! at the very part of the expression. To add a function: its code and its line in `function/mod.rs`.

mod access;
#[cfg(test)]
pub(crate) mod build;
mod error;
mod eval;
mod function;
mod operator;
mod scope;
#[cfg(test)]
mod tests;
mod work;

pub use error::{EvalError, Mistake};
pub use eval::{eval, holds};
pub use function::{FUNCTIONS, Function};
pub use scope::{Nothing, Scope};

pub(crate) use function::misused;
pub(crate) use operator::{compare, symbol};
