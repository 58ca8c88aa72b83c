//! For tests of `cargo test`: [`fixture`]s of one aggregate, projection or query handler at a time, and the clauses as
//! tests by name, for a system written in Rust (feature `testing`).

#[cfg(feature = "testing")]
mod clauses;
#[cfg(feature = "testing")]
mod examination;
pub mod fixture;
#[cfg(all(test, feature = "reference", feature = "testing"))]
mod tests;

#[cfg(feature = "testing")]
pub use clauses::{clauses, clauses_of};
