use std::collections::HashSet;
use std::sync::Arc;

use crate::protocol::Promises;
use crate::value::Value;

/// How evidence is to be judged.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Settings {
    /// What the target declares: queries whose bound is zero are judged as operations and not as read models that may lag,
    /// numbers may be off as far as it says, and its departures from the contract are not held against it.
    pub promises: Arc<Promises>,
    /// Whether every read may lag all the same, however far: what is still wrong then can't be explained by a lag.
    pub lagging: bool,
    /// Whether idempotency keys are understood.
    pub keys: bool,
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
            promises: Arc::default(),
            lagging: false,
            keys: true,
            ours: HashSet::new(),
            alone: false,
            matrix: true,
            met: true,
            max_configurations: 2_000,
            max_steps: 1_000_000,
        }
    }
}

impl Settings {
    /// Whether the query shows every effect at once.
    pub(super) fn is_immediate(&self, query: &str) -> bool {
        !self.lagging && self.promises.bound_of(query).is_zero()
    }
}
