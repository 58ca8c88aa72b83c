//! The editor's grammars against the language itself.

// A test fails by panicking, also in its helpers.
#![allow(clippy::unwrap_used)]

mod editor;
mod grammar;
mod words;
