//! `proofmark self-test`: the built-in order system examined with each of its bugs.

mod bench;
mod matrix;
#[cfg(feature = "http")]
mod served;

pub(super) use bench::self_test;
