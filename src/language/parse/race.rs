//! Races, and what is said of several outcomes at once.

use super::describe::quote;
use super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{
    CommandCall, Condition, Ident, Outcomes, Race, Racer, Racers, Role, Share, StepKind, Tally,
};
use crate::text::{Code, Diagnostic, Spanned};

/// So many commands may race at most: each has a connection of its own.
const MOST_RACERS: usize = 1000;

impl Parser<'_> {
    /// `race` and a racer a line, or `race 40 of AddItem on $o { … } as $r`
    pub(super) fn race(&mut self) -> Parse<StepKind> {
        let start = self.bump();
        if self.peek() == TokenKind::Number {
            return self.race_of_many(start);
        }
        let mut racers = Vec::new();
        while self.at_line_start() && self.peek() == TokenKind::Name && self.peek_at(1) == TokenKind::Colon {
            let label = self.name("a label")?;
            self.bump();
            racers.push(Racer { label, call: self.racing_command()? });
        }
        if racers.is_empty() {
            return Err(self.expected(
                "`40 of` and a command, or racers such as `a: ConfirmOrder on $o`, each on a line of its own, behind `race`",
            ));
        }
        if racers.len() < 2 {
            self.lonely(start);
        }
        Ok(StepKind::Race(Race { racers: Racers::Labelled(racers), span: start }))
    }

    fn race_of_many(&mut self, start: crate::text::Span) -> Parse<StepKind> {
        let count = self.racers_count()?;
        let span = self.since(start);
        if self.eat_word("of").is_none() {
            return Err(self.expected(&format!("`of` and a command behind `race {}`", count.node)));
        }
        if count.node < 2 {
            self.lonely(count.span);
        } else if count.node > MOST_RACERS {
            self.note(|| {
                let what = format!("at most {MOST_RACERS} commands can race");
                Diagnostic::error(Code::IMPOSSIBLE_COUNT, count.span, what).advise("let fewer race")
            });
        }
        let call = self.racing_command()?;
        let name = match self.eat_word("as") {
            Some(_) if self.peek() == TokenKind::Variable => Some(self.decorated()),
            Some(_) => return Err(self.expected("a variable such as `$r` behind `as`")),
            None => None,
        };
        Ok(StepKind::Race(Race { racers: Racers::Many { count, call: Box::new(call), name }, span }))
    }

    fn lonely(&mut self, span: crate::text::Span) {
        self.note(|| {
            Diagnostic::error(Code::IMPOSSIBLE_COUNT, span, "a race needs two commands at least")
                .advise("a command on its own stands behind `when`, without `race`")
        });
    }

    fn racing_command(&mut self) -> Parse<CommandCall> {
        if self.peek() != TokenKind::Name {
            return Err(self.expected("the name of a command"));
        }
        let at = self.span();
        match self.call_step(Role::When)? {
            StepKind::Command(call) => {
                if let Some(capture) = call.captures.first() {
                    let span = capture.name.span.to(capture.path.span);
                    self.note(|| {
                        Diagnostic::error(Code::UNEXPECTED, span, "a racer keeps no part of its answer")
                            .advise(
                                "with `race N of … as $r`, `$r.accepted` holds the answers of those accepted",
                            )
                    });
                }
                Ok(call)
            }
            _ => Err(self.report(|| {
                Diagnostic::error(Code::UNEXPECTED, at, "only commands race, and this is a query")
                    .advise("look at what came of the race in a `then` behind it")
            })),
        }
    }

    fn racers_count(&mut self) -> Parse<Spanned<usize>> {
        let span = self.span();
        if self.peek() != TokenKind::Number {
            return Err(self.racers_in_words());
        }
        let number = self.number()?;
        match number.to_u64().and_then(|number| usize::try_from(number).ok()) {
            Some(count) => Ok(Spanned::new(count, span)),
            None => Err(self.report(|| {
                Diagnostic::error(Code::BAD_NUMBER, span, "a number of racers is whole, and not below 0")
            })),
        }
    }

    /// `exactly one of …`
    fn racers_in_words(&mut self) -> super::parser::Reported {
        const NUMBERS: [&str; 6] = ["none", "one", "two", "three", "four", "five"];
        let span = self.span();
        let word = self.word();
        let (code, found) = self.found();
        self.report(|| {
            let diagnostic = Diagnostic::error(code, span, format!("expected how many, found {found}"));
            match NUMBERS.iter().position(|number| *number == word) {
                Some(number) => diagnostic.replace(format!("write `{number}`"), number.to_string()),
                None => diagnostic.advise("write a number, such as `exactly 1 of a, b accepted`"),
            }
        })
    }

    /// `exactly N of …`, `at least N of …`, `at most N of …`
    pub(super) fn share(&mut self) -> Parse<StepKind> {
        let first = self.bump();
        let word = match self.slice(first) {
            "at" => self.slice(self.span()),
            word => word,
        };
        let share = match word {
            "least" => Share::AtLeast,
            "most" => Share::AtMost,
            _ => Share::Exactly,
        };
        if self.slice(first) == "at" {
            self.bump();
        }
        let count = self.racers_count()?;
        if self.eat_word("of").is_none() {
            return Err(self.expected("`of` and who is meant (`of a, b`, `of $r`)"));
        }
        self.tally(share(count.node))
    }

    /// `all a, b accepted`, `all $r accepted or rejected X`
    pub(super) fn all_of(&mut self) -> Parse<StepKind> {
        self.bump();
        self.tally(Share::All)
    }

    fn tally(&mut self, share: Share) -> Parse<StepKind> {
        let mut of = vec![self.racer_name()?];
        while self.eat(TokenKind::Comma).is_some() {
            of.push(self.racer_name()?);
        }
        let brought = self.outcomes()?;
        let mut others = None;
        if self.peek() == TokenKind::Semicolon {
            let place = self.bump();
            if self.eat_word("others").is_none() {
                return Err(self.expected("`others` and what those brought behind `;`"));
            }
            if share == Share::All {
                self.note(|| {
                    Diagnostic::error(Code::UNEXPECTED, place, "behind `all` there are no others")
                        .advise("write `all … accepted or rejected X`")
                });
            }
            others = Some(self.outcomes()?);
        }
        Ok(StepKind::Tally(Tally { share, of, brought, others }))
    }

    fn racer_name(&mut self) -> Parse<Ident> {
        match self.peek() {
            TokenKind::Variable => Ok(self.decorated()),
            _ if matches!(self.word(), "accepted" | "rejected") => {
                Err(self.expected("a racer such as `a` or `$r`"))
            }
            _ => self.name("a racer such as `a` or `$r`"),
        }
    }

    /// `accepted`, `rejected X | Y`, or both with `or` between them
    fn outcomes(&mut self) -> Parse<Outcomes> {
        let start = self.span();
        let mut outcomes = Outcomes { accepted: false, rejected: None, span: start };
        loop {
            let at = self.span();
            let again = match self.word() {
                "accepted" => {
                    self.bump();
                    std::mem::replace(&mut outcomes.accepted, true)
                }
                "rejected" => {
                    self.bump();
                    let codes = self.codes()?;
                    outcomes.rejected.replace(codes).is_some()
                }
                _ => return Err(self.expected("`accepted` or `rejected`")),
            };
            if again {
                self.note(|| {
                    Diagnostic::error(Code::DUPLICATE_CLAUSE, at, "this has been said before")
                        .advise("several rejections that will do are written `rejected A | B`")
                });
            }
            if self.word() != "or" {
                outcomes.span = self.since(start);
                return Ok(outcomes);
            }
            self.bump();
        }
    }

    /// `A | B`, or nothing
    fn codes(&mut self) -> Parse<Vec<Ident>> {
        let mut codes = Vec::new();
        if self.peek() == TokenKind::Name && !self.at_line_start() && self.word() != "or" {
            codes.push(self.name("a rejection")?);
            while self.eat(TokenKind::Bar).is_some() {
                codes.push(self.name("another rejection behind `|`")?);
            }
        }
        Ok(codes)
    }

    /// `if a accepted: step`
    pub(super) fn conditional(&mut self, role: Role) -> Parse<StepKind> {
        self.bump();
        let racer = self.racer_name()?;
        let brought = self.outcomes()?;
        if self.eat(TokenKind::Colon).is_none() {
            return Err(self.expected("`:` and a step behind the condition"));
        }
        let word = self.word();
        if word == "if" {
            return Err(self.expected("a step without a condition of its own"));
        }
        if matches!(word, "given" | "when" | "then" | "and") && self.peek_at(1) == TokenKind::Name {
            let span = self.bump();
            return Err(self.report_at(|| {
                let what = format!("{} stands before `if`, not behind the condition", quote(word));
                Diagnostic::error(Code::UNEXPECTED, span, what).replace(format!("delete {}", quote(word)), "")
            }));
        }
        let step = self.step(role)?;
        let looks = matches!(
            step.kind,
            StepKind::Read(_)
                | StepKind::Eventually { .. }
                | StepKind::Consistently { .. }
                | StepKind::Settled { .. }
                | StepKind::Emits(_)
        );
        if !looks {
            self.note(|| {
                let what = format!("{} can't stand behind a condition", quote(word));
                Diagnostic::error(Code::MISPLACED_STEP, step.span, what)
                    .advise("what depends on a race is a look at what came of it: a query, with or without `eventually` or `consistently`, `settled`, or `emits`")
            });
        }
        Ok(StepKind::If { condition: Condition { racer, brought }, step: Box::new(step) })
    }
}
