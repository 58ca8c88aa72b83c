//! Steps: what stands behind `given`, `when`, `then`, `and`, and `let`.

use std::time::Duration;

use super::describe::quote;
use super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Matcher, Role, Step, StepKind};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// Words a step can begin with behind its role, but for the names of commands and queries.
pub(super) const STEP_WORDS: &[&str] = &[
    "accepted",
    "rejected",
    "same",
    "any",
    "repeat",
    "race",
    "exactly",
    "all",
    "if",
    "eventually",
    "consistently",
    "never",
    "settled",
    "event",
    "emits",
    "rebuild",
];

/// The same for what is not supported yet.
const LATER_WORDS: &[&str] = &["advance"];

impl Parser<'_> {
    /// A step without its role, which is `role`.
    pub(super) fn step(&mut self, role: Role) -> Parse<Step> {
        let start = self.span();
        let kind = self.step_kind(role)?;
        let span = self.since(start);
        self.check_role(role, &kind, span);
        Ok(Step { role, kind, span })
    }

    fn step_kind(&mut self, role: Role) -> Parse<StepKind> {
        if self.peek() == TokenKind::Less
            && self.peek_at(1) == TokenKind::Name
            && self.peek_at(2) == TokenKind::Greater
        {
            return Err(self.stray_placeholder());
        }
        if self.peek() != TokenKind::Name {
            return Err(self.expected(&format!("a step behind `{}`", role_word(role))));
        }
        match self.word() {
            "let" => Err(self.misplaced_let()),
            "accepted" => {
                self.bump();
                Ok(StepKind::Accepted)
            }
            "rejected" => self.rejected(),
            "same" => {
                self.bump();
                self.expect_word("outcome", "behind `same`").map(|_| StepKind::SameOutcome)
            }
            "any" if !self.is_name_of_command() => {
                self.bump();
                self.expect_word("outcome", "behind `any`").map(|_| StepKind::AnyOutcome)
            }
            "repeat" if self.peek_at(1) == TokenKind::Number => Err(self.misplaced_repeat()),
            "repeat" => {
                self.bump();
                self.expect_word("last", "behind `repeat`").map(|_| StepKind::RepeatLast)
            }
            "eventually" => self.eventually(),
            "consistently" => self.consistently(),
            "never" => self.never(),
            "settled" => {
                self.bump();
                let within = self.optional_duration("settled", "within", "5s")?;
                Ok(StepKind::Settled { within })
            }
            "at" if matches!(self.word_at(1), "least" | "most") => self.share(),
            "at" if self.peek_at(1) == TokenKind::Name && self.peek_at(2) == TokenKind::Number => {
                Err(self.neither_least_nor_most())
            }
            word if self.is_name_of_command() => {
                self.mistyped_step(word)?;
                self.call_step(role)
            }
            "event" => self.event(),
            "emits" => self.emits(),
            "rebuild" => {
                self.bump();
                self.name("the name of a query behind `rebuild`").map(StepKind::Rebuild)
            }
            "race" => self.race(),
            "exactly" => self.share(),
            "all" => self.all_of(),
            "if" => self.conditional(role),
            word if self.is_later(word) => Err(self.not_yet(1, &quote(word))),
            word => {
                self.mistyped_step(word)?;
                self.call_step(role)
            }
        }
    }

    /// Whether `word`, which comes next, begins something that is not supported yet, and is not the name of a command.
    fn is_later(&self, word: &str) -> bool {
        LATER_WORDS.contains(&word) && !self.is_name_of_command()
    }

    /// Whether the next word can only be a command's or query's name, though it may be a word of the language.
    fn is_name_of_command(&self) -> bool {
        matches!(self.word_at(1), "on" | "shows" | "key")
    }

    /// Names of commands and queries are capitalised; a lower-case word near a step's word is that, mistyped.
    fn mistyped_step(&mut self, word: &str) -> Parse<()> {
        let span = self.span();
        if !word.starts_with(|c: char| c.is_ascii_lowercase()) || matches!(self.word_at(1), "on") {
            return Ok(());
        }
        let Some(known) = did_you_mean(word, STEP_WORDS.iter().chain(LATER_WORDS).copied()) else {
            return Ok(());
        };
        Err(self.report(|| {
            Diagnostic::error(Code::UNKNOWN_STEP, span, format!("there is no step {}", quote(word)))
                .suggest(Some(known))
        }))
    }

    /// `when repeat 3 …`
    fn misplaced_repeat(&mut self) -> super::parser::Reported {
        let span = self.span();
        let reported = self.report(|| {
            Diagnostic::error(Code::MISPLACED_STEP, span, "a single step can't be repeated")
                .advise("`repeat 3` behind the tags of a scenario repeats all of it; `repeat last` sends the last command again")
        });
        self.give_up();
        reported
    }

    fn misplaced_let(&mut self) -> super::parser::Reported {
        let span = self.span();
        self.report(|| {
            Diagnostic::error(
                Code::MISPLACED_STEP,
                span,
                "`let` stands alone, without `given`, `when`, `then` or `and`",
            )
            .advise("begin the line with `let`")
        })
    }

    /// `let $o = new Order`
    pub(super) fn let_step(&mut self, role: Role) -> Parse<Step> {
        let start = self.bump();
        if self.peek() != TokenKind::Variable {
            let span = self.span();
            let word = self.word();
            if word.is_empty() {
                return Err(self.expected("a variable such as `$order` behind `let`"));
            }
            return Err(self.report(|| {
                Diagnostic::error(
                    Code::UNEXPECTED,
                    span,
                    format!("expected a variable behind `let`, found {}", quote(word)),
                )
                .replace(format!("a variable begins with `$`: `${word}`"), format!("${word}"))
            }));
        }
        let name = self.decorated();
        if self.eat(TokenKind::Assign).is_none() {
            if self.peek() != TokenKind::Equal {
                return Err(self.expected(&format!("`=` and a value behind `${}`", name.text)));
            }
            let span = self.span();
            self.report(|| {
                Diagnostic::error(Code::UNEXPECTED, span, "`==` compares").replace("write `=`", "=")
            });
            self.bump();
        }
        let value = self.expression()?;
        Ok(Step { role, kind: StepKind::Let { name, value }, span: self.since(start) })
    }

    /// `rejected A | B { detail: … }`
    fn rejected(&mut self) -> Parse<StepKind> {
        self.bump();
        let mut codes = Vec::new();
        if self.peek() == TokenKind::Name && !self.at_line_start() {
            codes.push(self.name("a rejection")?);
            while self.peek() == TokenKind::Bar || self.word() == "or" {
                let or = self.bump();
                if self.slice(or) == "or" {
                    self.note(|| {
                        Diagnostic::error(Code::UNEXPECTED, or, "alternatives are separated by `|`")
                            .replace("write `|`", "|")
                    });
                }
                codes.push(self.name("another rejection behind `|`")?);
            }
        }
        let details = match self.peek() {
            TokenKind::BraceOpen | TokenKind::Assign => Some(self.matcher()?),
            _ => None,
        };
        Ok(StepKind::Rejected { codes, details })
    }

    fn eventually(&mut self) -> Parse<StepKind> {
        self.bump();
        let (mut within, mut every) = (None, None);
        loop {
            if self.eat_word("every").is_some() {
                every = Some(self.duration("every 50ms")?);
            } else if self.duration_word("eventually", "within") {
                within = Some(self.duration("within 5s")?);
            } else {
                break;
            }
        }
        let assertion = self.assertion("eventually")?;
        let unless = self.unless()?;
        Ok(StepKind::Eventually { within, every, assertion, unless })
    }

    fn unless(&mut self) -> Parse<Option<Matcher>> {
        match self.eat_word("unless") {
            Some(_) => self.matcher().map(Some),
            None => Ok(None),
        }
    }

    fn consistently(&mut self) -> Parse<StepKind> {
        self.bump();
        if !self.duration_word("consistently", "for") {
            return Err(self.expected("how long it must hold, such as `for 500ms`, behind `consistently`"));
        }
        let lasts = self.duration("for 500ms")?;
        let assertion = self.assertion("consistently")?;
        Ok(StepKind::Consistently { lasts, assertion })
    }

    fn never(&mut self) -> Parse<StepKind> {
        self.bump();
        let lasts = self.optional_duration("never", "for", "500ms")?;
        let assertion = self.assertion("never")?;
        Ok(StepKind::Never { lasts, assertion })
    }

    /// Takes the word before a duration. `for 5s` where this step says `within 5s`, or the other way round, is told and taken for it.
    fn duration_word(&mut self, step: &str, wanted: &'static str) -> bool {
        if self.eat_word(wanted).is_some() {
            return true;
        }
        let word = self.word();
        let is_duration = matches!(self.peek_at(1), TokenKind::Duration | TokenKind::Number);
        if !matches!(word, "within" | "for") || !is_duration {
            return false;
        }
        let span = self.bump();
        self.note(|| {
            let what = format!("{} takes {}, not {}", quote(step), quote(wanted), quote(word));
            Diagnostic::error(Code::UNEXPECTED, span, what)
                .replace(format!("write {}", quote(wanted)), wanted)
        });
        true
    }

    /// `at lest 1 of …`
    fn neither_least_nor_most(&mut self) -> super::parser::Reported {
        self.bump();
        let span = self.span();
        let word = self.word();
        self.report(|| {
            let what = format!("expected `least` or `most` behind `at`, found {}", quote(word));
            Diagnostic::error(Code::UNEXPECTED, span, what).suggest(did_you_mean(word, ["least", "most"]))
        })
    }

    /// `word D`, if `word` comes next.
    fn optional_duration(
        &mut self,
        step: &str,
        word: &'static str,
        example: &str,
    ) -> Parse<Option<Spanned<Duration>>> {
        if self.duration_word(step, word) {
            return self.duration(&format!("{word} {example}")).map(Some);
        }
        Ok(None)
    }

    /// Reports a step that makes no sense in its role.
    fn check_role(&mut self, role: Role, kind: &StepKind, span: Span) {
        let (step, what, wanted) = match kind {
            StepKind::Accepted => ("accepted", "an expectation", Role::Then),
            StepKind::Rejected { .. } => ("rejected", "an expectation", Role::Then),
            StepKind::SameOutcome => ("same outcome", "an expectation", Role::Then),
            StepKind::AnyOutcome => ("any outcome", "an expectation", Role::Then),
            StepKind::Never { .. } if role == Role::Given => ("never", "an expectation", Role::Then),
            StepKind::Tally(_) => ("exactly 1 of …", "an expectation", Role::Then),
            StepKind::If { .. } => ("if …", "an expectation", Role::Then),
            StepKind::Event(_) => ("event …", "something that is set up", Role::Given),
            StepKind::Emits(_) => ("emits …", "an expectation", Role::Then),
            StepKind::Rebuild(_) if role == Role::Then => ("rebuild …", "something that is done", Role::When),
            StepKind::Race(_) if role == Role::Then => ("race", "something that is done", Role::When),
            StepKind::RepeatLast if role == Role::Then => {
                ("repeat last", "something that is done", Role::When)
            }
            _ => return,
        };
        if role == wanted {
            return;
        }
        self.note(|| {
            let message = format!("`{step}` is {what}, it can't stand behind `{}`", role_word(role));
            Diagnostic::error(Code::MISPLACED_STEP, span, message)
                .advise(format!("write `{} {step}`", role_word(wanted)))
        });
    }
}

/// The word that stands for a role.
pub(super) fn role_word(role: Role) -> &'static str {
    match role {
        Role::Given => "given",
        Role::When => "when",
        Role::Then => "then",
    }
}
