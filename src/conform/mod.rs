//! Which promises a service keeps: the clauses of the catalogue put to the test, and what that came to.

mod again;
mod baseline;
mod beside;
mod blame;
mod canary;
mod case;
mod case_name;
mod examiner;
mod experiment;
mod lab;
mod ledger;
mod matters;
mod needed;
mod nothing;
mod options;
mod poison;
mod pool;
mod procedure;
mod progress;
mod proof;
mod reach;
mod reads;
mod rest;
mod result;
mod schedule;
mod selection;
mod sequences;
mod standing;
mod story;
mod sweep;
mod telling;

pub use again::Again;
pub use baseline::{Baseline, BaselineError, Known};
pub(crate) use blame::Blame;
pub use case_name::{CaseName, CaseNameError};
pub use examiner::Examiner;
pub(crate) use lab::SHARED;
pub(crate) use ledger::RaceClass;
pub use ledger::{Ledger, Nothing, Tally};
pub(crate) use nothing::lack;
pub(crate) use pool::Turn;
pub(crate) use procedure::is_controlled_alone;
pub use proof::{Proof, unproved};
pub use result::{
    Cell, ClauseResult, ClauseVerdict, Conformance, Counterexample, Exchange, Latency, Reason, Staleness,
    Stand, Subject, SuiteResult,
};
pub use selection::Selection;
pub(crate) use sequences::Bench as SequenceBench;
pub use standing::{Standing, overall, suites};
pub(crate) use telling::{Tale, says};
