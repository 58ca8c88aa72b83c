use std::sync::Arc;

use super::Sequence;

/// Where sequences come from. Pure: the same source gives the same sequences, whatever becomes of them.
pub trait Source {
    /// The next sequence; nothing once there are no more.
    fn next(&mut self) -> Option<Sequence>;

    /// What each step of the sequence that came last was meant for, in the order of its steps.
    fn aims(&self) -> &[Aim];
}

/// What a step was meant for. What comes of it is the target's business, and what may come of it the model's.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Aim {
    /// The rules accept it.
    Accepted,
    /// One rule alone refuses it, with this code.
    Rejected(Arc<str>),
    /// Several rules refuse it, so that either code will do.
    Several,
    /// It is outside of the law.
    Malformed,
    /// It reads, or waits.
    Reads,
}
