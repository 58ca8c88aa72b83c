//! Texts, regular expressions, durations and numbers as values.

use std::sync::Arc;
use std::time::Duration;

use super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::Number;

/// Longer text without quotes isn't repeated.
const MOST_MEANT: usize = 60;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// A duration longer than this is a slip of the hand.
const MAX_DURATION: Duration = Duration::from_hours(24);

impl Parser<'_> {
    /// The next token, a text, without quotes and escapes.
    pub(super) fn text(&mut self) -> Spanned<Arc<str>> {
        let span = self.bump();
        let raw = self.slice(span);
        let inner = raw.strip_prefix('"').unwrap_or(raw);
        let inner = inner.strip_suffix('"').unwrap_or(inner);
        if !inner.contains('\\') {
            return Spanned::new(inner.into(), span);
        }
        let mut out = String::with_capacity(inner.len());
        let mut rest = inner;
        while let Some(at) = rest.find('\\') {
            out.push_str(rest.get(..at).unwrap_or_default());
            let escape = rest.get(at..).unwrap_or_default();
            let (c, length) = unescape(escape);
            match c {
                Some(c) => out.push(c),
                None => self.bad_escape(span, raw, escape, length),
            }
            rest = escape.get(length..).unwrap_or_default();
        }
        out.push_str(rest);
        Spanned::new(out.into(), span)
    }

    fn bad_escape(&mut self, text: Span, raw: &str, escape: &str, length: usize) {
        let offset = raw.len() - usize::from(raw.ends_with('"')) - escape.len();
        let start = text.start + u32::try_from(offset).unwrap_or_default();
        let place = Span::new(start, start + u32::try_from(length).unwrap_or_default());
        let written = self.slice(place);
        self.note(|| {
            Diagnostic::error(Code::BAD_ESCAPE, place, format!("`{written}` is no escape")).advise(
                "the escapes are `\\\"`, `\\\\`, `\\n`, `\\t`, `\\r` and `\\u{20AC}`; a backslash is `\\\\`",
            )
        });
    }

    /// A text; `what` says what it is for ("the name of the scenario").
    pub(super) fn expect_text(&mut self, what: &str) -> Parse<Spanned<Arc<str>>> {
        match self.peek() {
            TokenKind::Text | TokenKind::OpenText => Ok(self.text()),
            TokenKind::Name => Err(self.quotes_missing(what)),
            _ => Err(self.expected(what)),
        }
    }

    /// Words where a text is needed, up to the end of their line.
    fn quotes_missing(&mut self, what: &str) -> super::parser::Reported {
        let span = self.span();
        let rest = self.text.get(span.start as usize..).unwrap_or_default();
        let line = rest.lines().next().unwrap_or_default();
        let meant = line.split('#').next().unwrap_or_default().trim_end();
        let (code, found) = self.found();
        self.report(|| {
            let diagnostic = Diagnostic::error(code, span, format!("expected {what}, found {found}"));
            let strange = |c: char| c.is_control() || "\"\\:".contains(c);
            if meant.contains(strange) || meant.len() > MOST_MEANT {
                return diagnostic.advise("a text stands in quotes");
            }
            let mut diagnostic = diagnostic.advise(format!("a text stands in quotes: `\"{meant}\"`"));
            let end = span.start + u32::try_from(meant.len()).unwrap_or_default();
            if let Some(fix) = &mut diagnostic.fix {
                fix.replace = Some((Span::new(span.start, end), format!("\"{meant}\"")));
            }
            diagnostic
        })
    }

    /// The next token, a regular expression, without its marks and with `\/` as `/`.
    pub(super) fn regex(&mut self) -> Arc<str> {
        let span = self.bump();
        let raw = self.slice(span);
        let inner = raw.strip_prefix("~/").unwrap_or(raw);
        let inner = inner.strip_suffix('/').unwrap_or(inner);
        if !inner.contains("\\/") {
            return inner.into();
        }
        // Pairs are read together, so that `\\/` stays an escaped backslash before the end.
        let mut out = String::with_capacity(inner.len());
        let mut chars = inner.chars();
        while let Some(c) = chars.next() {
            match (c, if c == '\\' { chars.next() } else { None }) {
                (_, Some('/')) => out.push('/'),
                (_, Some(next)) => out.extend([c, next]),
                (_, None) => out.push(c),
            }
        }
        out.into()
    }

    /// A duration with its unit.
    pub(super) fn duration(&mut self, example: &str) -> Parse<Spanned<Duration>> {
        let span = self.span();
        let written = self.slice(span);
        match self.peek() {
            TokenKind::Duration => {
                self.bump();
                let Some(duration) = duration(written).filter(|duration| *duration <= MAX_DURATION) else {
                    self.note(|| {
                        Diagnostic::error(
                            Code::BAD_NUMBER,
                            span,
                            format!("`{written}` is too long, or too fine"),
                        )
                        .advise("a duration is at most a day, in whole nanoseconds")
                    });
                    return Ok(Spanned::new(MAX_DURATION, span));
                };
                if duration.is_zero() {
                    self.note(|| {
                        Diagnostic::error(Code::BAD_NUMBER, span, format!("`{written}` is no time at all"))
                            .advise("to look once and at once, ask the query without `eventually`")
                    });
                }
                Ok(Spanned::new(duration, span))
            }
            TokenKind::Broken => {
                self.bump();
                Ok(Spanned::new(MAX_DURATION, span))
            }
            TokenKind::Number => {
                let number = self.report(|| {
                    Diagnostic::error(Code::MISSING_UNIT, span, "a duration needs a unit")
                        .label("seconds? milliseconds?")
                        .replace(format!("write `{written}s`, or `{written}ms`"), format!("{written}s"))
                });
                // A unit that stands apart belongs to it all the same.
                self.bump();
                if matches!(
                    self.word(),
                    "ms" | "s" | "m" | "seconds" | "milliseconds" | "minutes" | "second" | "minute"
                ) {
                    self.bump();
                }
                let _ = number;
                Ok(Spanned::new(MAX_DURATION, span))
            }
            _ => Err(self.expected(&format!("a duration such as `{example}`"))),
        }
    }

    /// The next token, a number.
    pub(super) fn number(&mut self) -> Parse<Number> {
        let span = self.span();
        let written = self.slice(span);
        let number = Number::parse(written);
        let Some(number) = number else {
            return Err(self.report(|| {
                Diagnostic::error(Code::BAD_NUMBER, span, format!("`{written}` is out of every range"))
                    .advise("an exponent has at most 18 digits")
            }));
        };
        self.bump();
        Ok(number)
    }
}

/// The character that the escape at the start of `text` stands for, and the escape's length.
fn unescape(text: &str) -> (Option<char>, usize) {
    let Some(kind) = text.chars().nth(1) else { return (None, 1) };
    let c = match kind {
        // A bar needs it only in a cell of examples.
        '"' | '\\' | '|' => kind,
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'u' => return unicode(text),
        _ => return (None, 1 + kind.len_utf8()),
    };
    (Some(c), 2)
}

/// `\u{20AC}`
fn unicode(text: &str) -> (Option<char>, usize) {
    let end = text.find('}').filter(|end| text.get(2..3) == Some("{") && *end <= 9);
    let Some(end) = end else { return (None, 2) };
    let digits = text.get(3..end).unwrap_or_default();
    let valid = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let code = if valid { u32::from_str_radix(digits, 16).ok() } else { None };
    (code.and_then(char::from_u32), end + 1)
}

/// `1.5s` and the like; nothing if it is finer than a nanosecond or too long for 64 bits.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let nanos_per_unit = match text.get(digits.len()..)? {
        "ms" => NANOS_PER_SECOND / 1000,
        "s" => NANOS_PER_SECOND,
        "m" => NANOS_PER_SECOND * 60,
        _ => return None,
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut nanos = whole.parse::<u64>().ok()?.checked_mul(nanos_per_unit)?;
    let mut place = nanos_per_unit;
    for digit in fraction.trim_end_matches('0').bytes() {
        let value = u64::from(digit.checked_sub(b'0')?);
        // The unit of minutes has a factor of six, so that `0.5m` divides by ten as often as seconds do.
        if place % 10 != 0 {
            return None;
        }
        place /= 10;
        nanos = nanos.checked_add(value.checked_mul(place)?)?;
    }
    Some(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        let check =
            |text, nanos: Option<u64>| assert_eq!(duration(text), nanos.map(Duration::from_nanos), "{text}");
        check("500ms", Some(500_000_000));
        check("5s", Some(5_000_000_000));
        check("2m", Some(120_000_000_000));
        check("1.5s", Some(1_500_000_000));
        check("0.000000001s", Some(1));
        check("0.0000000001s", None);
        check("0.5m", Some(30_000_000_000));
        check("99999999999999999999s", None);
    }

    #[test]
    fn escapes_are_read() {
        let check = |text, c, length| assert_eq!(unescape(text), (c, length), "{text}");
        check("\\nx", Some('\n'), 2);
        check("\\\"", Some('"'), 2);
        check("\\u{20AC}!", Some('€'), 8);
        check("\\u{D800}", None, 8);
        check("\\u{+41}", None, 7);
        check("\\u20AC", None, 2);
        check("\\é", None, 3);
        check("\\", None, 1);
    }
}
