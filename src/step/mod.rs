//! What is to be done: steps in sequence, with names where a run puts values, and where sequences come from.

mod sequence;
mod source;
mod words;

pub use crate::protocol::Told;
pub use sequence::{Binding, Draw, Sequence, Step, Submit};
pub use source::{Aim, Source};
pub use words::{asked, literal, step_in_words, submit_in_words};
pub(crate) use words::{called, written_name};
