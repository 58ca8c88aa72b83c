//! How much space stands between two tokens of a line.

use crate::language::lexer::{Token, TokenKind};
use crate::language::parse::Dialect;

/// For each token the number of spaces before it, where it isn't the first of its line.
pub(super) fn spaces(text: &str, tokens: &[Token], dialect: Dialect) -> Vec<usize> {
    let mut spacer = Spacer { text, tokens, in_alphabet: false, unary: false };
    (0..tokens.len()).map(|at| spacer.before(at, dialect)).collect()
}

struct Spacer<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// Between the brackets of `string [a-z0-9]`, whose characters are taken as they are written.
    in_alphabet: bool,
    /// Whether the last token is a `-` before its only operand.
    unary: bool,
}

impl Spacer<'_> {
    fn before(&mut self, at: usize, dialect: Dialect) -> usize {
        let Some(before) = at.checked_sub(1) else { return 0 };
        let (Some(last), Some(next)) = (self.tokens.get(before), self.tokens.get(at)) else { return 0 };
        if next.first {
            (self.in_alphabet, self.unary) = (false, false);
            // What a sign at the start of a line belongs to is not known from what stands before.
            self.unary = next.kind == TokenKind::Minus && self.written(at + 1) == 0;
            return 0;
        }
        let written = self.written(at);
        if self.in_alphabet {
            self.in_alphabet = next.kind != TokenKind::BracketClose;
            return written;
        }
        let now_unary = self.is_unary(at, *last);
        let unary = std::mem::replace(&mut self.unary, now_unary);
        if unary || self.joins_placeholder(at) {
            return 0;
        }
        if dialect == Dialect::Contract && next.kind == TokenKind::BracketOpen && self.is_text_type(*last) {
            self.in_alphabet = true;
            return 1;
        }
        match space(last.kind, next.kind) {
            Space::None => 0,
            Space::One => 1,
            Space::AsWritten => written.min(1),
        }
    }

    /// The number of spaces before a token as it was written.
    fn written(&self, at: usize) -> usize {
        let end = |token: &Token| token.span.end as usize;
        match (at.checked_sub(1).and_then(|before| self.tokens.get(before)), self.tokens.get(at)) {
            (Some(last), Some(next)) => (next.span.start as usize).saturating_sub(end(last)),
            _ => 0,
        }
    }

    /// Whether the `-` at `at` has an operand behind it only.
    fn is_unary(&self, at: usize, last: Token) -> bool {
        if self.tokens.get(at).is_none_or(|token| token.kind != TokenKind::Minus) {
            return false;
        }
        match last.kind {
            TokenKind::Number | TokenKind::Variable | TokenKind::Text => false,
            kind if kind.closes() => false,
            // `a - 1`, but `when -1`; `<qty> - 1`, but `> -1`.
            TokenKind::Name | TokenKind::Greater => self.written(at) > 0 && self.written(at + 1) == 0,
            _ => true,
        }
    }

    /// Whether the token belongs to `<column>` and isn't its first: those are joined, or they are comparisons.
    fn joins_placeholder(&self, at: usize) -> bool {
        let is = |from: Option<usize>| {
            let kinds: Option<Vec<TokenKind>> =
                from.and_then(|from| Some(self.tokens.get(from..from + 3)?.iter().map(|t| t.kind).collect()));
            kinds.is_some_and(|kinds| kinds == [TokenKind::Less, TokenKind::Name, TokenKind::Greater])
                && from.is_some_and(|from| self.written(from + 1) == 0 && self.written(from + 2) == 0)
        };
        is(at.checked_sub(1)) || is(at.checked_sub(2))
    }

    fn is_text_type(&self, last: Token) -> bool {
        matches!(last.kind, TokenKind::Number | TokenKind::Range)
            || last.kind == TokenKind::Name && self.text.get(last.span.range()) == Some("string")
    }
}

enum Space {
    None,
    One,
    /// One if there was any: `count(…)` and `not (…)`, `$a[0]` and `shows $a [0]` differ in nothing else.
    AsWritten,
}

fn space(last: TokenKind, next: TokenKind) -> Space {
    use TokenKind as Kind;
    match (last, next) {
        (Kind::BraceOpen, Kind::BraceClose)
        | (Kind::ParenOpen | Kind::BracketOpen | Kind::Dot, _)
        | (
            _,
            Kind::ParenClose
            | Kind::BracketClose
            | Kind::Comma
            | Kind::Semicolon
            | Kind::Colon
            | Kind::Question,
        ) => Space::None,
        (Kind::Number, Kind::Dot) => Space::AsWritten,
        (_, Kind::Dot) | (Kind::Number, Kind::Range) | (Kind::Range, Kind::Number | Kind::Minus) => {
            Space::None
        }
        (
            Kind::Name
            | Kind::Variable
            | Kind::BraceClose
            | Kind::BracketClose
            | Kind::ParenClose
            | Kind::Greater,
            Kind::ParenOpen | Kind::BracketOpen,
        ) => Space::AsWritten,
        _ => Space::One,
    }
}
