//! What evidence proves: pure judges of operations. No clock, no files; the same evidence always has the same judgement.
//!
//! [`judge`] takes operations in any order of their sessions, sequences as well as bursts, and a
//! [`Model`](crate::contract::rules::Model), and keeps *all worlds that are possible* given what was observed: just-in-time
//! linearization (Wing & Gong, "Testing and verifying concurrent objects", 1993; Lowe, "Testing for linearizability",
//! 2017). A command takes effect at one moment between its call and its return; one whose outcome is unknown may do so
//! at any later time, at most once, or never.
//!
//! What it can't decide, because its bounds are reached or the rules leave it open, is said so and never passed.

mod attribution;
mod chosen;
mod contention;
mod coverage;
mod deviations;
mod diagnosis;
mod events;
mod explain;
mod judgement;
mod knowledge;
mod matrix;
mod mismatch;
mod operations;
mod parts;
mod possible;
mod rest;
mod settings;
mod view;

pub use chosen::{Changed, Witnessed, changed, changed_in_sequence};
pub use coverage::{CommandCount, Coverage, QueryCount, RuleCount};
pub use deviations::DeviationUse;
pub use diagnosis::{Assumption, Cause, Course, Side};
pub use judgement::{Judgement, Undecided, judge};
pub use matrix::{Cell, Matrix};
pub use mismatch::{Mismatch, MismatchKind, Must, Signature};
pub use settings::Settings;
