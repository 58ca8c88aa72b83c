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
    /// The target was quiet: nothing was in flight, and its read models had caught up.
    Quiet(Quiet),
}

/// How it is known that a target was quiet.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Quiet {
    /// It said so itself, or every declared bound had passed since the last command returned.
    Proved,
    /// Everything that was read was as it must be. That a later state looks like an earlier one no read tells apart: what
    /// follows may be expected to go on from there, and nothing may be held against the target for it.
    Assumed,
}
