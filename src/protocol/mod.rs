//! The words every room shares: commands and their outcomes, queries and their answers, what was on the wire for them,
//! capabilities, clauses' numbers, verdicts. Plain data, no behaviour of a target.

mod answer;
mod capability;
mod clause_id;
mod deviation;
mod event;
mod exchange;
mod malformation;
mod message;
mod outcome;
mod promises;
mod submission;
mod verdict;

pub use answer::{Answer, Seen};
pub use capability::{Capabilities, Capability};
pub use clause_id::{ClauseId, NoSuchClause};
pub use deviation::{Deviation, Does, Effect};
pub use event::Event;
pub use exchange::{Came, Exchange, Head, Response, ShellLine};
pub use malformation::Malformation;
pub use message::{Actor, Command, Expected, Query, Told, Version};
pub(crate) use outcome::{CONFLICT, PRECONDITION};
pub use outcome::{Doubt, Outcome, OutcomeKind, Receipt, Rejection, Unknown};
pub use promises::{IdForm, Promises, VersionKind};
pub use submission::{Observation, Pending, Progress, Stands, Submission, Trace, Transcript};
pub use verdict::Verdict;
