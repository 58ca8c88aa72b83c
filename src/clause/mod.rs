//! The catalogue: every promise of a CQRS system that Proofmark knows, with a number, so that it can be named, claimed, tested
//! and reported.
//!
//! A clause says what is promised, why it matters, how it is tested, how much evidence that takes, and judges that evidence: a pure
//! function of what was done and seen in a case, whether it was just run or is read from a history. What gathers evidence is in
//! `conform`, where some clauses are still judged while they are tried; which bugs break a clause, the reference system's
//! defects say themselves.

mod br;
mod burst;
mod ch;
mod cv;
mod definition;
mod document;
mod ec;
mod ev;
mod evidence;
mod facts;
mod ft;
mod id;
mod oc;
mod probe;
mod qs;
mod rb;
mod registry;
mod se;
mod sg;

pub use definition::{Check, Clause, Exercise, Least, Level, Need, Suite, Unit};
pub use document::{document, page};
pub use evidence::{Bench, Evidence, Finding, Judged, Note, SetAside, Submitted, Wrong, controlled, judged};
pub(crate) use evidence::{ONE_BY_ONE, is_phantom};
pub use registry::{all, near, of};
pub use sg::{behind_reads, in_issue_order};
