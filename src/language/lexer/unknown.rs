//! What means nothing in the language, and what its writer may have meant.

use super::TokenKind;
use super::scan::{Lexer, span};
use crate::text::{Code, Diagnostic};

impl Lexer<'_> {
    /// A character that begins no token; several of the same kind are reported at once.
    pub(super) fn unknown(&mut self) -> TokenKind {
        let start = self.at;
        let Some(c) = self.rest().chars().next() else { return TokenKind::Broken };
        if c.is_alphabetic() {
            self.foreign_letters(start);
            return TokenKind::Name;
        }
        let length = match c {
            '\'' => self.single_quoted(),
            '&' | '|' => self.rest().bytes().take(2).take_while(|byte| char::from(*byte) == c).count(),
            _ => self.rest().chars().take_while(|other| *other == c).map(char::len_utf8).sum(),
        };
        self.at += length;
        let place = span(start, self.at);
        let shown = self.text.get(place.range()).unwrap_or_default();
        self.sink.push(|| {
            let message = match c {
                c if c.is_control() || c.is_whitespace() => {
                    format!("the character U+{:04X} means nothing here", u32::from(c))
                }
                '\'' => "a text stands in double quotes".into(),
                _ => format!("`{}` means nothing here", shown.chars().take(10).collect::<String>()),
            };
            Diagnostic::error(Code::UNKNOWN_CHARACTER, place, message).advise(advice(c))
        });
        TokenKind::Broken
    }

    /// `$` or `@` without a name.
    pub(super) fn lonely(&mut self, start: usize) -> TokenKind {
        let variable = self.bytes.get(start) == Some(&b'$');
        self.sink.push(|| {
            let (message, advice) = if variable {
                ("`$` without a name", "a variable is `$` and a name of letters, digits and `_`: `$order`")
            } else {
                ("`@` without a name", "a tag is `@` and letters, digits, `_`, `-` and `.`: `@EC-1`")
            };
            Diagnostic::error(Code::UNKNOWN_CHARACTER, span(start, start + 1), message).advise(advice)
        });
        TokenKind::Broken
    }

    /// Reads on through letters that are not ASCII, if any follow: the whole word becomes one name.
    pub(super) fn foreign_letters(&mut self, start: usize) -> bool {
        let length: usize =
            self.rest().chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum();
        if length == 0 {
            return false;
        }
        self.at += length;
        let place = span(start, self.at);
        self.sink.push(|| {
            Diagnostic::error(
                Code::UNKNOWN_CHARACTER,
                place,
                "a name is made of ASCII letters, digits and `_`",
            )
            .advise("put it in quotes if it is a text")
        });
        true
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn single_quoted(&self) -> usize {
        let line = self.rest().lines().next().unwrap_or_default();
        line.get(1..).and_then(|inner| inner.find('\'')).map_or(1, |end| end + 2)
    }
}

fn advice(c: char) -> &'static str {
    match c {
        '\'' => "write `\"text\"`",
        '“' | '”' | '„' | '‘' | '’' | '«' | '»' => "write a text with plain quotes: `\"text\"`",
        '&' => "write `and`",
        '|' => "write `or`",
        '!' => "write `not`, or `!=` for \"is not\"",
        '/' => "there is no division; a regular expression is written `~/regex/`, a comment begins with `#`",
        '~' => "a regular expression is written `~/regex/`",
        '%' | '^' => "there is no such operator: there are `+`, `-` and `*`",
        '≤' => "write `<=`",
        '≥' => "write `>=`",
        '≠' => "write `!=`",
        '–' | '—' | '−' => "write a plain `-`",
        '\u{A0}' | '\u{2000}'..='\u{200B}' | '\u{202F}' | '\u{3000}' => "replace it with a plain space",
        _ => "delete it, or put it in quotes if it belongs to a text",
    }
}
