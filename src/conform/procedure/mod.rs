//! What gathers the clauses' evidence, a file a procedure. Each works for any contract: what to send comes from the
//! contract's rules, and whether that was answered as it must be is judged by them.

mod bursts;
mod probes;
mod registry;
mod sequences;
mod watch;

pub(crate) use registry::{PROCEDURES, Procedure, Stage};
