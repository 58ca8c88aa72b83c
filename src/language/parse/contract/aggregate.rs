//! What belongs to an aggregate: states, commands, events, invariants, and their clauses.

use super::super::parser::{Parse, Parser};
use super::fields::{Types, add, carried};
use super::file::{File, Owner, repeated};
use crate::language::lexer::TokenKind;
use crate::language::syntax::contract::{CommandDecl, Emit, EventDecl, Invariant, Reject, Set, StateDecl};
use crate::text::{Code, Diagnostic};

impl File {
    /// `state items: [Item] = []`
    pub(super) fn state(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let name = parser.name("the name of the state")?;
        if parser.eat(TokenKind::Colon).is_none() {
            parser.whole(&name, '`')?;
            return Err(parser.colon_missing(&name, "a type"));
        }
        let ty = parser.type_expr()?;
        let default = match parser.eat(TokenKind::Assign) {
            Some(_) => Some(parser.expression()?),
            None => None,
        };
        let state = StateDecl { name, ty, default, span: parser.since(start) };
        if let Some(aggregate) = self.member(parser, start, Owner::Aggregate) {
            add(parser, &mut aggregate.states, state, "states", start);
        }
        Ok(())
    }

    /// `command CreateOrder { … }`
    pub(super) fn command(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        let name = parser.name("the name of the command")?;
        let fields = carried(parser, Types::Needed)?;
        let command = CommandDecl {
            name,
            fields,
            rejects: Vec::new(),
            in_order: None,
            atomic: None,
            no_effect: None,
            emits: Vec::new(),
            sets: Vec::new(),
            span: parser.since(start),
        };
        if let Some(aggregate) = self.member(parser, start, Owner::Command) {
            aggregate.commands.push(command);
        }
        // `command X { … } in order` says the same as on a line of its own.
        while matches!(parser.word(), "in" | "no" | "atomic") && !parser.at_line_start() {
            self.command_word(parser)?;
        }
        Ok(())
    }

    /// `event OrderCreated { … }`
    pub(super) fn event(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        let name = parser.name("the name of the event")?;
        let fields = carried(parser, Types::Optional)?;
        let event = EventDecl { name, fields, sets: Vec::new(), span: parser.since(start) };
        if let Some(aggregate) = self.member(parser, start, Owner::Event) {
            add(parser, &mut aggregate.events, event, "events", start);
        }
        Ok(())
    }

    /// `invariant "…": …`
    pub(super) fn invariant(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        if parser.peek() == TokenKind::Name {
            let span = parser.span();
            let (code, found) = parser.found();
            return Err(parser.report(|| {
                Diagnostic::error(code, span, format!("expected what the invariant says, in quotes, found {found}"))
                    .advise("say it in words, then as a condition: `invariant \"a live order has items\": count(self.items) > 0`")
            }));
        }
        let name = parser.expect_text("what the invariant says, in quotes")?;
        if parser.eat(TokenKind::Colon).is_none() {
            return Err(parser.expected("`:` and the condition"));
        }
        let condition = parser.expression()?;
        let invariant = Invariant { name, condition, span: parser.since(start) };
        if let Some(aggregate) = self.member(parser, start, Owner::Aggregate) {
            aggregate.invariants.push(invariant);
        }
        Ok(())
    }

    fn last_command(&mut self) -> Option<&mut CommandDecl> {
        match self.owner {
            Owner::Command => self.tree.aggregates.last_mut()?.commands.last_mut(),
            _ => None,
        }
    }

    /// `reject X when …`
    pub(super) fn reject(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let code = parser.name("the name of the rejection")?;
        if parser.eat_word("when").is_none() {
            let span = parser.span();
            let (code, found) = parser.found();
            return Err(parser.report(|| {
                let what = format!("expected `when` and a condition, found {found}");
                let diagnostic = Diagnostic::error(code, span, what);
                match found.as_str() {
                    "`if`" => diagnostic.replace("write `when`", "when"),
                    _ => diagnostic.advise("for a command that is always refused write `when true`"),
                }
            }));
        }
        let when = parser.expression()?;
        let reject = Reject { code, when, span: parser.since(start) };
        match self.last_command() {
            Some(command) => add(parser, &mut command.rejects, reject, "rejections", start),
            None => self.wrong_owner(parser, start, "a command"),
        }
        Ok(())
    }

    /// `emits E { … }`
    pub(super) fn emits(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let event = parser.name("the name of an event")?;
        if parser.peek() == TokenKind::Dot {
            let span = parser.since(event.span);
            return Err(parser.report(|| {
                Diagnostic::error(Code::UNEXPECTED, span, "a command emits events of its own aggregate alone")
                    .advise(format!("say what it changes in another one: `set {}.balance = …`", event.text))
            }));
        }
        let fields = match parser.peek() {
            TokenKind::BraceOpen => parser.record()?,
            _ => Vec::new(),
        };
        let emit = Emit { event, fields, span: parser.since(start) };
        match self.last_command() {
            Some(command) => command.emits.push(emit),
            None => self.wrong_owner(parser, start, "a command"),
        }
        Ok(())
    }

    /// `set a.b = …`
    pub(super) fn set(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let mut path = vec![parser.name("the name of a state")?];
        while parser.eat(TokenKind::Dot).is_some() {
            path.push(parser.name("the name of a state behind `.`")?);
        }
        if parser.eat(TokenKind::Assign).is_none() {
            let equal = parser.span();
            if parser.peek() != TokenKind::Equal {
                return Err(parser.expected("`=` and a value"));
            }
            parser.report(|| {
                Diagnostic::error(Code::UNEXPECTED, equal, "`==` compares").replace("write `=`", "=")
            });
            parser.bump();
        }
        let value = parser.expression()?;
        let set = Set { path, value, span: parser.since(start) };
        let aggregate = self.tree.aggregates.last_mut();
        let sets = match (self.owner, aggregate) {
            (Owner::Command, Some(aggregate)) => {
                aggregate.commands.last_mut().map(|command| &mut command.sets)
            }
            (Owner::Event, Some(aggregate)) => aggregate.events.last_mut().map(|event| &mut event.sets),
            _ => None,
        };
        match sets {
            Some(sets) => sets.push(set),
            None => self.wrong_owner(parser, start, "a command or an event"),
        }
        Ok(())
    }

    /// `in order`, `no effect`, `atomic`
    pub(super) fn command_word(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        let word = parser.slice(start);
        match word {
            "in" if parser.eat_word("order").is_none() => return Err(parser.expected("`order` behind `in`")),
            "no" if parser.eat_word("effect").is_none() => {
                return Err(parser.expected("`effect` behind `no`"));
            }
            _ => {}
        }
        let span = parser.since(start);
        let Some(command) = self.last_command() else {
            self.wrong_owner(parser, span, "a command");
            return Ok(());
        };
        let place = match word {
            "in" => &mut command.in_order,
            "no" => &mut command.no_effect,
            _ => &mut command.atomic,
        };
        if place.replace(span).is_some() {
            let clause = format!("`{}`", parser.slice(span));
            repeated(parser, span, &clause);
        }
        Ok(())
    }
}
