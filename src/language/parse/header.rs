//! What stands in a scenario file beside scenarios and their steps: the header, tags, locks, and lines that are none of it.

use super::describe::quote;
use super::parser::{Parser, Reported};
use super::scenario::{CONTINUATIONS, File, Section};
use super::statement::SCENARIO_STARTS;
use super::step::STEP_WORDS;
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Ident, Role};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// A scenario may have so many rounds: more would be a load test.
const MOST_ROUNDS: usize = 10_000;

impl File {
    pub(super) fn tag_line(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        self.leave_section(parser);
        self.section = Section::Header;
        while parser.peek() == TokenKind::Tag {
            let tag = parser.decorated();
            self.tags.push(tag);
        }
        if parser.word() == "repeat" {
            return self.repeated(parser);
        }
        Ok(())
    }

    pub(super) fn feature(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let name = parser.expect_text("the name of the feature in quotes")?;
        self.header_once(parser, start, self.tree.feature.is_some());
        self.tree.feature.get_or_insert(name);
        Ok(())
    }

    pub(super) fn uses(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let name = match parser.peek() {
            TokenKind::Text => {
                let text = parser.text();
                Ident { text: text.node, span: text.span }
            }
            _ => parser.name("the name of a contract behind `use`")?,
        };
        self.header_once(parser, start, self.tree.uses.is_some());
        self.tree.uses.get_or_insert(name);
        Ok(())
    }

    pub(super) fn background(&mut self, parser: &mut Parser<'_>) {
        let start = parser.bump();
        self.header_once(parser, start, self.section == Section::Background);
        self.section = Section::Background;
        self.role = None;
    }

    pub(super) fn header_once(&mut self, parser: &mut Parser<'_>, start: Span, again: bool) {
        let word = parser.slice(start);
        let behind = !self.tree.scenarios.is_empty();
        if again || behind {
            parser.note(|| {
                let message = if again {
                    format!("a second `{word}` in one file")
                } else {
                    format!("`{word}` stands before the first scenario")
                };
                let advice =
                    if again { "delete one of them" } else { "move it up: it holds for the whole file" };
                Diagnostic::error(Code::MISPLACED_HEADER, start, message).advise(advice)
            });
        }
    }

    /// `repeat 20` behind the tags.
    pub(super) fn repeated(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let at = parser.span();
        if parser.peek() != TokenKind::Number {
            return Err(parser.expected("how many rounds (`repeat 20`)"));
        }
        let number = parser.number()?;
        let rounds = number.to_u64().and_then(|rounds| usize::try_from(rounds).ok()).unwrap_or_default();
        if !(1..=MOST_ROUNDS).contains(&rounds) {
            parser.note(|| {
                let what = format!("a scenario has from 1 to {MOST_ROUNDS} rounds");
                Diagnostic::error(Code::IMPOSSIBLE_COUNT, at, what)
                    .advise("write a whole number such as `repeat 20`")
            });
        }
        let place = start.to(at);
        if self.repeat.replace(Spanned::new(rounds, place)).is_some() {
            parser.note(|| {
                Diagnostic::error(Code::DUPLICATE_CLAUSE, place, "a second `repeat` before one scenario")
                    .advise("delete one of them")
            });
        }
        Ok(())
    }

    /// `lock "stock"`, before the first scenario or in one.
    pub(super) fn lock(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let name = parser.expect_text("the name of the lock in quotes")?;
        let place = start.to(name.span);
        let locks = match self.section {
            Section::Scenario => self.tree.scenarios.last_mut().map(|scenario| &mut scenario.locks),
            Section::Dropped => None,
            Section::Header | Section::Background => Some(&mut self.tree.locks),
        };
        let again = locks.is_some_and(|locks| {
            let again = locks.iter().any(|lock| lock.node == name.node);
            locks.push(name);
            again
        });
        if again {
            parser.note(|| {
                Diagnostic::error(Code::DUPLICATE_CLAUSE, place, "this lock is held already")
                    .advise("delete one of them")
            });
        }
        Ok(())
    }

    pub(super) fn misplaced_tags(&mut self, parser: &mut Parser<'_>) {
        let tags = std::mem::take(&mut self.tags);
        let repeat = self.repeat.take().map(|repeat| repeat.span);
        let mut spans = tags.iter().map(|tag| tag.span).chain(repeat);
        if let Some(first) = spans.next() {
            let span = first.to(spans.last().unwrap_or(first));
            parser.note(|| {
                Diagnostic::error(Code::MISPLACED_TAG, span, "no scenario follows these tags")
                    .advise("tags stand on the line before `scenario`")
            });
        }
    }

    /// A line that begins with no word of the language.
    pub(super) fn unknown(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let word = parser.word();
        let span = parser.span();
        if word.is_empty() {
            return Err(parser.expected("a scenario or a step"));
        }
        let known = match word {
            "but" => Some("and"),
            // A sentence begins with a capital letter, and with many words that look like ours.
            _ if word.starts_with(|c: char| c.is_ascii_lowercase()) => {
                did_you_mean(word, SCENARIO_STARTS.iter().chain(CONTINUATIONS).copied())
            }
            _ => did_you_mean(word, SCENARIO_STARTS.iter().copied()),
        };
        let is_step = known.is_none()
            && (STEP_WORDS.contains(&word)
                || matches!(parser.word_at(1), "on" | "shows")
                || parser.peek_at(1) == TokenKind::BraceOpen);
        parser.note(|| {
            let diagnostic =
                Diagnostic::error(Code::UNKNOWN_STEP, span, format!("no step begins with {}", quote(word)));
            match known {
                Some(_) => diagnostic.suggest(known),
                None if is_step => diagnostic.advise("a step begins with `given`, `when`, `then` or `and`"),
                None => diagnostic
                    .advise("a line begins with `scenario`, `given`, `when`, `then`, `and`, `let`, or a tag"),
            }
        });
        // What follows is read as what it probably was, for the mistakes in it.
        let role = match known {
            Some("given") => Role::Given,
            Some("when") => Role::When,
            Some("then") => Role::Then,
            Some("and") => self.role.unwrap_or(Role::Given),
            Some("scenario") if parser.peek_at(1) == TokenKind::Text => return self.scenario(parser),
            Some("background") => {
                self.background(parser);
                return Ok(());
            }
            None if is_step => self.role.unwrap_or(Role::Then),
            _ => {
                self.empty = None;
                return Err(Reported);
            }
        };
        if known.is_some() {
            parser.bump();
        }
        self.role = Some(role);
        let step = parser.step(role);
        self.keep(parser, span, step);
        Ok(())
    }
}
