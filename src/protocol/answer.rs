use super::{Rejection, Unknown, Version};
use crate::value::Value;

/// What a query brought.
#[derive(Clone, PartialEq, Debug)]
pub struct Answer {
    /// What was seen.
    pub seen: Seen,
    /// The aggregate's version that the answer reflects, where the target tells.
    pub version: Option<Version>,
    /// The global position that the answer reflects, where the target tells.
    pub position: Option<u64>,
}

/// What a query let its client see.
#[derive(Clone, PartialEq, Debug)]
pub enum Seen {
    /// An answer. An empty list is one.
    Found(Value),
    /// The declared absence: there is no such thing.
    Absent,
    /// The target refused to answer.
    Refused(Rejection),
    /// No usable answer: time-out, 5xx, lost connection, unreadable.
    Broken(Unknown),
    /// The connection was refused. Holds the reason.
    NotSent(String),
}

impl Answer {
    /// An answer without version or position.
    pub fn new(seen: Seen) -> Self {
        Self { seen, version: None, position: None }
    }
}
