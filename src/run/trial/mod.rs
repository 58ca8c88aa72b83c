//! Sequences that are made up, run against a target and judged by a model: each in a world of its own, many side by
//! side. What fails is made smaller and told.

mod once;
mod shrink;
mod told;
mod trials;
mod written;

pub(crate) use once::{EXPERIMENT, step_of};
pub use once::{Ran, Trial};
pub use shrink::Shrunk;
pub use told::{Told, tell};
pub(crate) use trials::{SHRUNK, TOLD, settings};
pub use trials::{TrialSummary, Trials};
