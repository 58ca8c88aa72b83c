//! Text as users wrote it: sources, spans, diagnostics, "did you mean".
//!
//! The first room of the house. Everything that can be wrong in a file is a [`Diagnostic`] with a
//! span, so that the reader sees the very characters. Kinds of mistakes are listed in [`CATALOGUE`].

mod code;
mod diagnostic;
mod first;
mod joined;
mod name;
mod page;
mod read;
mod render;
mod source;
mod span;
mod suggest;
mod xml;

pub use code::{Area, CATALOGUE, Code, CodeEntry};
pub use diagnostic::{Diagnostic, Fix, Severity};
pub use first::{MAX_DIAGNOSTICS, first_mistakes};
pub(crate) use joined::Joiner;
pub use name::{is_inert, path_name, path_word, word, word_of};
pub use page::{Example, Page};
pub use read::{MAX_FILE_BYTES, Unreadable};
pub use render::{Colour, render, render_titled, summary};
pub use source::Source;
pub use span::{Span, Spanned};
pub use suggest::{did_you_mean, is_typo_of};
pub(crate) use xml::Xml;
