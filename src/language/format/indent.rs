//! How far each line is indented.

use super::lines::Line;
use crate::language::lexer::{Token, TokenKind};
use crate::language::parse::{CONTRACT_STARTS, Dialect, SCENARIO_STARTS, dangles};

/// One step to the right.
const STEP: usize = 2;

/// Behind `  given `: what goes on in further lines is indented from there.
const STEP_BODY: usize = 8;

/// A comment that stands apart is not indented further than what it could belong to.
const DEEPEST_COMMENT: usize = 4;

/// The indentation of each line, in characters.
pub(super) fn indents(text: &str, tokens: &[Token], lines: &[Line<'_>], dialect: Dialect) -> Vec<usize> {
    let mut indenter =
        Indenter { text, tokens, dialect, body: 0, member: 0, racing: false, open: Vec::new() };
    let mut indents: Vec<usize> = lines.iter().map(|line| indenter.line(line)).collect();
    // A comment belongs to what comes right behind it.
    let mut below = None;
    for (line, indent) in lines.iter().zip(&mut indents).rev() {
        if !line.tokens.is_empty() {
            let closes = tokens.get(line.tokens.start).is_some_and(|token| token.kind.closes());
            below = Some(if closes { *indent + STEP } else { *indent });
        } else if line.is_blank() {
            below = None;
        } else {
            *indent = below.unwrap_or_else(|| (line.column - line.column % STEP).min(DEEPEST_COMMENT));
        }
    }
    indents
}

struct Indenter<'a> {
    text: &'a str,
    tokens: &'a [Token],
    dialect: Dialect,
    /// From where the lines of the statement are indented that aren't its first.
    body: usize,
    /// Where the member of the contract begins that clauses belong to.
    member: usize,
    /// Whether the statement has racers, a line each.
    racing: bool,
    /// For each open bracket the indentation of the line that it was opened on.
    open: Vec<usize>,
}

impl<'a> Indenter<'a> {
    fn line(&mut self, line: &Line<'_>) -> usize {
        let on_line = self.tokens.get(line.tokens.clone()).unwrap_or_default();
        let Some(first) = on_line.first() else { return 0 };
        let word = self.word(line.tokens.start);
        let starts = self.open.is_empty() && self.starts(line.tokens.start, first.kind, word);
        let indent = if starts { self.start(line, word) } else { self.continuation(on_line) };
        let base = if starts { self.body } else { indent };
        for token in on_line {
            if token.kind.opens() {
                self.open.push(base);
            } else if token.kind.closes() {
                self.open.pop();
            }
        }
        indent
    }

    fn word(&self, at: usize) -> &'a str {
        match self.tokens.get(at) {
            Some(token) if token.kind == TokenKind::Name => {
                self.text.get(token.span.range()).unwrap_or_default()
            }
            _ => "",
        }
    }

    fn starts(&self, at: usize, kind: TokenKind, word: &str) -> bool {
        match self.dialect {
            Dialect::Scenario => kind == TokenKind::Tag || SCENARIO_STARTS.contains(&word),
            Dialect::Contract => {
                let before = at.checked_sub(1).and_then(|before| self.tokens.get(before));
                let dangling =
                    before.is_some_and(|token| dangles(token.kind, self.word(at.saturating_sub(1))));
                CONTRACT_STARTS.contains(&word) && !dangling
            }
        }
    }

    /// Begins a statement with `word`.
    fn start(&mut self, line: &Line<'_>, word: &str) -> usize {
        self.racing = false;
        let (indent, body) = match (self.dialect, word) {
            (Dialect::Scenario, "given" | "when" | "then" | "and" | "let") => (STEP, STEP_BODY),
            (Dialect::Scenario, "examples") => (STEP, STEP),
            // May stand at the top of the file or in a scenario.
            (Dialect::Scenario, "include" | "lock") if self.was_indented(line) => (STEP, STEP_BODY),
            (Dialect::Scenario, _) | (Dialect::Contract, "contract" | "type" | "aggregate") => (0, 0),
            (Dialect::Contract, "view") => {
                self.member = 0;
                (0, 0)
            }
            (Dialect::Contract, "state" | "command" | "event" | "query" | "invariant") => {
                self.member = STEP;
                (STEP, STEP)
            }
            (Dialect::Contract, _) => (self.member + STEP, self.member + STEP),
        };
        self.body = body;
        indent
    }

    fn was_indented(&self, line: &Line<'_>) -> bool {
        let start = self.tokens.get(line.tokens.start).map_or(0, |token| token.span.start as usize);
        self.text.get(..start).is_some_and(|before| before.ends_with([' ', '\t']))
    }

    fn continuation(&mut self, on_line: &[Token]) -> usize {
        if on_line.first().is_some_and(|token| token.kind.closes()) {
            return self.open.last().copied().unwrap_or(self.body);
        }
        if let Some(opened) = self.open.last() {
            return opened + STEP;
        }
        let racer = matches!(on_line, [label, colon, ..]
            if label.kind == TokenKind::Name && colon.kind == TokenKind::Colon);
        let deeper = if self.racing && !racer { 2 * STEP } else { STEP };
        self.racing |= racer;
        self.body + deeper
    }
}
