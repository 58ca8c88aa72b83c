//! The catalogue: every promise of a CQRS system that Proofmark knows, with a number, so that it can be named, claimed, tested
//! and reported.
//!
//! A clause says what is promised, why it matters, how it is tested, how much evidence that takes, and judges that evidence: a pure
//! function of what was done and seen in a case, whether it was just run or is read from a history. What gathers evidence is in
//! `conform`, where what sequences say of clauses is counted as well; which bugs break a clause, the reference system's
//! defects say themselves.

mod br;
mod burst;
mod ch;
mod chosen;
mod cv;
mod definition;
mod document;
mod ec;
mod errors;
mod ev;
mod evidence;
mod facts;
mod feed;
mod fold;
mod ft;
mod id;
mod judged;
mod need;
mod oc;
mod probe;
mod qs;
mod rb;
mod rebuilds;
mod registry;
mod se;
mod sg;

pub(crate) use burst::meet;
pub(crate) use chosen::MADE_ONCE;
pub use definition::{Check, Clause, Exercise, Least, Level, Suite, Unit};
pub use document::{document, page};
pub use evidence::{Bench, Evidence, Submitted, controlled, judged, watched};
pub(crate) use judged::ONE_BY_ONE;
pub use judged::{Finding, Judged, Note, SetAside, Shows, Wrong};
pub use need::{Matter, Matters, Need};
pub(crate) use probe::{OVERTAKERS, given_up, is_all_shown};
pub use registry::{all, near, of};
