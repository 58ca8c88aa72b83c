//! Text as users wrote it: sources, spans, diagnostics, "did you mean".
//!
//! The first room of the house. Everything that can be wrong in a file is a [`Diagnostic`] with a
//! span, so that the reader sees the very characters.

mod diagnostic;
mod source;
mod span;

pub use diagnostic::{Code, Diagnostic, Fix, Severity};
pub use source::Source;
pub use span::{Span, Spanned};
