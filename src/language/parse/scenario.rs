//! `.scenario` files: header, background, scenarios, and the steps in them.

use std::collections::HashMap;

use super::describe::quote;
use super::parser::{Parser, Reported};
use super::statement::SCENARIO_STARTS;
use super::step::STEP_WORDS;
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Example, Ident, Role, Scenario, ScenarioFile, Step, Tag};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// What the steps that come next belong to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    /// Nothing yet.
    Header,
    Background,
    Scenario,
    /// Steps that were reported to be misplaced.
    Dropped,
}

/// Words on a line of their own that go on with the statement before.
const CONTINUATIONS: &[&str] =
    &["unless", "key", "at", "on", "shows", "absent", "within", "every", "for", "as"];

struct File {
    tree: ScenarioFile,
    section: Section,
    tags: Vec<Tag>,
    /// The role of the step before.
    role: Option<Role>,
    names: HashMap<Box<str>, Span>,
    /// The header of the scenario whose steps come next, while it has none.
    empty: Option<Span>,
    /// How many tokens outlines have become.
    expanded: usize,
}

/// Parses the whole file.
pub(super) fn file(parser: &mut Parser<'_>) -> ScenarioFile {
    let mut file = File {
        tree: ScenarioFile::default(),
        section: Section::Header,
        tags: Vec::new(),
        role: None,
        names: HashMap::new(),
        empty: None,
        expanded: 0,
    };
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
    /// All statements up to the end of the tokens.
    fn statements(&mut self, parser: &mut Parser<'_>) {
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
            self.tag_line(parser);
            return Ok(());
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
            word @ ("include" | "lock") => Err(parser.not_yet(1, &quote(word))),
            "repeat" if parser.peek_at(1) == TokenKind::Number && !self.tags.is_empty() => {
                parser.not_yet(2, "`repeat N`");
                Ok(())
            }
            "given" | "when" | "then" | "and" | "let" => {
                self.step(parser);
                Ok(())
            }
            _ => self.unknown(parser),
        }
    }

    fn tag_line(&mut self, parser: &mut Parser<'_>) {
        self.leave_section(parser);
        self.section = Section::Header;
        while parser.peek() == TokenKind::Tag {
            let tag = parser.decorated();
            self.tags.push(tag);
        }
        if parser.word() == "repeat" {
            parser.not_yet(2, "`repeat N`");
        }
    }

    fn feature(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.bump();
        let name = parser.expect_text("the name of the feature in quotes")?;
        self.header_once(parser, start, self.tree.feature.is_some());
        self.tree.feature.get_or_insert(name);
        Ok(())
    }

    fn uses(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
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

    fn background(&mut self, parser: &mut Parser<'_>) {
        let start = parser.bump();
        self.header_once(parser, start, self.section == Section::Background);
        self.section = Section::Background;
        self.role = None;
    }

    fn header_once(&mut self, parser: &mut Parser<'_>, start: Span, again: bool) {
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

    fn scenario(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.span();
        let (tags, name) = self.heading(parser, "scenario")?;
        self.section = Section::Scenario;
        self.empty = Some(start.to(name.span));
        self.tree.scenarios.push(Scenario { tags, name, example: None, steps: Vec::new() });
        Ok(())
    }

    /// An outline with its examples: a scenario a row.
    fn outline(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
        let start = parser.span();
        let (tags, name) = self.heading(parser, "outline")?;
        if parser.peek() != TokenKind::End {
            parser.end_of_line();
        }
        let header = start.to(name.span);
        let body = parser.outline_body();
        let tables = parser.examples(&body, header);
        let after = (parser.pos, parser.limit);
        for row in parser.expand(&body, &tables, &mut self.expanded) {
            let mut called = format!("{} ({})", name.node, row.told);
            if self.names.contains_key(called.as_str()) {
                // Cells that are cut may look alike.
                called = format!("{called} #{}", self.tree.scenarios.len() + 1);
            }
            self.names.insert(called.as_str().into(), name.span);
            let example = Some(Example { row: row.row, outline: header.to(body.span) });
            let name = Spanned::new(called.into(), name.span);
            self.tree.scenarios.push(Scenario { tags: tags.clone(), name, example, steps: Vec::new() });
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

    /// The word and the name that begin a scenario or an outline, and the tags before it.
    fn heading(
        &mut self,
        parser: &mut Parser<'_>,
        what: &str,
    ) -> Result<(Vec<Tag>, Spanned<Box<str>>), Reported> {
        // Tags belong to what follows them, also if that is wrong.
        let tags = std::mem::take(&mut self.tags);
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
        Ok((tags, name))
    }

    /// What is wrong with a section is known at its end.
    fn leave_section(&mut self, parser: &mut Parser<'_>) {
        if let Some(span) = self.empty.take() {
            parser.note(|| {
                Diagnostic::error(Code::EMPTY_SCENARIO, span, "this scenario has no steps")
                    .advise("add steps: `given …`, `when …`, `then …`")
            });
        }
    }

    fn misplaced_tags(&mut self, parser: &mut Parser<'_>) {
        let tags = std::mem::take(&mut self.tags);
        if let (Some(first), Some(last)) = (tags.first(), tags.last()) {
            let span = first.span.to(last.span);
            parser.note(|| {
                Diagnostic::error(Code::MISPLACED_TAG, span, "no scenario follows these tags")
                    .advise("tags stand on the line before `scenario`")
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
    fn keep(&mut self, parser: &mut Parser<'_>, start: Span, step: Result<Step, Reported>) {
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

    /// A line that begins with no word of the language.
    fn unknown(&mut self, parser: &mut Parser<'_>) -> Result<(), Reported> {
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

    fn finish(mut self, parser: &mut Parser<'_>) -> ScenarioFile {
        self.leave_section(parser);
        self.misplaced_tags(parser);
        if self.tree.scenarios.is_empty() && self.section != Section::Dropped {
            parser.note(|| {
                Diagnostic::warning(Code::NO_SCENARIOS, Span::default(), "this file has no scenarios")
                    .advise("add one: `scenario \"what it shows\"`")
            });
        }
        self.tree
    }
}
