//! What is to be done: steps in sequence, with names where a run puts values, and where sequences come from.

mod sequence;
mod source;
mod words;

pub use sequence::{Draw, FIRST_VERSION, LAST_VERSION, Name, Sequence, Step};
pub use source::{Aim, Source};
pub(crate) use words::fields;
pub use words::{asked, literal, step_in_words};
