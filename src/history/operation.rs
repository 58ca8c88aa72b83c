use std::sync::Arc;

use super::Stamp;
use crate::protocol::{Answer, Command, Outcome, Query};

/// One operation as it was seen from outside: the unit of evidence. Those of a run, in the order of their calls, are
/// what checks judge.
#[derive(Clone, PartialEq, Debug)]
pub struct Operation {
    /// The session that called; each works through its operations one after the other.
    pub client: u64,
    /// When it began.
    pub call: Stamp,
    /// When it ended; `None` if the run ended first. What an unknown command did may happen later all the same.
    pub end: Option<Stamp>,
    /// What was asked, and what came of it.
    pub act: Act,
}

/// What an operation asked and got.
#[derive(Clone, PartialEq, Debug)]
pub enum Act {
    /// A command.
    Submit {
        /// What was sent.
        command: Arc<Command>,
        /// 0 for the first time, one more for each retry.
        attempt: u32,
        /// What came of it; without an end, unknown.
        outcome: Outcome,
    },
    /// A query.
    Ask {
        /// What was asked.
        query: Arc<Query>,
        /// What was seen; without an end, broken.
        answer: Answer,
    },
    /// The target was quiet: nothing in flight, and its read models had caught up by their own word, or every declared
    /// bound had passed since the last command returned.
    Quiet,
}
