//! The lines of a text: which tokens stand on each, and which comment.

use std::ops::Range;

use crate::language::lexer::{Token, TokenKind};

/// A line as it was written.
pub(super) struct Line<'s> {
    /// Its tokens, by their places among all.
    pub(super) tokens: Range<usize>,
    /// `# …`, without the spaces behind it.
    pub(super) comment: Option<&'s str>,
    /// Where the comment began, in characters.
    pub(super) column: usize,
}

impl Line<'_> {
    /// Whether nothing stands on it.
    pub(super) fn is_blank(&self) -> bool {
        self.tokens.is_empty() && self.comment.is_none()
    }
}

/// All lines of `text`. No token goes over the end of a line.
pub(super) fn lines<'s>(text: &'s str, tokens: &[Token]) -> Vec<Line<'s>> {
    let mut lines = Vec::new();
    let (mut start, mut token) = (0, 0);
    for line in text.split_inclusive('\n') {
        let from = token;
        let mut behind = start;
        while let Some(next) = tokens.get(token) {
            if next.kind == TokenKind::End || next.span.start as usize >= start + line.len() {
                break;
            }
            behind = next.span.end as usize;
            token += 1;
        }
        let rest = line.get(behind - start..).unwrap_or_default();
        let comment = rest.find('#').and_then(|at| rest.get(at..));
        let before = comment.map_or("", |comment| line.get(..line.len() - comment.len()).unwrap_or_default());
        lines.push(Line {
            tokens: from..token,
            comment: comment.map(str::trim_end),
            column: before.chars().count(),
        });
        start += line.len();
    }
    lines
}
