//! Types: `int 1..100`, `string 2..8 [a-z]`, `[Item]`, `id?`, `absent | pending`.

use std::sync::Arc;

use super::super::parser::{Parse, Parser, Reported};
use super::fields::{Types, at_most, fields};
use super::file::{File, Owner};
use crate::language::lexer::TokenKind;
use crate::language::syntax::Ident;
use crate::language::syntax::contract::{Bounds, TryRange, TypeDecl, TypeDeclKind, TypeExpr, TypeExprKind};
use crate::text::{Code, Diagnostic, Span, Spanned};
use crate::value::{Moment, Number};

/// Types that no `type` declares, and that a choice can't begin with.
const BUILT_IN: &[&str] = &["int", "decimal", "string"];

impl File {
    /// `type Item { … }`, `type Sku = string`
    pub(super) fn type_decl(&mut self, parser: &mut Parser<'_>) -> Parse<()> {
        let start = parser.bump();
        self.owner = Owner::Broken;
        self.in_aggregate = false;
        let name = parser.name("the name of the type")?;
        let kind = match parser.peek() {
            TokenKind::BraceOpen => TypeDeclKind::Record(fields(parser, Types::Needed)?),
            TokenKind::Assign => {
                parser.bump();
                TypeDeclKind::Alias(parser.type_expr()?)
            }
            _ => return Err(parser.expected("`{` and the fields, or `=` and a type")),
        };
        self.owner = Owner::Nothing;
        self.tree.types.push(TypeDecl { name, kind, span: parser.since(start) });
        Ok(())
    }
}

impl Parser<'_> {
    pub(super) fn type_expr(&mut self) -> Parse<TypeExpr> {
        let start = self.span();
        let mut kind = match self.peek() {
            TokenKind::BracketOpen => self.list_type()?,
            TokenKind::Name => self.named_type()?,
            TokenKind::Text if self.peek_at(1) == TokenKind::Bar => self.members()?,
            _ => return Err(self.expected("a type")),
        };
        if self.eat(TokenKind::Question).is_some() {
            let inner = TypeExpr { kind, span: self.since(start) };
            kind = TypeExprKind::Optional(Box::new(inner));
            if self.peek() == TokenKind::Question {
                return Err(self.expected("one `?` at most"));
            }
        }
        Ok(TypeExpr { kind, span: self.since(start) })
    }

    fn list_type(&mut self) -> Parse<TypeExprKind> {
        let (mut items, span) = self.bracketed("the type", Self::type_expr)?;
        match (items.pop(), items.is_empty()) {
            (Some(item), true) => Ok(TypeExprKind::List(Box::new(item))),
            _ => Err(self.report(|| {
                Diagnostic::error(Code::MISSING, span, "a list has one type for its elements")
                    .advise("write `[Item]`")
            })),
        }
    }

    fn named_type(&mut self) -> Parse<TypeExprKind> {
        let word = self.word();
        let name = self.name("a type")?;
        if self.peek() == TokenKind::Bar && BUILT_IN.contains(&word) {
            return Err(self.needs_quotes(&name, "is a type"));
        }
        match word {
            "int" => return Ok(TypeExprKind::Int(self.optional_bounds()?)),
            "decimal" => return Ok(TypeExprKind::Decimal(self.optional_bounds()?)),
            "string" => return self.text_type(),
            "bag" if self.word() == "of" => {
                self.bump();
                self.enter()?;
                let item = self.type_expr()?;
                self.leave();
                return Ok(TypeExprKind::Bag(Box::new(item)));
            }
            _ => {}
        }
        self.whole(&name, '"')?;
        if self.peek() != TokenKind::Bar {
            return Ok(TypeExprKind::Name(name));
        }
        self.sayable(&name)?;
        self.members_behind(name)
    }

    /// A choice that begins with a member in quotes.
    fn members(&mut self) -> Parse<TypeExprKind> {
        let first = self.member()?;
        self.members_behind(first)
    }

    fn members_behind(&mut self, first: Ident) -> Parse<TypeExprKind> {
        let mut members = vec![first];
        while self.eat(TokenKind::Bar).is_some() {
            members.push(self.member()?);
        }
        self.unique_names("the member", members.iter());
        Ok(TypeExprKind::Enum(at_most(self, members, "members", |member| member.span)))
    }

    /// A member of a choice: a word, or a text where it is no word.
    fn member(&mut self) -> Parse<Ident> {
        match self.peek() {
            TokenKind::Text => {
                let text = self.text();
                Ok(Ident { text: text.node, span: text.span })
            }
            _ => {
                let member = self.name("another member behind `|`")?;
                self.whole(&member, '"')?;
                self.sayable(&member)?;
                Ok(member)
            }
        }
    }

    /// A member that is a value of the language where it stands bare could be declared, and never be said by mistake of whoever reads it.
    fn sayable(&mut self, member: &Ident) -> Parse<()> {
        // In backticks it is none of these.
        let means = match self.slice(member.span) {
            "true" | "false" => "is a truth value",
            "null" => "means that there is nothing",
            "self" => "is the aggregate itself",
            _ => return Ok(()),
        };
        Err(self.needs_quotes(member, means))
    }

    /// The member can only be said in quotes, so it is declared in them.
    fn needs_quotes(&mut self, member: &Ident, means: &str) -> Reported {
        let (name, span) = (member.text.clone(), member.span);
        self.report(|| {
            Diagnostic::error(
                Code::UNEXPECTED,
                span,
                format!("`{name}` {means}; a member of that name stands in quotes"),
            )
            .replace(format!("write `\"{name}\"`, here and in rules"), format!("\"{name}\""))
        })
    }

    /// That a name is whole: one that goes on with `-` or `.`, as names of services do, stands in `quote`s.
    pub(super) fn whole(&mut self, name: &Ident, quote: char) -> Parse<()> {
        let mut end = name.span.end;
        let goes_on = |kind| matches!(kind, TokenKind::Minus | TokenKind::Dot);
        if !goes_on(self.peek()) || self.span().start != end || self.slice(name.span).starts_with('`') {
            return Ok(());
        }
        let is_part = |kind| goes_on(kind) || matches!(kind, TokenKind::Name | TokenKind::Number);
        while is_part(self.peek()) && self.span().start == end {
            end = self.bump().end;
        }
        let span = Span::new(name.span.start, end);
        let whole = self.slice(span);
        let (said, what) = match quote {
            '`' => (format!("`{whole}`"), format!("write it in backticks: `` `{whole}` ``")),
            _ => (
                format!("\"{whole}\""),
                format!("write `\"{whole}\"`; in rules `` `{whole}` `` will do, too"),
            ),
        };
        Err(self.report_at(|| {
            Diagnostic::error(Code::UNEXPECTED, span, "a name with `-` or `.` in it is no word of a contract")
                .replace(what, said)
        }))
    }

    fn text_type(&mut self) -> Parse<TypeExprKind> {
        let length = self.optional_bounds()?;
        let alphabet = match self.peek() {
            TokenKind::BracketOpen => Some(self.alphabet()?),
            _ => None,
        };
        Ok(TypeExprKind::Text { length, alphabet })
    }

    /// `[a-z0-9]`, taken as it is written.
    fn alphabet(&mut self) -> Parse<Spanned<Arc<str>>> {
        let open = self.bump();
        while !matches!(self.peek(), TokenKind::BracketClose | TokenKind::End | TokenKind::BraceClose) {
            self.bump();
        }
        let inner = Span::new(open.end, self.span().start.max(open.end));
        let text = self.slice(inner).trim();
        if self.eat(TokenKind::BracketClose).is_none() {
            return Err(self.report(|| {
                Diagnostic::error(Code::UNCLOSED_BRACKET, open, "this `[` is not closed")
                    .label("opened here")
                    .advise("the characters of a text are written `[a-z0-9]`")
            }));
        }
        Ok(Spanned::new(text.into(), inner))
    }

    fn optional_bounds(&mut self) -> Parse<Option<Bounds>> {
        match self.peek() {
            TokenKind::Number | TokenKind::Range | TokenKind::Minus => self.bounds("a range").map(Some),
            _ => Ok(None),
        }
    }

    /// `0..12`, or a window of instants: `"2026-01-01T00:00:00Z".."2026-12-31T00:00:00Z"`.
    pub(super) fn try_range(&mut self) -> Parse<TryRange> {
        let is_text = |kind| matches!(kind, TokenKind::Text | TokenKind::OpenText);
        let open = self.peek() == TokenKind::Range && is_text(self.peek_at(1));
        if !is_text(self.peek()) && !open {
            return self.bounds("what to try, such as `try 0..12`").map(TryRange::Numbers);
        }
        let start = self.span();
        let from = self.moment()?;
        if self.eat(TokenKind::Range).is_none() {
            return Err(self.expected("`..` between two instants"));
        }
        let to = self.moment()?;
        Ok(TryRange::Moments { from, to, span: self.since(start) })
    }

    /// An end of a window of instants, if there is one.
    fn moment(&mut self) -> Parse<Option<Moment>> {
        if !matches!(self.peek(), TokenKind::Text | TokenKind::OpenText) {
            return Ok(None);
        }
        let text = self.text();
        match Moment::parse(&text.node) {
            Some(moment) => Ok(Some(moment)),
            None => Err(self.report(|| {
                Diagnostic::error(Code::BAD_INSTANT, text.span, "this is no instant")
                    .advise("write a date and time with a zone, such as `\"2026-01-01T00:00:00Z\"`")
            })),
        }
    }

    /// `1..100`, `1..`, `..100`
    pub(super) fn bounds(&mut self, what: &str) -> Parse<Bounds> {
        let start = self.span();
        let min = self.bound()?;
        if self.eat(TokenKind::Range).is_none() {
            if min.is_none() {
                return Err(self.expected(what));
            }
            let span = self.since(start);
            let number = self.slice(span);
            return Err(self.report(|| {
                Diagnostic::error(Code::MISSING, span, "a range has two dots").advise(format!(
                    "write `{number}..` for \"at least\", `..{number}` for \"at most\", `{number}..{number}` for \"exactly\""
                ))
            }));
        }
        let max = self.bound()?;
        let span = self.since(start);
        if min.is_none() && max.is_none() {
            return Err(self.report(|| {
                Diagnostic::error(Code::MISSING, span, "a range has at least one end")
                    .advise("write `1..`, `..100` or `1..100`")
            }));
        }
        Ok(Bounds { min, max, span })
    }

    fn bound(&mut self) -> Parse<Option<Number>> {
        let minus = self.eat(TokenKind::Minus);
        if self.peek() != TokenKind::Number {
            return match minus {
                Some(_) => Err(self.expected("a number behind `-`")),
                None => Ok(None),
            };
        }
        let number = self.number()?;
        match minus {
            Some(_) => Ok(Number::parse(&format!("-{}", self.slice(self.last_span())))),
            None => Ok(Some(number)),
        }
    }
}
