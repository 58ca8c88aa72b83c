//! Events: `event … on $o` makes one happen, `emits …` says which must have happened.

use super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Emitted, EventCall, StepKind};
use crate::text::{Code, Diagnostic};

impl Parser<'_> {
    /// `event OrderConfirmed on $o { … }`
    pub(super) fn event(&mut self) -> Parse<StepKind> {
        self.bump();
        let name = self.name("the name of an event behind `event`")?;
        let start = name.span;
        let mut call = EventCall { name, on: None, fields: Vec::new(), span: start };
        let mut braces = false;
        loop {
            let at = self.span();
            let again = if self.peek() == TokenKind::BraceOpen {
                call.fields = self.record()?;
                std::mem::replace(&mut braces, true)
            } else if self.eat_word("on").is_some() {
                let on = self.single()?;
                call.on.replace(on).is_some()
            } else {
                break;
            };
            if again {
                let word = if self.slice(at) == "on" { "on" } else { "{" };
                self.note(|| {
                    Diagnostic::error(Code::DUPLICATE_CLAUSE, at, format!("a second `{word}` in one step"))
                        .advise("delete one of them")
                });
            }
        }
        call.span = self.since(start);
        Ok(StepKind::Event(call))
    }

    /// `emits nothing`, `emits A { … }`, `emits [A, B { … }]`
    pub(super) fn emits(&mut self) -> Parse<StepKind> {
        self.bump();
        if self.word() == "nothing" {
            self.bump();
            return Ok(StepKind::Emits(Vec::new()));
        }
        if self.eat(TokenKind::BracketOpen).is_none() {
            let one = self.emitted("`nothing`, the name of an event, or several in `[…]` behind `emits`")?;
            return Ok(StepKind::Emits(vec![one]));
        }
        let mut events = Vec::new();
        while self.peek() != TokenKind::BracketClose {
            events.push(self.emitted("the name of an event")?);
            if self.eat(TokenKind::Comma).is_none() && self.peek() != TokenKind::BracketClose {
                return Err(self.expected("`,` or `]` behind an event"));
            }
        }
        let end = self.bump();
        if events.is_empty() {
            self.note(|| {
                Diagnostic::error(Code::MISSING, end, "there is no event in these brackets")
                    .advise("where nothing may happen, say `emits nothing`")
            });
        }
        Ok(StepKind::Emits(events))
    }

    fn emitted(&mut self, what: &str) -> Parse<Emitted> {
        let name = self.name(what)?;
        let fields = match self.peek() {
            TokenKind::BraceOpen | TokenKind::Assign => Some(self.matcher()?),
            _ => None,
        };
        Ok(Emitted { name, fields })
    }
}
