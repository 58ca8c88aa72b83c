//! The catalogue: every promise of a CQRS system that Proofmark knows, with a number, so that it can be named, claimed, tested
//! and reported.
//!
//! Only words are here: what is promised, why it matters, how it is tested and how much evidence that takes. What gathers the
//! evidence and judges it is in `conform`; which bugs break a clause, the reference system's defects say themselves.

mod br;
mod ch;
mod cv;
mod definition;
mod document;
mod ec;
mod ev;
mod ft;
mod id;
mod oc;
mod qs;
mod rb;
mod registry;
mod se;
mod sg;

pub use definition::{Clause, Exercise, Least, Level, Need, Suite, Unit};
pub use document::{document, page};
pub use registry::{all, near, of};
