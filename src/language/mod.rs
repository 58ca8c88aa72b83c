//! The scenario and contract language: one lexer, one set of syntax trees, a parser file a construct, one
//! layout.
//!
//! Parsing never stops at the first mistake and never returns `Err`: it gives the tree it could make
//! and all diagnostics.

mod csv;
mod format;
mod lexer;
mod link;
mod parse;
mod sink;
pub mod syntax;
#[cfg(test)]
mod tests;

pub use format::{FormatError, format_contract, format_scenarios};
pub use link::{Find, link};
pub use parse::{Parsed, parse_contract, parse_scenarios};
pub(crate) use sink::Sink;
