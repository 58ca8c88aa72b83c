//! The one way a scenario or contract file is laid out: indentation, spaces, columns, blank lines.
//!
//! It works on tokens and the lines they stand on, not on trees: comments stay where they are, and a word that is new in
//! the language is laid out without a rule of its own. Where a line ends is up to whoever writes; so the tokens, and which
//! of them begin a line, are the same before and after, and with them the meaning.

mod columns;
mod indent;
mod lines;
mod same;
mod spacing;
mod write;

use crate::language::lexer::lex;
use crate::language::parse::Dialect;
use crate::language::sink::Sink;
use crate::language::{parse_contract, parse_scenarios};
use crate::text::{Diagnostic, Severity, Source};

/// Why a text was left as it is.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// It has mistakes: what it means is not known, so neither is what may be moved.
    #[error("the text has mistakes")]
    Mistakes(Vec<Diagnostic>),
    /// Its layout would have changed its meaning. This is a mistake of ours.
    #[error("laying it out would change its meaning; this is a bug of proofmark, please report the file")]
    Meaning,
}

/// A `.scenario` file in its one layout.
pub fn format_scenarios(source: &Source) -> Result<String, FormatError> {
    format(source, Dialect::Scenario, parse_scenarios(source).diagnostics)
}

/// A `.contract` file in its one layout.
pub fn format_contract(source: &Source) -> Result<String, FormatError> {
    format(source, Dialect::Contract, parse_contract(source).diagnostics)
}

fn format(source: &Source, dialect: Dialect, found: Vec<Diagnostic>) -> Result<String, FormatError> {
    if found.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(FormatError::Mistakes(found));
    }
    let text = source.text();
    let tokens = lex(text, &mut Sink::default());
    let lines = lines::lines(text, &tokens);
    let indents = indent::indents(text, &tokens, &lines, dialect);
    let mut spaces = spacing::spaces(text, &tokens, dialect);
    columns::align(text, &tokens, &lines, dialect, &mut spaces);
    let written = write::write(text, &tokens, &lines, &indents, &spaces);
    if same::same(text, &written) { Ok(written) } else { Err(FormatError::Meaning) }
}
