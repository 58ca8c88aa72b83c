//! The scenario and contract language: one lexer, one set of syntax trees, a parser file a construct.
//!
//! Parsing never stops at the first mistake and never returns `Err`: it gives the tree it could make
//! and all diagnostics.

pub mod syntax;
