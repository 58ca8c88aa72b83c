//! Histories: what was asked and what was seen, as JSON Lines. Pure: no clock, no files.
//!
//! One object a line. The first is the [`Header`], with all that judging needs; each other has `i` (an index taken atomically outside the
//! call: the order of things in one process), `t` (nanoseconds on a monotonic clock since the run began)
//! and `e`, what happened. `docs/history.md` says what stands in each, `docs/schema/history-2.json` is its JSON Schema. [`Event::write`]
//! writes an entry, a [`Reader`] reads them again.
//!
//! Numbers are written as the exact literals they are; a reader must not take them for floats.

mod case;
mod course;
mod deed;
mod fields;
mod header;
mod operation;
mod promises;
mod read;
#[cfg(test)]
mod tests;
mod write;

pub use case::{Case, CaseEnd, Part, Purpose, Role};
pub use course::{Course, Courses, HELD_AT, HeldUp, Piece};
pub use deed::{Deed, Done, Fed, Feed, Spoiled, Status};
pub(crate) use deed::{about, happened};
pub use header::{FORMAT, Header, Job, Spoken};
pub use operation::{Act, Operation, Quiet};
pub use read::{Entry, ReadError, Reader};
pub use write::{Event, Stamp};
