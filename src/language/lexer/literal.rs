//! Numbers, durations, texts and regular expressions.

use super::TokenKind;
use super::scan::{Lexer, is_name, span};
use crate::text::{Code, Diagnostic};

impl Lexer<'_> {
    /// A number or a duration. `1..` is a number and a range, `1.5` one number.
    pub(super) fn number(&mut self) -> TokenKind {
        let start = self.at;
        self.skip_while(|byte| byte.is_ascii_digit());
        let whole = self.at;
        if self.byte(0) == Some(b'.') && self.digit(1) {
            self.at += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        let sign = usize::from(matches!(self.byte(1), Some(b'+' | b'-')));
        if matches!(self.byte(0), Some(b'e' | b'E')) && self.digit(1 + sign) {
            self.at += 2 + sign;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        let unit = self.at;
        self.skip_while(is_name);
        let leading_zero = self.bytes.get(start) == Some(&b'0') && whole > start + 1;
        match self.text.get(unit..self.at).unwrap_or_default() {
            "" if leading_zero => self.leading_zero(start),
            "" => TokenKind::Number,
            "ms" | "s" | "m" => TokenKind::Duration,
            unit => self.bad_unit(start, unit.starts_with('_')),
        }
    }

    fn digit(&self, ahead: usize) -> bool {
        self.byte(ahead).is_some_and(|byte| byte.is_ascii_digit())
    }

    fn leading_zero(&mut self, start: usize) -> TokenKind {
        let written = span(start, self.at);
        let text = self.text.get(written.range()).unwrap_or_default();
        self.sink.push(|| {
            let short = text.trim_start_matches('0');
            let short = if short.starts_with(|c: char| c.is_ascii_digit()) {
                short.into()
            } else {
                format!("0{short}")
            };
            Diagnostic::error(Code::BAD_NUMBER, written, "a number has no leading zeros")
                .replace(format!("write `{short}`, or `\"{text}\"` if it is a text"), short)
        });
        TokenKind::Broken
    }

    fn bad_unit(&mut self, start: usize, separator: bool) -> TokenKind {
        if separator && self.byte(0) == Some(b'.') && self.digit(1) {
            self.at += 1;
            self.skip_while(is_name);
        }
        let written = span(start, self.at);
        let text = self.text.get(written.range()).unwrap_or_default();
        self.sink.push(|| {
            let diagnostic = Diagnostic::error(Code::BAD_NUMBER, written, format!("`{text}` is no number"));
            if separator {
                diagnostic.replace("write it without `_`", text.replace('_', ""))
            } else {
                diagnostic.advise("the units of a duration are `ms`, `s` and `m`; a text stands in quotes")
            }
        });
        TokenKind::Broken
    }

    /// A text. Its escapes are looked at when it is used.
    pub(super) fn quoted(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        if self.skip_delimited(b'"') {
            return TokenKind::Text;
        }
        self.sink.push(|| {
            Diagnostic::error(
                Code::UNTERMINATED_TEXT,
                span(start, start + 1),
                "this text is not closed on its line",
            )
            .label("opened here")
            .advise("close it with `\"`; a quote inside is written `\\\"`, a line break `\\n`")
        });
        TokenKind::OpenText
    }

    /// A name in backticks: `` `in-transit` ``.
    pub(super) fn ticked(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 1;
        self.skip_while(|byte| byte != b'`' && byte != b'\n' && byte != b'\r');
        let name = span(start + 1, self.at);
        let closed = self.byte(0) == Some(b'`');
        self.at += usize::from(closed);
        let name = self.text.get(name.range()).unwrap_or_default();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if closed && begins && name.bytes().all(|byte| is_name(byte) || matches!(byte, b'-' | b'.')) {
            return TokenKind::Name;
        }
        let place = self.span(start);
        self.sink.push(|| {
            if closed {
                let message = "a name in backticks begins with an ASCII letter or `_`, and has letters, digits, `_`, `-` and `.`";
                return Diagnostic::error(Code::UNKNOWN_CHARACTER, place, message)
                    .advise("put it in double quotes if it is a text");
            }
            let message = "this name is not closed on its line";
            Diagnostic::error(Code::UNTERMINATED_TEXT, span(start, start + 1), message)
                .label("opened here")
                .advise("close it with a backtick")
        });
        TokenKind::Broken
    }

    /// A regular expression; `\/` stands for a slash.
    pub(super) fn regex(&mut self) -> TokenKind {
        let start = self.at;
        self.at += 2;
        if self.skip_delimited(b'/') {
            return TokenKind::Regex;
        }
        self.sink.push(|| {
            let message = "this regular expression is not closed on its line";
            Diagnostic::error(Code::UNTERMINATED_TEXT, span(start, start + 2), message)
                .label("opened here")
                .advise("close it with `/`; a slash inside is written `\\/`")
        });
        TokenKind::OpenText
    }

    /// Up to behind `end` on this line, or else to the end of the line; says which.
    fn skip_delimited(&mut self, end: u8) -> bool {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => break,
                b'\\' if self.byte(1).is_some_and(|byte| byte != b'\n') => self.at += 2,
                _ => self.at += 1,
            }
            if byte == end {
                return true;
            }
        }
        // A carriage return belongs to the line's end.
        while self.at > 0 && matches!(self.bytes.get(self.at - 1), Some(b'\r')) {
            self.at -= 1;
        }
        false
    }
}
