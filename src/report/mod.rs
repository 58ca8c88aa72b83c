//! Reports: run events in words, a file a format. They know nothing of the runner but its events.
//! To add one: a file here, and the place in `src/cli/run.rs` where run events are handed on.

mod failure;
mod terminal;
mod words;

pub use failure::failure;
pub use terminal::{Style, Terminal};
pub use words::{duration, plural};
