//! What an answer must look like: everything behind `shows`, `unless` and in the details of `rejected`.

use super::describe::quote;
use super::expression::compare_op;
use super::parser::{Dialect, Parse, Parser, Reported};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{CompareOp, FieldMatcher, ListMode, Matcher, MatcherKind};
use crate::text::{Code, Diagnostic, did_you_mean};

impl Parser<'_> {
    pub(super) fn matcher(&mut self) -> Parse<Matcher> {
        let matcher = self.matcher_alone()?;
        let matcher = self.near(matcher)?;
        let matcher = self.ignoring(matcher)?;
        match self.peek() {
            TokenKind::PlusMinus => Err(self.stray_plus_minus()),
            kind => {
                if compare_op(kind).is_some() {
                    return Err(self.trailing_comparison(&matcher));
                }
                Ok(matcher)
            }
        }
    }

    fn matcher_alone(&mut self) -> Parse<Matcher> {
        let start = self.span();
        self.height = 1;
        let kind = match self.peek() {
            TokenKind::BraceOpen => self.record_matcher(false)?,
            TokenKind::BracketOpen => self.list_matcher(ListMode::Ordered)?,
            TokenKind::Assign => {
                self.bump();
                if self.peek() == TokenKind::BraceOpen {
                    self.record_matcher(true)?
                } else {
                    self.report(|| {
                        Diagnostic::error(
                            Code::SINGLE_EQUALS,
                            start,
                            "`=` stands only before `{`, for \"nothing else\"",
                        )
                        .replace("to be equal to a value, write the value alone, or `== value`", "==")
                    });
                    MatcherKind::Compare(CompareOp::Equal, self.value()?)
                }
            }
            TokenKind::Regex => MatcherKind::Regex(self.regex()),
            TokenKind::OpenText if self.slice(start).starts_with('~') => MatcherKind::Regex(self.regex()),
            TokenKind::PlusMinus => return Err(self.stray_plus_minus()),
            TokenKind::Name => self.word_matcher()?,
            kind => match compare_op(kind) {
                Some(_) if self.peek_at(2) == TokenKind::Greater && self.peek_at(1) == TokenKind::Name => {
                    return Err(self.stray_placeholder());
                }
                Some(op) => {
                    self.bump();
                    MatcherKind::Compare(op, self.value()?)
                }
                None => MatcherKind::Equals(self.value()?),
            },
        };
        Ok(Matcher { kind, span: self.since(start) })
    }

    fn word_matcher(&mut self) -> Parse<MatcherKind> {
        let called = self.peek_at(1) == TokenKind::ParenOpen;
        let kind = match self.word() {
            "any" if !called => self.matcher_word(MatcherKind::Any),
            "present" => self.matcher_word(MatcherKind::Present),
            "absent" => self.matcher_word(MatcherKind::Absent),
            "unordered" => self.listed(ListMode::Unordered, "unordered")?,
            "contains" if !called => self.listed(ListMode::Contains, "contains")?,
            "each" => {
                self.enter()?;
                self.bump();
                let each = self.matcher()?;
                self.leave();
                self.grow(self.height + 1)?;
                MatcherKind::Each(Box::new(each))
            }
            "count" if !called => {
                self.bump();
                MatcherKind::Count(self.optional_comparison("count 3"), self.value()?)
            }
            "sum" if called && self.peek_at(2) == TokenKind::Name && self.word_at(3) != "in" => {
                self.sum_matcher()?
            }
            "ignoring" => return Err(self.expected("what is left to match before `ignoring`, such as `any`")),
            word if !called && self.dialect == Dialect::Scenario && self.is_behind_matcher() => {
                return Err(self.mistyped_matcher(word));
            }
            _ => MatcherKind::Equals(self.value()?),
        };
        Ok(kind)
    }

    /// Whether something stands behind the next word on its line that no value has there: then the word was to be a matcher's.
    fn is_behind_matcher(&self) -> bool {
        let constant = matches!(self.word(), "true" | "false" | "null" | "unique" | "new" | "if" | "not");
        let begins =
            matches!(self.peek_at(1), TokenKind::Number | TokenKind::BracketOpen | TokenKind::BraceOpen);
        !constant && begins
    }

    /// `cout 3`
    fn mistyped_matcher(&mut self, word: &str) -> Reported {
        const WORDS: [&str; 5] = ["count", "contains", "unordered", "each", "total"];
        let span = self.span();
        self.report(|| {
            let what = format!("there is no matcher {}", quote(word));
            let diagnostic = Diagnostic::error(Code::UNEXPECTED, span, what);
            match did_you_mean(word, WORDS) {
                Some(near) => diagnostic.suggest(Some(near)),
                None => {
                    diagnostic.advise("`proofmark list matchers` shows them all; a text stands in quotes")
                }
            }
        })
    }

    /// A comparison in front of a number, or nothing for "exactly"; `example` says how that is written.
    pub(super) fn optional_comparison(&mut self, example: &str) -> CompareOp {
        let op = compare_op(self.peek());
        if op.is_some() {
            self.bump();
        }
        if self.peek() == TokenKind::Assign {
            let span = self.span();
            self.report(|| {
                Diagnostic::error(Code::SINGLE_EQUALS, span, "`=` does not compare")
                    .replace(format!("write `{example}`"), "==")
            });
            self.bump();
        }
        op.unwrap_or(CompareOp::Equal)
    }

    fn matcher_word(&mut self, kind: MatcherKind) -> MatcherKind {
        self.bump();
        kind
    }

    fn listed(&mut self, mode: ListMode, word: &str) -> Parse<MatcherKind> {
        self.bump();
        if self.peek() != TokenKind::BracketOpen {
            return Err(self.expected(&format!("`[` and the elements behind `{word}`")));
        }
        self.list_matcher(mode)
    }

    fn list_matcher(&mut self, mode: ListMode) -> Parse<MatcherKind> {
        let (items, _) = self.bracketed("an element", Self::matcher)?;
        Ok(MatcherKind::List { items, mode })
    }

    fn record_matcher(&mut self, exact: bool) -> Parse<MatcherKind> {
        let (fields, _) = self.bracketed("the field", Self::field_matcher)?;
        self.unique_names("the field", fields.iter().map(|field| &field.name));
        Ok(MatcherKind::Record { fields, exact })
    }

    fn field_matcher(&mut self) -> Parse<FieldMatcher> {
        let name = self.field_name()?;
        if self.eat(TokenKind::Colon).is_none() {
            return Err(self.comparison_or_colon(&name));
        }
        Ok(FieldMatcher { name, matcher: self.matcher()? })
    }

    /// `{ total > 3 }` lacks a colon, too.
    fn comparison_or_colon(&mut self, name: &crate::language::syntax::Ident) -> Reported {
        let span = self.span();
        let comparison = compare_op(self.peek()).is_some();
        if !comparison {
            return self.colon_missing(name, "a value");
        }
        let op = self.slice(span);
        self.report(|| {
            let message = format!("expected `:` behind `{}`, found `{op}`", name.text);
            Diagnostic::error(Code::UNEXPECTED, span, message)
                .replace(format!("write `{}: {op} …`", name.text), format!(": {op}"))
        })
    }

    fn trailing_comparison(&mut self, value: &Matcher) -> Reported {
        let span = self.span();
        let op = self.slice(span);
        let value = value.span;
        self.report(|| {
            Diagnostic::error(Code::UNEXPECTED, span, format!("`{op}` behind a value"))
                .related(value, "this is what the answer must be equal to")
                .advise("to compare the answer, begin with the comparison: `> 3`; a computed truth value stands in `(…)`")
        })
    }
}
