//! Requests that no client would send, for judges.

use crate::protocol::{Exchange, Outcome};

/// What came of a request that is wrong.
#[derive(Clone, PartialEq, Debug)]
pub struct Reaction {
    /// What was sent and answered, as it was.
    pub exchange: Exchange,
    /// What that answer means for the command. One that is only taken in (202) is unknown.
    pub outcome: Outcome,
}

/// The command's request can't be made wrong like that; the reason is a sentence's end, such as "it has no body".
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{command} can't be sent {how}: {why}")]
pub struct NotMade {
    /// The command's name.
    pub command: String,
    /// The malformation in words.
    pub how: String,
    /// Why not.
    pub why: String,
}
