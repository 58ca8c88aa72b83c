use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use crate::protocol::Deviation;
use crate::value::Value;

/// How evidence is to be judged.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Settings {
    /// Queries that show every effect at once: they are judged as operations, not as read models that may lag.
    pub immediate: BTreeSet<Arc<str>>,
    /// Whether idempotency keys are understood.
    pub keys: bool,
    /// Departures from the contract that are known and not held against the target.
    pub deviations: Vec<Deviation>,
    /// Unique values of ours, beside the ids that commands were sent to: rows of a list with one of them are ours.
    pub ours: HashSet<Value>,
    /// Whether nobody else does anything where the operations were done: then a summary of all is one of ours.
    pub alone: bool,
    /// Whether it is worked out which command's effect was seen in which field. It costs about as much as all else.
    pub matrix: bool,
    /// Whether it is counted which rules and transitions commands met.
    pub met: bool,
    /// At most so many possible worlds of one component are kept at a time; beyond, it is undecided.
    pub max_configurations: usize,
    /// At most so many steps of search for one component; beyond, it is undecided.
    pub max_steps: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            immediate: BTreeSet::new(),
            keys: true,
            deviations: Vec::new(),
            ours: HashSet::new(),
            alone: false,
            matrix: true,
            met: true,
            max_configurations: 2_000,
            max_steps: 1_000_000,
        }
    }
}
