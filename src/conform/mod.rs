//! Which promises a service keeps: the clauses of the catalogue put to the test, and what that came to.

mod baseline;
mod ledger;
mod result;
mod selection;
mod standing;

pub use baseline::{Baseline, BaselineError, Known};
pub use ledger::{Ledger, Tally};
pub use result::{
    Cell, ClauseResult, Conformance, Counterexample, Exchange, Latency, Reason, Staleness, Stand, Subject,
    SuiteResult,
};
pub use selection::{Selection, claimed};
pub use standing::{Standing, overall, suites};
