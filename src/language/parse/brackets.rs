//! What stands in brackets, separated by commas.

use super::parser::{Dialect, Parse, Parser, Reported};
use crate::language::lexer::TokenKind;
use crate::language::syntax::Ident;
use crate::text::{Code, Diagnostic, Span};

/// Below this number of fields comparing each with each is faster than hashing.
const FEW_FIELDS: usize = 12;

impl Parser<'_> {
    /// `( item, item )` of whatever brackets come next, and where all of it is. A comma behind the last item is fine.
    ///
    /// A mistake in one item doesn't spoil the others. Does not end without progress: each round takes a token or ends.
    pub(super) fn bracketed<T>(
        &mut self,
        what: &str,
        mut item: impl FnMut(&mut Self) -> Parse<T>,
    ) -> Parse<(Vec<T>, Span)> {
        let close = self.peek().closing();
        self.enter()?;
        let open = self.bump();
        self.closers.push(close);
        let (nesting, closers) = (self.nesting, self.closers.len());
        let mut items = Vec::new();
        let mut height = 0;
        while !self.at_end_of_brackets(open, close) {
            let before = self.pos;
            self.height = 0;
            match item(self) {
                Ok(item) => items.push(item),
                Err(Reported) => self.skip_item(),
            }
            // A mistake leaves what it was in without closing it.
            self.nesting = nesting;
            self.closers.truncate(closers);
            height = height.max(self.height);
            if self.eat(TokenKind::Comma).is_none() && !self.peek().closes() && self.peek() != TokenKind::End
            {
                if self.is_lost() {
                    self.unclosed(open);
                    break;
                }
                self.missing_comma(what, close);
            }
            if self.pos == before {
                self.bump();
            }
        }
        self.closers.pop();
        self.leave();
        self.grow(height + 1)?;
        Ok((items, self.since(open)))
    }

    /// Takes the closing bracket, if it comes next. A wrong one, or none, is reported.
    fn at_end_of_brackets(&mut self, open: Span, close: TokenKind) -> bool {
        loop {
            let next = self.peek();
            if next == close {
                self.bump();
                return true;
            }
            let outer = self.closers.iter().rev().skip(1).any(|closer| *closer == next);
            if next == TokenKind::End || (next.closes() && outer) {
                self.unclosed(open);
                return true;
            }
            if !next.closes() {
                return false;
            }
            self.expected(&format!("`{}`", mark(close)));
            self.bump();
        }
    }

    fn unclosed(&mut self, open: Span) {
        let needed = self.last_span();
        let name = self.slice(open);
        let close = self.closers.last().map_or("", |closer| mark(*closer));
        self.report(|| {
            Diagnostic::error(Code::UNCLOSED_BRACKET, open, format!("this `{name}` is not closed"))
                .label("opened here")
                .related(needed, format!("`{close}` is missing behind this at the latest"))
                .advise(format!("add `{close}`"))
        });
    }

    /// Whether the next line is no element, but probably a step whose first word is mistyped: in a scenario a line
    /// inside brackets that begins with a name goes on with a colon or a call.
    fn is_lost(&self) -> bool {
        self.dialect == Dialect::Scenario
            && self.at_line_start()
            && self.peek() == TokenKind::Name
            && !matches!(self.peek_at(1), TokenKind::Colon | TokenKind::ParenOpen | TokenKind::Comma)
            && !self.peek_at(1).closes()
    }

    fn missing_comma(&mut self, what: &str, close: TokenKind) {
        let begins = matches!(
            self.peek(),
            TokenKind::Name | TokenKind::Text | TokenKind::Number | TokenKind::Variable
        ) || self.peek().opens();
        let (code, found) = self.found();
        let span = self.span();
        let before = self.last_span().end;
        self.report(|| {
            let message = format!("expected `,` or `{}` behind {what}, found {found}", mark(close));
            let mut diagnostic = Diagnostic::error(code, span, message);
            if begins {
                diagnostic = diagnostic.advise("separate them with `,`");
                diagnostic
                    .fix
                    .iter_mut()
                    .for_each(|fix| fix.replace = Some((Span::new(before, before), ",".into())));
            }
            diagnostic
        });
        if !(begins && self.at_line_start()) {
            self.skip_item();
            self.eat(TokenKind::Comma);
        }
    }

    /// Up to the comma or the bracket that ends an element.
    fn skip_item(&mut self) {
        let mut depth = 0_u32;
        loop {
            match self.peek() {
                TokenKind::End => return,
                TokenKind::Comma if depth == 0 => return,
                kind if kind.closes() && depth == 0 => return,
                kind if kind.closes() => depth -= 1,
                kind if kind.opens() => depth += 1,
                _ => {}
            }
            self.bump();
        }
    }

    /// Reports every name that was used before.
    pub(super) fn unique_names<'n>(
        &mut self,
        what: &str,
        names: impl IntoIterator<Item = &'n Ident, IntoIter: Clone>,
    ) {
        let names = names.into_iter();
        let mut seen = std::collections::HashMap::new();
        let few = names.clone().take(FEW_FIELDS + 1).count() <= FEW_FIELDS;
        for (index, name) in names.clone().enumerate() {
            let earlier = if few {
                names.clone().take(index).find(|other| other.text == name.text).map(|other| other.span)
            } else {
                let earlier = seen.get(&name.text).copied();
                seen.entry(&name.text).or_insert(name.span);
                earlier
            };
            if let Some(earlier) = earlier {
                let what = format!("{what} `{}` is given twice", name.text);
                self.note(|| {
                    Diagnostic::error(Code::DUPLICATE_FIELD, name.span, what)
                        .label("again")
                        .related(earlier, "first here")
                        .advise("delete one of them")
                });
            }
        }
    }
}

fn mark(kind: TokenKind) -> &'static str {
    match kind {
        TokenKind::BraceClose => "}",
        TokenKind::BracketClose => "]",
        _ => ")",
    }
}
