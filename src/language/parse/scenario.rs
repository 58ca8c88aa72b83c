//! `.scenario` files: header, background, scenarios, and the steps in them.

use std::collections::HashMap;
use std::sync::Arc;

use super::include::Included;
use super::parser::{Parser, Reported};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Example, Role, Scenario, ScenarioFile, Step, Tag};
use crate::text::{Code, Diagnostic, Span, Spanned};

/// What the steps that come next belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Section {
    /// Nothing yet.
    Header,
    Background,
    Scenario,
    /// Steps that were reported to be misplaced.
    Dropped,
}

/// Words on a line of their own that go on with the statement before.
pub(super) const CONTINUATIONS: &[&str] =
    &["unless", "key", "at", "on", "shows", "absent", "within", "every", "for", "as"];

pub(super) struct File {
    pub(super) tree: ScenarioFile,
    pub(super) section: Section,
    pub(super) tags: Vec<Tag>,
    /// `repeat 20` behind the tags.
    pub(super) repeat: Option<Spanned<usize>>,
    /// The role of the step before.
    pub(super) role: Option<Role>,
    names: HashMap<Arc<str>, Span>,
    /// The header of the scenario whose steps come next, while it has none.
    pub(super) empty: Option<Span>,
    /// How many tokens outlines have become.
    expanded: usize,
    /// What is taken in from other files.
    pub(super) included: Included,
}

/// What stands before a scenario's or an outline's steps.
struct Heading {
    tags: Vec<Tag>,
    repeat: Option<Spanned<usize>>,
    name: Spanned<Arc<str>>,
}

/// Parses the whole file.
pub(super) fn file(parser: &mut Parser<'_>) -> ScenarioFile {
    let mut file = File::new();
    file.statements(parser);
    file.finish(parser)
}

/// Goes behind `from`, to the next line that may begin a statement by mistake, at the latest to the end of this one.
fn skip_to_line(parser: &mut Parser<'_>, from: usize) {
    while parser.peek() != TokenKind::End {
        let word = parser.word();
        if parser.pos > from
            && parser.at_line_start()
            && !word.is_empty()
            && !CONTINUATIONS.contains(&word)
            && parser.peek_at(1) != TokenKind::Colon
        {
            return;
        }
        parser.bump();
    }
}

impl File {
    pub(super) fn new() -> Self {
        Self {
            tree: ScenarioFile::default(),
            section: Section::Header,
            tags: Vec::new(),
            repeat: None,
            role: None,
            names: HashMap::new(),
            empty: None,
            expanded: 0,
            included: Included::default(),
        }
    }

    /// All statements up to the end of the tokens.
    pub(super) fn statements(&mut self, parser: &mut Parser<'_>) {
        loop {
            parser.begin_statement();
            if parser.peek() == TokenKind::End || parser.has_said_enough() {
                break;
            }
            let before = parser.pos;
            if self.statement(parser).is_err() {
                skip_to_line(parser, before);
            } else if parser.peek() != TokenKind::End && !parser.at_line_start() {
                parser.end_of_line();
                skip_to_line(parser, before);
            }
        }
    }

    fn statement(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        if parser.peek() == TokenKind::Tag {
            return self.tag_line(parser);
        }
        match parser.word() {
            "feature" => self.feature(parser),
            "use" => self.uses(parser),
            "background" => {
                self.background(parser);
                Ok(())
            }
            "scenario" => self.scenario(parser),
            "outline" => self.outline(parser),
            "examples" => {
                let span = parser.span();
                parser.report(|| {
                    Diagnostic::error(Code::BAD_EXAMPLES, span, "`examples` belong to an outline").advise(
                        "write `outline` in place of `scenario`, and `<column>` where their values belong",
                    )
                });
                parser.give_up();
                Ok(())
            }
            "include" => self.include(parser),
            "lock" => self.lock(parser),
            "repeat" if !matches!(parser.word_at(1), "last") => self.repeated(parser),
            "given" | "when" | "then" | "and" | "let" => {
                self.step(parser);
                Ok(())
            }
            _ => self.unknown(parser),
        }
    }

    pub(super) fn scenario(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.span();
        let heading = self.heading(parser, "scenario")?;
        let name = heading.name;
        self.section = Section::Scenario;
        self.empty = Some(start.to(name.span));
        self.tree.scenarios.push(Scenario {
            tags: heading.tags,
            repeat: heading.repeat,
            name,
            example: None,
            locks: Vec::new(),
            steps: Vec::new(),
        });
        Ok(())
    }

    /// An outline with its examples: a scenario a row.
    fn outline(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.span();
        let Heading { tags, repeat, name } = self.heading(parser, "outline")?;
        if parser.peek() != TokenKind::End {
            parser.end_of_line();
        }
        let header = start.to(name.span);
        let body = parser.outline_body();
        let tables = parser.examples(&body, header);
        let after = (parser.pos, parser.limit);
        for row in parser.expand(&body, &tables, &mut self.expanded) {
            let called = self.called(&name, &row.told);
            let example = Some(Example { row: row.row, number: row.number, outline: header.to(body.span) });
            let name = Spanned::new(called, name.span);
            let (tags, repeat) = (tags.clone(), repeat.clone());
            self.tree.scenarios.push(Scenario {
                tags,
                repeat,
                name,
                example,
                locks: Vec::new(),
                steps: Vec::new(),
            });
            self.section = Section::Scenario;
            self.role = None;
            self.empty = Some(header);
            let tokens = std::mem::replace(&mut parser.tokens, row.tokens);
            parser.outer = row.outer;
            (parser.pos, parser.limit) = (0, 0);
            self.statements(parser);
            self.leave_section(parser);
            parser.outer = Vec::new();
            parser.tokens = tokens;
        }
        (parser.pos, parser.limit) = after;
        self.section = Section::Dropped;
        Ok(())
    }

    /// What a row's scenario is called. Cells that are cut may look alike; those are counted, without a word on what else is in
    /// the file: a scenario's shard and its course go by its name.
    fn called(&mut self, name: &Spanned<Arc<str>>, told: &str) -> Arc<str> {
        let plain = format!("{} ({told})", name.node);
        let alike = (2..).map(|count| format!("{plain} #{count}"));
        let mut all = std::iter::once(plain.clone()).chain(alike);
        let free = all.find(|called| !self.names.contains_key(called.as_str())).unwrap_or(plain);
        self.names.insert(free.as_str().into(), name.span);
        free.into()
    }

    /// The word and the name that begin a scenario or an outline, and the tags before it.
    fn heading(&mut self, parser: &mut Parser<'_>, what: &str) -> Result<Heading, Reported> {
        // Tags belong to what follows them, also if that is wrong.
        let (tags, repeat) = (std::mem::take(&mut self.tags), self.repeat.take());
        self.leave_section(parser);
        parser.bump();
        self.section = Section::Dropped;
        self.role = None;
        let name = parser.expect_text(&format!("the name of the {what} in quotes"))?;
        if name.node.trim().is_empty() {
            parser.note(|| {
                Diagnostic::error(Code::MISSING, name.span, format!("this {what} has no name"))
                    .advise("say in a sentence what the system promises")
            });
        }
        if let Some(earlier) = self.names.insert(name.node.clone(), name.span) {
            parser.note(|| {
                Diagnostic::error(
                    Code::DUPLICATE_SCENARIO,
                    name.span,
                    "two scenarios of this file have the same name",
                )
                .related(earlier, "the first one")
                .advise("say in the name what sets it apart")
            });
        }
        Ok(Heading { tags, repeat, name })
    }

    /// What is wrong with a section is known at its end.
    pub(super) fn leave_section(&mut self, parser: &mut Parser<'_>) {
        if let Some(span) = self.empty.take() {
            parser.note(|| {
                Diagnostic::error(Code::EMPTY_SCENARIO, span, "this scenario has no steps")
                    .advise("add steps: `given …`, `when …`, `then …`")
            });
        }
    }

    fn step(&mut self, parser: &mut Parser<'_>) {
        let start = parser.span();
        let word = parser.word();
        self.misplaced_tags(parser);
        let known = self.role;
        let role = match word {
            "given" => Role::Given,
            "when" => Role::When,
            "then" => Role::Then,
            _ => known.unwrap_or(Role::Given),
        };
        if word == "let" {
            let step = parser.let_step(role);
            return self.keep(parser, start, step);
        }
        parser.bump();
        if word == "and" && known.is_none() && self.section != Section::Header {
            parser.note(|| {
                Diagnostic::error(
                    Code::MISPLACED_STEP,
                    start,
                    "`and` goes on with the step before, but there is none",
                )
                .advise("write `given`, `when` or `then`")
            });
        }
        self.role = Some(role);
        let step = parser.step(role);
        self.keep(parser, start, step);
    }

    /// Puts a step where it belongs. After a mistake the scenario still counts as having steps.
    pub(super) fn keep(&mut self, parser: &mut Parser<'_>, start: Span, step: Result<Step, Reported>) {
        self.empty = None;
        if self.section == Section::Header {
            parser.note(|| {
                Diagnostic::error(Code::STEP_WITHOUT_SCENARIO, start, "this step belongs to no scenario")
                    .advise("begin a scenario before it: `scenario \"what it shows\"`")
            });
            self.section = Section::Dropped;
        }
        let Ok(step) = step else {
            skip_to_line(parser, parser.pos);
            return;
        };
        match self.section {
            Section::Background => self.tree.background.push(step),
            Section::Scenario => {
                if let Some(scenario) = self.tree.scenarios.last_mut() {
                    scenario.steps.push(step);
                }
            }
            Section::Header | Section::Dropped => {}
        }
    }

    fn finish(mut self, parser: &mut Parser<'_>) -> ScenarioFile {
        self.leave_section(parser);
        self.misplaced_tags(parser);
        self.other_contracts(parser);
        if self.tree.scenarios.is_empty() && self.section != Section::Dropped && !self.is_shared() {
            parser.note(|| {
                Diagnostic::warning(Code::NO_SCENARIOS, Span::default(), "this file has no scenarios")
                    .advise("add one: `scenario \"what it shows\"`")
            });
        }
        self.tree
    }
}
