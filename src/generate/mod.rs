//! What to do: sequences of steps that are made up rather than written, from a contract's rules.
//!
//! A [`Sequence`] names the ids it needs instead of holding them, so that it can be tried again in a world where other
//! ids are taken, be made smaller, and be written down as a scenario. Whether what came of it was right is not decided here.

mod plain;
mod reduction;
mod script;
mod sequence;
mod source;
mod weave;

pub use plain::Plain;
pub use reduction::Reduction;
pub use script::{Became, Failing, literal, script, step_in_words};
pub use sequence::{Draw, Name, Sequence, Step};
pub use source::{Aim, Source};
pub use weave::{Chance, FIRST_VERSION, LAST_VERSION, Weave};
