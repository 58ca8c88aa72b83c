//! Clauses as tests of `cargo test`, each by its name, for a system written in Rust (feature `testing`).

mod clauses;
mod examination;
#[cfg(all(test, feature = "reference"))]
mod tests;

pub use clauses::{clauses, clauses_of};
