//! What was found where something else was expected, in the user's words.

use super::parser::{Dialect, Parser};
use crate::language::lexer::TokenKind;
use crate::text::Code;

/// A longer piece of text is cut in a message.
const MAX_QUOTED_CHARS: usize = 40;

impl Parser<'_> {
    /// The next token in words, and whether it is wrong or something is missing.
    pub(super) fn found(&self) -> (Code, String) {
        let found = match self.peek() {
            TokenKind::End => return (Code::MISSING, self.end_in_words().into()),
            TokenKind::Text | TokenKind::OpenText => {
                format!("the text {}", quote_plain(self.slice(self.span())))
            }
            TokenKind::Number => format!("the number {}", quote(self.slice(self.span()))),
            TokenKind::Duration => format!("the duration {}", quote(self.slice(self.span()))),
            TokenKind::Row => "a row of examples".into(),
            _ => quote(self.slice(self.span())),
        };
        (Code::UNEXPECTED, found)
    }

    fn end_in_words(&self) -> &'static str {
        match self.dialect {
            Dialect::Scenario => "the end of the step",
            Dialect::Contract => "the end of the clause",
        }
    }
}

/// `` `text` ``, cut if it is long.
pub(super) fn quote(text: &str) -> String {
    format!("`{}`", cut(text))
}

fn quote_plain(text: &str) -> String {
    cut(text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_QUOTED_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into(),
    }
}
