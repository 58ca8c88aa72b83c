//! `include "shared.scenario"`: the background of another file, as if its steps stood here.

use std::sync::Arc;

use super::parser::{Parser, Reported};
use super::scenario::{File, Section};
use crate::language::lexer::lex_part;
use crate::text::{Code, Diagnostic, Span, Spanned};

/// Which files are taken in.
#[derive(Default)]
pub(super) struct Included {
    /// The files around the one that is read, by where they begin, and itself; the first of all is not among them.
    around: Vec<u32>,
    /// Where each file begins that was taken in, where the file begins that did so, and where it says so.
    all: Vec<(u32, u32, Span)>,
    /// The contracts that they speak.
    uses: Vec<Spanned<Arc<str>>>,
}

impl Included {
    fn here(&self) -> u32 {
        self.around.last().copied().unwrap_or_default()
    }
}

impl File {
    pub(super) fn include(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let name = parser.expect_text("the name of a file in quotes")?;
        let place = start.to(name.span);
        self.header_once(parser, start, false);
        if !self.tree.scenarios.is_empty() {
            return Ok(());
        }
        let linked = parser.source.linked(name.span);
        match linked {
            // Nobody looked for it: only this file is of interest.
            None => {}
            Some(Err(why)) => {
                parser.note(|| {
                    let what = format!("can't include {}: {why}", super::describe::quote(&name.node));
                    Diagnostic::error(Code::UNREADABLE_FILE, name.span, what)
                        .advise("name a file by its way from the folder of this one")
                });
            }
            Some(Ok(part)) => self.take_in(parser, *part, place),
        }
        Ok(())
    }

    fn take_in(&mut self, parser: &mut Parser<'_>, part: Span, place: Span) {
        let here = self.included.here();
        if part.start == 0 || self.included.around.contains(&part.start) {
            parser.note(|| {
                let what = if part.start == here {
                    "this file includes itself"
                } else {
                    "this file includes one that includes this one"
                };
                Diagnostic::error(Code::BAD_INCLUDE, place, what)
                    .advise("move what both need to a third file, and include that")
            });
            return;
        }
        // What several files of a background need is there once.
        if let Some((_, by, first)) = self.included.all.iter().find(|(start, ..)| *start == part.start) {
            if *by == here {
                let first = *first;
                parser.note(|| {
                    Diagnostic::error(Code::DUPLICATE_CLAUSE, place, "this file is included already")
                        .related(first, "the first time")
                        .advise("delete one of them")
                });
            }
            return;
        }
        self.included.all.push((part.start, here, place));
        let tokens = lex_part(parser.text, part, parser.sink());
        let outside = std::mem::replace(&mut parser.tokens, tokens);
        let after = (parser.pos, parser.limit);
        (parser.pos, parser.limit) = (0, 0);
        let mut inner = Self::new();
        inner.included = std::mem::take(&mut self.included);
        inner.included.around.push(part.start);
        inner.statements(parser);
        inner.leave_section(parser);
        inner.misplaced_tags(parser);
        inner.included.around.pop();
        parser.tokens = outside;
        (parser.pos, parser.limit) = after;
        self.included = inner.included;
        let tree = inner.tree;
        if let Some(scenario) = tree.scenarios.first() {
            parser.note(|| {
                Diagnostic::error(
                    Code::BAD_INCLUDE,
                    scenario.name.span,
                    "an included file has a background only",
                )
                .related(place, "included")
                .advise("move the background to a file of its own, and include that in both")
            });
        }
        self.included.uses.extend(tree.uses.map(|uses| Spanned::new(uses.text, uses.span)));
        for lock in tree.locks {
            if self.tree.locks.iter().all(|known| known.node != lock.node) {
                self.tree.locks.push(lock);
            }
        }
        self.tree.background.extend(tree.background);
        // `and` goes on with a step of this file.
        self.role = None;
    }

    /// All of them speak one contract.
    pub(super) fn other_contracts(&mut self, parser: &mut Parser<'_>) {
        let Some(own) = &self.tree.uses else { return };
        for uses in &self.included.uses {
            if uses.node != own.text {
                parser.note(|| {
                    let what = format!(
                        "this background speaks {}, and is included by a file that speaks {}",
                        uses.node, own.text
                    );
                    Diagnostic::error(Code::BAD_INCLUDE, uses.span, what)
                        .related(own.span, "the other contract")
                        .advise("include only what speaks the same contract")
                });
            }
        }
    }

    /// Whether steps may follow without a scenario: they are there for files that include this one.
    pub(super) fn is_shared(&self) -> bool {
        self.section != Section::Dropped && !self.tree.background.is_empty()
    }
}
