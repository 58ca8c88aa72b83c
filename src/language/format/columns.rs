//! What stands below each other: the words that begin steps, labels of racers, the conditions of rejections.

use super::lines::Line;
use crate::language::lexer::{Token, TokenKind};
use crate::language::parse::Dialect;

/// The words that begin a step, and how long the longest of them is.
const STEPS: &[&str] = &["given", "when", "then", "and", "let"];
const LONGEST_STEP: usize = 5;

/// Widens `spaces` where something has to reach a column.
pub(super) fn align(
    text: &str,
    tokens: &[Token],
    lines: &[Line<'_>],
    dialect: Dialect,
    spaces: &mut [usize],
) {
    let page = Page { text, tokens, lines, bracketed: bracketed(tokens) };
    if dialect == Dialect::Scenario {
        page.steps(spaces);
        // `here:  CreateOrder` above `there: CreateOrder`
        page.group(spaces, |on_line| match on_line {
            [label, colon, ..] if label.kind == TokenKind::Name && colon.kind == TokenKind::Colon => Some(2),
            _ => None,
        });
        return;
    }
    // `reject A   when …` above `reject Ab  when …`
    page.group(spaces, |on_line| {
        let words: Vec<&str> = on_line.iter().take(3).map(|token| page.slice(token)).collect();
        (words.first() == Some(&"reject") && words.get(2) == Some(&"when")).then_some(2)
    });
}

struct Page<'a> {
    text: &'a str,
    tokens: &'a [Token],
    lines: &'a [Line<'a>],
    /// For each token whether it stands inside of brackets.
    bracketed: Vec<bool>,
}

fn bracketed(tokens: &[Token]) -> Vec<bool> {
    let mut depth = 0_usize;
    let inside = tokens.iter().map(|token| {
        let inside = depth > 0;
        if token.kind.opens() {
            depth += 1;
        } else if token.kind.closes() {
            depth = depth.saturating_sub(1);
        }
        inside
    });
    inside.collect()
}

impl Page<'_> {
    fn slice(&self, token: &Token) -> &str {
        self.text.get(token.span.range()).unwrap_or_default()
    }

    /// The tokens of a line that doesn't go on inside of brackets.
    fn on_line(&self, line: &Line<'_>) -> &[Token] {
        if self.bracketed.get(line.tokens.start) == Some(&true) {
            return &[];
        }
        self.tokens.get(line.tokens.clone()).unwrap_or_default()
    }

    fn first_word(&self, line: &Line<'_>) -> &str {
        self.on_line(line).first().map_or("", |token| self.slice(token))
    }

    /// Steps begin in one column, but where a section has nothing but `let`.
    fn steps(&self, spaces: &mut [usize]) {
        let begins = |line: &Line<'_>| {
            matches!(self.first_word(line), "background" | "scenario" | "outline") && line.tokens.len() < 3
        };
        let mut from = 0;
        while from < self.lines.len() {
            let behind = self.lines.iter().skip(from + 1).position(begins);
            let to = behind.map_or(self.lines.len(), |behind| from + 1 + behind);
            let section = self.lines.get(from..to).unwrap_or_default();
            let is_step = |line: &&Line<'_>| line.tokens.len() > 1 && STEPS.contains(&self.first_word(line));
            let wide = section.iter().filter(is_step).any(|line| self.first_word(line) != "let");
            for line in section.iter().filter(is_step).filter(|_| wide) {
                if let Some(space) = spaces.get_mut(line.tokens.start + 1) {
                    *space = LONGEST_STEP + 1 - self.first_word(line).len();
                }
            }
            from = to;
        }
    }

    /// Brings a token of neighbouring lines into one column; `which` says whether a line belongs, and which token it is.
    fn group(&self, spaces: &mut [usize], which: impl Fn(&[Token]) -> Option<usize>) {
        let mut members: Vec<(usize, usize)> = Vec::new();
        for line in self.lines {
            if line.tokens.is_empty() && line.comment.is_some() {
                continue;
            }
            match which(self.on_line(line)).map(|ahead| line.tokens.start + ahead) {
                Some(at) if line.tokens.contains(&at) => {
                    members.push((at, self.width(line.tokens.start, at, spaces)));
                }
                _ => widen(spaces, &mut members),
            }
        }
        widen(spaces, &mut members);
    }

    /// How many characters the tokens from `from` up to `to` take.
    fn width(&self, from: usize, to: usize, spaces: &[usize]) -> usize {
        let length = |at: usize| self.tokens.get(at).map_or(0, |token| self.slice(token).chars().count());
        let space = |at: usize| if at == from { 0 } else { spaces.get(at).copied().unwrap_or_default() };
        (from..to).map(|at| length(at) + space(at)).sum()
    }
}

fn widen(spaces: &mut [usize], members: &mut Vec<(usize, usize)>) {
    let widest = members.iter().map(|(_, width)| *width).max().unwrap_or_default();
    for (at, width) in members.drain(..) {
        if let Some(space) = spaces.get_mut(at) {
            *space = widest - width + 1;
        }
    }
}
