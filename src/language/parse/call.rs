//! Commands and queries as a step asks for them.

use std::sync::Arc;

use super::describe::quote;
use super::parser::{Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{
    Assertion, Capture, CommandCall, Expr, FieldExpr, Ident, QueryCall, Role, Shows, StepKind,
};
use crate::text::{Code, Diagnostic, Span, Spanned, did_you_mean};

/// What may stand behind the name of a command or query.
const CLAUSES: &[&str] = &["on", "key", "at version", "shows", "absent", "as"];

/// Everything that can stand behind a name, before it is known whether it is a command or a query.
struct Call {
    name: Ident,
    on: Option<Expr>,
    fields: Option<Vec<FieldExpr>>,
    key: Option<Expr>,
    version: Option<Expr>,
    actor: Option<Ident>,
    shows: Option<Shows>,
    captures: Vec<Capture>,
    /// Up to the last of them, `shows` and captures left out.
    span: Span,
    /// Where `key` or `at version` stands: only commands have these.
    command_clause: Option<Span>,
}

impl Parser<'_> {
    /// A command, or a query that is asked once. Which one a name stands for only the contract knows; what stands
    /// behind it, and the role, tell as much as the syntax can.
    pub(super) fn call_step(&mut self, role: Role) -> Parse<StepKind> {
        let call = self.call_parts()?;
        let is_read = call.shows.is_some() || (role == Role::Then && call.command_clause.is_none());
        if is_read {
            return Ok(StepKind::Read(self.assertion_of(call)));
        }
        Ok(StepKind::Command(CommandCall {
            name: call.name,
            on: call.on,
            fields: call.fields.unwrap_or_default(),
            key: call.key,
            version: call.version,
            actor: call.actor,
            captures: call.captures,
            span: call.span,
        }))
    }

    /// A query and what it must show.
    pub(super) fn assertion(&mut self, after: &str) -> Parse<Assertion> {
        if self.peek() != TokenKind::Name {
            return Err(self.expected(&format!("the name of a query behind `{after}`")));
        }
        let call = self.call_parts()?;
        let assertion = self.assertion_of(call);
        if assertion.shows.is_none() {
            let at = self.span();
            let name = assertion.query.span;
            self.report(|| {
                Diagnostic::error(
                    Code::MISSING_SHOWS,
                    at,
                    format!("`{after}` needs to know what the answer must look like"),
                )
                .related(name, "the answer of this query")
                .advise("add `shows …`, or `absent`")
            });
        }
        Ok(assertion)
    }

    fn assertion_of(&mut self, call: Call) -> Assertion {
        if let Some(clause) = call.command_clause {
            let word = self.slice(clause);
            self.note(|| {
                Diagnostic::error(Code::UNEXPECTED, clause, format!("a query has no `{word}`"))
                    .advise("only commands have keys and expected versions")
            });
        }
        let Call { name, on, fields, actor, shows, captures, span, .. } = call;
        let query = QueryCall { name, on, fields: fields.unwrap_or_default(), actor, span };
        Assertion { query, shows, captures }
    }

    fn call_parts(&mut self) -> Parse<Call> {
        let name = self.name("the name of a command or query")?;
        let mut call = Call {
            span: name.span,
            name,
            on: None,
            fields: None,
            key: None,
            version: None,
            actor: None,
            shows: None,
            captures: Vec::new(),
            command_clause: None,
        };
        loop {
            let start = self.span();
            match self.peek() {
                TokenKind::BraceOpen => {
                    let fields = self.record()?;
                    let again = call.fields.replace(fields).is_some();
                    self.once("{", start, again);
                }
                TokenKind::Arrow => {
                    self.bump();
                    self.captures(&mut call.captures)?;
                    continue;
                }
                TokenKind::Name => match self.call_clause(&mut call) {
                    Some(done) => done?,
                    None => break,
                },
                _ => break,
            }
            if call.shows.is_none() {
                call.span = self.since(call.span);
            }
        }
        self.mistyped_clause(&call)?;
        Ok(call)
    }

    /// A clause that begins with the next word, or nothing if that begins none.
    fn call_clause(&mut self, call: &mut Call) -> Option<Parse<()>> {
        let start = self.span();
        let word = self.word();
        let again = match word {
            "on" => {
                self.bump();
                self.single().map(|value| call.on.replace(value).is_some())
            }
            "key" => {
                self.bump();
                call.command_clause.get_or_insert(start);
                self.single().map(|value| call.key.replace(value).is_some())
            }
            "at" => {
                self.bump();
                if self.eat_word("version").is_none() {
                    return Some(Err(self.expected("`version` behind `at`")));
                }
                call.command_clause.get_or_insert(self.since(start));
                self.value().map(|value| call.version.replace(value).is_some())
            }
            "shows" => {
                self.bump();
                if self.peek() == TokenKind::End {
                    return Some(Err(self.expected("what the answer must look like behind `shows`")));
                }
                self.shows().map(|shows| call.shows.replace(shows).is_some())
            }
            "absent" => {
                self.bump();
                Ok(call.shows.replace(Shows::Absent(start)).is_some())
            }
            // Behind a race: the name of its racers.
            "as" if self.peek_at(1) == TokenKind::Variable => return None,
            "as" => {
                self.bump();
                self.name("who is speaking behind `as`, such as `as alice`")
                    .map(|actor| call.actor.replace(actor).is_some())
            }
            _ => return None,
        };
        let clause = if word == "at" { "at version" } else { word };
        Some(again.map(|again| self.once(clause, start, again)))
    }

    /// What stands behind `shows`.
    fn shows(&mut self) -> Parse<Shows> {
        if self.eat_word("total").is_none() {
            return self.matcher().map(Shows::Value);
        }
        if self.peek() == TokenKind::End {
            return Err(
                self.expected("how many rows there are on all pages behind `total`, such as `total 3`")
            );
        }
        self.matcher().map(Shows::Total)
    }

    fn once(&mut self, clause: &str, place: Span, again: bool) {
        if again {
            self.note(|| {
                Diagnostic::error(Code::DUPLICATE_CLAUSE, place, format!("a second `{clause}` in one step"))
                    .advise("delete one of them")
            });
        }
    }

    /// `$v = path, …`
    fn captures(&mut self, captures: &mut Vec<Capture>) -> Parse<()> {
        loop {
            if self.peek() != TokenKind::Variable {
                return Err(self.expected("a variable such as `$version` behind `->`"));
            }
            let name = self.decorated();
            if self.eat(TokenKind::Assign).is_none() {
                return Err(self.expected("`=` and the path of what is kept, such as `-> $v = version`"));
            }
            captures.push(Capture { name, path: self.path()? });
            if self.peek() != TokenKind::Comma || self.peek_at(1) != TokenKind::Variable {
                return Ok(());
            }
            self.bump();
        }
    }

    /// `items[0].price`
    fn path(&mut self) -> Parse<Spanned<Arc<str>>> {
        let start = self.span();
        let mut path = String::from(&*self.name("the path of what is kept, such as `version`")?.text);
        loop {
            match self.peek() {
                TokenKind::Dot => {
                    self.bump();
                    path.push('.');
                    path.push_str(&self.name("the name of a field behind `.`")?.text);
                }
                TokenKind::BracketOpen if self.peek_at(1) == TokenKind::Number => {
                    self.bump();
                    let index = self.bump();
                    path.push('[');
                    path.push_str(self.slice(index));
                    path.push(']');
                    if self.eat(TokenKind::BracketClose).is_none() {
                        return Err(self.expected("`]` behind the index"));
                    }
                }
                _ => return Ok(Spanned::new(path.into(), self.since(start))),
            }
        }
    }

    /// A word on the same line that begins no clause.
    fn mistyped_clause(&mut self, call: &Call) -> Parse<()> {
        let span = self.span();
        let word = self.word();
        if word.is_empty() || self.at_line_start() || matches!(word, "unless" | "as") {
            return Ok(());
        }
        let known = if call.shows.is_some() { None } else { did_you_mean(word, CLAUSES.iter().copied()) };
        Err(self.report(|| {
            let wanted = if call.shows.is_some() {
                "the end of the step"
            } else {
                "`on`, `{`, `key`, `at version`, `as`, `shows`, `absent` or `->`"
            };
            let diagnostic = Diagnostic::error(
                Code::UNEXPECTED,
                span,
                format!("expected {wanted}, found {}", quote(word)),
            );
            match word {
                "and" | "then" | "when" | "given" | "let" => {
                    diagnostic.advise(format!("`{word}` begins a step on a line of its own"))
                }
                _ => diagnostic.suggest(known),
            }
        }))
    }
}
