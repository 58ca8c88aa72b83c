use super::{Token, TokenKind};
use crate::language::sink::Sink;
use crate::text::Span;

/// All tokens of `text`, the last of which is [`TokenKind::End`]. `text` is shorter than 4 GiB.
pub(crate) fn lex(text: &str, sink: &mut Sink) -> Vec<Token> {
    let lexer = Lexer { text, bytes: text.as_bytes(), at: 0, fresh: true, table: false, cell: false, sink };
    lexer.run()
}

/// The same for a part of a text, which may be that of another file.
pub(crate) fn lex_part(text: &str, part: Span, sink: &mut Sink) -> Vec<Token> {
    let text = text.get(..part.end as usize).unwrap_or_default();
    let at = part.start as usize;
    Lexer { text, bytes: text.as_bytes(), at, fresh: true, table: false, cell: false, sink }.run()
}

/// The tokens of a cell in a row of examples, without [`TokenKind::End`]. In it `\|` is a bar.
pub(crate) fn lex_cell(text: &str, cell: Span, sink: &mut Sink) -> Vec<Token> {
    let text = text.get(..cell.end as usize).unwrap_or_default();
    let at = cell.start as usize;
    let lexer = Lexer { text, bytes: text.as_bytes(), at, fresh: false, table: false, cell: true, sink };
    let mut tokens = lexer.run();
    tokens.pop();
    tokens
}

pub(super) struct Lexer<'a> {
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether the next token is the first on its line.
    fresh: bool,
    /// Whether lines that begin with a bar are rows: behind `examples`.
    table: bool,
    /// Whether it is a cell of such a row that is read.
    cell: bool,
    pub(super) sink: &'a mut Sink,
}

impl Lexer<'_> {
    fn run(mut self) -> Vec<Token> {
        // Scenarios have a token every five or six bytes; a little waste is cheaper than growing.
        let mut tokens = Vec::with_capacity(self.bytes.len().saturating_sub(self.at) / 5 + 1);
        loop {
            self.skip_blank();
            let start = self.at;
            let first = std::mem::replace(&mut self.fresh, false);
            let Some(byte) = self.byte(0) else {
                tokens.push(Token { kind: TokenKind::End, first: true, span: self.span(start) });
                return tokens;
            };
            let kind = self.token(byte, first);
            tokens.push(Token { kind, first, span: self.span(start) });
        }
    }

    /// The byte `ahead` of the next one.
    pub(super) fn byte(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    /// From `start` up to here.
    pub(super) fn span(&self, start: usize) -> Span {
        span(start, self.at)
    }

    fn skip_blank(&mut self) {
        while let Some(byte) = self.byte(0) {
            match byte {
                b'\n' => self.fresh = true,
                b' ' | b'\t' | b'\r' => {}
                b'#' => {
                    self.skip_line();
                    continue;
                }
                _ => return,
            }
            self.at += 1;
        }
    }

    /// Up to the end of the line, which is left.
    pub(super) fn skip_line(&mut self) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    fn token(&mut self, byte: u8, first: bool) -> TokenKind {
        if first && self.table {
            if byte == b'|' {
                self.skip_line();
                return TokenKind::Row;
            }
            self.table = false;
        }
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.name(first),
            b'0'..=b'9' => self.number(),
            b'"' => self.quoted(),
            b'`' => self.ticked(),
            b'$' => self.decorated(TokenKind::Variable, is_name),
            b'@' => self.decorated(TokenKind::Tag, |byte| is_name(byte) || matches!(byte, b'-' | b'.')),
            b'~' if self.byte(1) == Some(b'/') => self.regex(),
            b'{' => self.mark(1, TokenKind::BraceOpen),
            b'}' => self.mark(1, TokenKind::BraceClose),
            b'[' => self.mark(1, TokenKind::BracketOpen),
            b']' => self.mark(1, TokenKind::BracketClose),
            b'(' => self.mark(1, TokenKind::ParenOpen),
            b')' => self.mark(1, TokenKind::ParenClose),
            b',' => self.mark(1, TokenKind::Comma),
            b':' => self.mark(1, TokenKind::Colon),
            b';' => self.mark(1, TokenKind::Semicolon),
            b'?' => self.mark(1, TokenKind::Question),
            b'+' => self.mark(1, TokenKind::Plus),
            b'*' => self.mark(1, TokenKind::Star),
            b'\\' if self.cell && self.byte(1) == Some(b'|') => self.mark(2, TokenKind::Bar),
            b'|' if self.byte(1) != Some(b'|') => self.mark(1, TokenKind::Bar),
            b'.' => self.pair(b'.', TokenKind::Range, TokenKind::Dot),
            b'-' => self.pair(b'>', TokenKind::Arrow, TokenKind::Minus),
            b'=' => self.pair(b'=', TokenKind::Equal, TokenKind::Assign),
            b'<' => self.pair(b'=', TokenKind::LessOrEqual, TokenKind::Less),
            b'>' => self.pair(b'=', TokenKind::GreaterOrEqual, TokenKind::Greater),
            b'!' if self.byte(1) == Some(b'=') => self.mark(2, TokenKind::NotEqual),
            0xC2 if self.byte(1) == Some(0xB1) => self.mark(2, TokenKind::PlusMinus),
            _ => self.unknown(),
        }
    }

    fn mark(&mut self, length: usize, kind: TokenKind) -> TokenKind {
        self.at += length;
        kind
    }

    fn pair(&mut self, second: u8, both: TokenKind, one: TokenKind) -> TokenKind {
        if self.byte(1) == Some(second) { self.mark(2, both) } else { self.mark(1, one) }
    }

    fn name(&mut self, first: bool) -> TokenKind {
        let start = self.at;
        self.skip_while(is_name);
        if self.byte(0).is_some_and(|byte| !byte.is_ascii()) && self.foreign_letters(start) {
            return TokenKind::Name;
        }
        if first && self.bytes.get(start..self.at) == Some(b"examples") {
            self.table = true;
        }
        TokenKind::Name
    }

    pub(super) fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.byte(0).is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn decorated(&mut self, kind: TokenKind, belongs: impl Fn(u8) -> bool) -> TokenKind {
        let start = self.at;
        self.at += 1;
        self.skip_while(belongs);
        if self.at == start + 1 {
            return self.lonely(start);
        }
        kind
    }
}

/// Whether a byte may stand in a name, not at its start.
pub(super) fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// A span from `usize` offsets: the text is shorter than 4 GiB.
pub(super) fn span(start: usize, end: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each token as its kind and text, `^` before the first of a line.
    fn check(text: &str, expected: &str) {
        let mut sink = Sink::default();
        let tokens = lex(text, &mut sink);
        let told: Vec<String> = tokens
            .iter()
            .map(|token| {
                let first = if token.first { "^" } else { "" };
                format!("{first}{:?} {}", token.kind, text.get(token.span.range()).unwrap_or("?"))
            })
            .collect();
        assert_eq!(told.join(", "), format!("{expected}, ^End "), "{text}");
    }

    #[test]
    fn ranges_are_no_fractions() {
        check("1..", "^Number 1, Range ..");
        check("0..12", "^Number 0, Range .., Number 12");
        check("0.01..1000.00", "^Number 0.01, Range .., Number 1000.00");
        check("a.b", "^Name a, Dot ., Name b");
    }

    #[test]
    fn numbers_and_durations() {
        check("29.99 1e400 2E-3", "^Number 29.99, Number 1e400, Number 2E-3");
        check("500ms 5s 2m 1.5s", "^Duration 500ms, Duration 5s, Duration 2m, Duration 1.5s");
        check("5x 007", "^Broken 5x, Broken 007");
        check("-1", "^Minus -, Number 1");
    }

    #[test]
    fn texts_end_with_their_line() {
        check(r#""a \" b" c"#, r#"^Text "a \" b", Name c"#);
        check("\"open\r\nnext", "^OpenText \"open, ^Name next");
        check(r"~/a\/b/ c", r"^Regex ~/a\/b/, Name c");
    }

    #[test]
    fn lines_and_comments() {
        check("`on` x.`in-transit`", "^Name `on`, Name x, Dot ., Name `in-transit`");
        check("`a b` c", "^Broken `a b`, Name c");
        check("`a\nb", "^Broken `a, ^Name b");
        check("``", "^Broken ``");
        check("a # b\n\n  c d", "^Name a, ^Name c, Name d");
        check("$o @EC-1.a", "^Variable $o, Tag @EC-1.a");
    }

    #[test]
    fn rows_come_behind_examples_only() {
        check("A\n| B", "^Name A, ^Bar |, Name B");
        check(
            "examples\n| 3 | \" |\n| \\| |\nx\n| y",
            "^Name examples, ^Row | 3 | \" |, ^Row | \\| |, ^Name x, ^Bar |, Name y",
        );
    }

    #[test]
    fn marks() {
        check(
            "-> - = == != < <= > >= ±",
            "^Arrow ->, Minus -, Assign =, Equal ==, NotEqual !=, Less <, LessOrEqual <=, Greater >, GreaterOrEqual >=, PlusMinus ±",
        );
    }
}
