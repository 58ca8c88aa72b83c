//! From text to tokens: one lexer for both kinds of file, over bytes, written by hand.
//!
//! It never fails: what it does not understand becomes a [`TokenKind::Broken`] token and a diagnostic.

mod literal;
mod scan;
mod token;
mod unknown;

pub(crate) use scan::{lex, lex_cell, lex_part};
pub(crate) use token::{Token, TokenKind};
