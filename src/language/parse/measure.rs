//! What is said about numbers and fields inside of a matcher: `± x`, `sum(path)`, `ignoring [paths]`.

use super::parser::{Parse, Parser, Reported};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{CompareOp, FieldPath, Matcher, MatcherKind};
use crate::text::{Code, Diagnostic};

impl Parser<'_> {
    /// `matcher`, or with `± x` behind it what is near to it.
    pub(super) fn near(&mut self, matcher: Matcher) -> Parse<Matcher> {
        if self.peek() != TokenKind::PlusMinus {
            return Ok(matcher);
        }
        let (MatcherKind::Equals(centre) | MatcherKind::Compare(CompareOp::Equal, centre)) = matcher.kind
        else {
            return Err(self.stray_plus_minus());
        };
        self.bump();
        let distance = self.value()?;
        Ok(Matcher { kind: MatcherKind::Near(centre, distance), span: self.since(matcher.span) })
    }

    /// `±` without a number before it.
    pub(super) fn stray_plus_minus(&mut self) -> Reported {
        let span = self.span();
        self.report(|| {
            Diagnostic::error(Code::UNEXPECTED, span, "`±` stands between two numbers")
                .advise("write the number and how far from it is near enough: `59.98 ± 0.01`")
        })
    }

    /// `sum(items.quantity) == 3`
    pub(super) fn sum_matcher(&mut self) -> Parse<MatcherKind> {
        self.bump();
        let (mut paths, span) = self.bracketed("the path", Self::field_path)?;
        let (Some(path), true) = (paths.pop(), paths.is_empty()) else {
            return Err(self.report(|| {
                Diagnostic::error(Code::UNEXPECTED, span, "`sum` adds what is at one path")
                    .advise("write `sum(items.quantity)`")
            }));
        };
        let op = self.optional_comparison("sum(items.quantity) 3");
        Ok(MatcherKind::Sum(path, op, self.value()?))
    }

    /// `matcher`, or with `ignoring [a, b.c]` behind it what is left of it without these fields.
    pub(super) fn ignoring(&mut self, matcher: Matcher) -> Parse<Matcher> {
        if self.eat_word("ignoring").is_none() {
            return Ok(matcher);
        }
        if self.peek() != TokenKind::BracketOpen {
            return Err(self.expected("`[` and the fields that don't matter behind `ignoring`"));
        }
        let height = self.height;
        let (paths, list) = self.bracketed("the path", Self::field_path)?;
        self.grow(height.max(self.height) + 1)?;
        if paths.is_empty() {
            self.note(|| {
                Diagnostic::error(Code::MISSING, list, "`ignoring` names no field")
                    .advise("name what doesn't matter: `ignoring [updated_at]`")
            });
        }
        self.both_named_and_ignored(&matcher, &paths);
        let span = self.since(matcher.span);
        Ok(Matcher { kind: MatcherKind::Ignoring(Box::new(matcher), paths), span })
    }

    /// A field that must look like something can't be taken out before.
    fn both_named_and_ignored(&mut self, matcher: &Matcher, paths: &[FieldPath]) {
        let MatcherKind::Record { fields, .. } = &matcher.kind else { return };
        for path in paths {
            let [name] = path.names.as_slice() else { continue };
            let Some(field) = fields.iter().find(|field| field.name.text == name.text) else { continue };
            self.note(|| {
                let what = format!("`{}` is ignored and expected to look like something", name.text);
                Diagnostic::error(Code::DUPLICATE_FIELD, name.span, what)
                    .related(field.name.span, "expected here")
                    .advise("delete one of them")
            });
        }
    }

    /// `items.price`
    fn field_path(&mut self) -> Parse<FieldPath> {
        let start = self.span();
        let mut names = vec![self.name("the name of a field")?];
        while self.eat(TokenKind::Dot).is_some() {
            names.push(self.name("the name of a field behind `.`")?);
        }
        Ok(FieldPath { names, span: self.since(start) })
    }
}
