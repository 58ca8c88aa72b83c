//! Whether two texts have the same meaning because they have the same tokens.

use super::write::cells;
use crate::language::lexer::{Token, TokenKind, lex};
use crate::language::sink::Sink;

/// Whether both texts have the same tokens, on lines that begin with the same ones.
pub(super) fn same(one: &str, other: &str) -> bool {
    let (left, right) = (lex(one, &mut Sink::default()), lex(other, &mut Sink::default()));
    left.len() == right.len()
        && left.iter().zip(&right).all(|(a, b)| {
            let (told, again) = (slice(one, a), slice(other, b));
            let alike = told == again || a.kind == TokenKind::Row && cells(told) == cells(again);
            a.kind == b.kind && a.first == b.first && alike
        })
}

fn slice<'s>(text: &'s str, token: &Token) -> &'s str {
    text.get(token.span.range()).unwrap_or_default()
}
