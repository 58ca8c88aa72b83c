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
    /// How many rows there are on all pages, where the target tells.
    pub total: Option<u64>,
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
    /// An answer that tells nothing beside what was seen: no version, no position, no total.
    pub fn new(seen: Seen) -> Self {
        Self { seen, version: None, position: None, total: None }
    }

    /// The same, of a list that has so many rows on all pages.
    #[must_use]
    pub fn of_total(self, rows: u64) -> Self {
        Self { total: Some(rows), ..self }
    }
}
