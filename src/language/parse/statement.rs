//! Where a statement ends: before a line that begins another one.

use super::parser::{Dialect, Parser};
use crate::language::lexer::TokenKind;
use crate::text::Diagnostic;

/// Words that begin a statement of a scenario file when they are first on their line.
pub(in super::super) const SCENARIO_STARTS: &[&str] = &[
    "given",
    "when",
    "then",
    "and",
    "let",
    "scenario",
    "background",
    "feature",
    "use",
    "outline",
    "examples",
    "include",
    "lock",
];

/// Words that begin a clause of a contract when they are first on their line.
pub(in super::super) const CONTRACT_STARTS: &[&str] = &[
    "contract",
    "type",
    "aggregate",
    "state",
    "command",
    "reject",
    "emits",
    "set",
    "no",
    "atomic",
    "in",
    "event",
    "query",
    "absent",
    "shows",
    "invariant",
    "view",
    "of",
    "newest",
    "oldest",
    "by",
    "unordered",
    "paged",
    "total",
    "summarises",
    "later",
];

impl Parser<'_> {
    /// The position behind the statement that begins at `from`.
    ///
    /// Inside brackets a line ends a statement only if it can't be anything but the next one: then a bracket was left
    /// open, and the mistake must not swallow the rest of the file.
    pub(super) fn statement_end(&self, from: usize) -> usize {
        let last = self.tokens.len().saturating_sub(1);
        let mut depth = 0_u32;
        let mut conditions = 0_u32;
        let rest = self.tokens.get(from..last).unwrap_or_default();
        for (ahead, token) in rest.iter().enumerate() {
            let at = from + ahead;
            if token.first && ahead > 0 {
                let ends = match (self.dialect, depth) {
                    (Dialect::Scenario, 0) => self.starts_step(at),
                    (Dialect::Scenario, _) => self.starts_step_in_brackets(at, conditions),
                    (Dialect::Contract, 0) => self.starts_clause(at),
                    (Dialect::Contract, _) => self.starts_clause_in_brackets(at),
                };
                if ends {
                    return at;
                }
            }
            match token.kind {
                kind if kind.opens() => depth += 1,
                kind if kind.closes() => depth = depth.saturating_sub(1),
                TokenKind::Name if depth > 0 => match self.slice(token.span) {
                    "if" => conditions += 1,
                    "then" => conditions = conditions.saturating_sub(1),
                    _ => {}
                },
                _ => {}
            }
        }
        last
    }

    /// Reports that the next token stands behind the end of a statement.
    pub(super) fn end_of_line(&mut self) {
        let span = self.span();
        let word = self.word();
        let (code, found) = self.found();
        let starts = match self.dialect {
            Dialect::Scenario => SCENARIO_STARTS,
            Dialect::Contract => CONTRACT_STARTS,
        };
        self.report(|| {
            let diagnostic =
                Diagnostic::error(code, span, format!("expected the end of the line, found {found}"));
            if starts.contains(&word) {
                diagnostic.advise(format!("begin a new line with `{word}`"))
            } else {
                diagnostic
            }
        });
    }

    fn kind(&self, at: usize) -> TokenKind {
        self.tokens.get(at).map_or(TokenKind::End, |token| token.kind)
    }

    fn name_at(&self, at: usize) -> &str {
        match self.tokens.get(at) {
            Some(token) if token.kind == TokenKind::Name => self.slice(token.span),
            _ => "",
        }
    }

    fn starts_step(&self, at: usize) -> bool {
        self.kind(at) == TokenKind::Tag || SCENARIO_STARTS.contains(&self.name_at(at))
    }

    fn starts_step_in_brackets(&self, at: usize, conditions: u32) -> bool {
        if self.kind(at) == TokenKind::Tag {
            return true;
        }
        let next = self.kind(at + 1);
        match self.name_at(at) {
            "scenario" | "feature" | "outline" => next == TokenKind::Text,
            // Goes on with a condition, unless a step follows: a scenario's expressions have no bare names.
            "and" => {
                !matches!(
                    self.name_at(at + 1),
                    "" | "not" | "true" | "false" | "null" | "if" | "unique" | "new"
                ) && self.kind(at + 2) != TokenKind::ParenOpen
            }
            "then" if conditions > 0 => false,
            "let" => next == TokenKind::Variable,
            "given" | "when" | "then" => next == TokenKind::Name,
            _ => false,
        }
    }

    fn starts_clause(&self, at: usize) -> bool {
        CONTRACT_STARTS.contains(&self.name_at(at)) && !self.is_dangling(at.saturating_sub(1))
    }

    /// Whether the token at `at` needs something behind it, so that the next line goes on.
    fn is_dangling(&self, at: usize) -> bool {
        dangles(self.kind(at), self.name_at(at))
    }

    fn starts_clause_in_brackets(&self, at: usize) -> bool {
        let next = self.kind(at + 1);
        match self.name_at(at) {
            "contract" | "type" | "aggregate" | "state" | "command" | "reject" | "emits" | "set"
            | "event" | "query" | "view" => {
                next == TokenKind::Name
                    && !matches!(self.name_at(at + 1), "in" | "and" | "or" | "with" | "then" | "else")
            }
            "invariant" => next == TokenKind::Text,
            _ => false,
        }
    }
}

/// Whether a token, a word if it is a name, needs something behind it, so that the next line of a contract goes on.
pub(in super::super) fn dangles(kind: TokenKind, word: &str) -> bool {
    match kind {
        TokenKind::Plus
        | TokenKind::Minus
        | TokenKind::Star
        | TokenKind::Equal
        | TokenKind::NotEqual
        | TokenKind::Less
        | TokenKind::LessOrEqual
        | TokenKind::Greater
        | TokenKind::GreaterOrEqual
        | TokenKind::Comma
        | TokenKind::Bar => true,
        TokenKind::Name => matches!(word, "and" | "or" | "not"),
        _ => false,
    }
}
