//! What operators join: literals, names, lists, records, calls, and `.field`, `[index]`, `with { … }` behind them.

use super::describe::quote;
use super::parser::{Parse, Parser, Reported, without_ticks};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{Expr, ExprKind, FieldExpr, Fold, Ident};
use crate::text::{Code, Diagnostic, did_you_mean};
use crate::value::Value;

/// Functions over a list, with or without a name bound to its elements.
pub(in super::super) const FUNCTIONS: &[&str] =
    &["count", "sum", "any", "all", "filter", "map", "min", "max", "distinct", "contains"];

/// Words of the language that are never a value.
const NO_VALUES: &[&str] = &[
    "on", "key", "at", "shows", "unless", "within", "every", "for", "when", "then", "else", "in", "and",
    "or", "with", "given", "let", "as",
];

impl Parser<'_> {
    pub(super) fn postfix(&mut self) -> Parse<Expr> {
        let mut expr = self.primary()?;
        let mut height = self.height;
        loop {
            let start = expr.span;
            let kind = match self.peek() {
                TokenKind::Dot => {
                    self.bump();
                    let field = self.name("the name of a field behind `.`")?;
                    ExprKind::Field(Box::new(expr), field)
                }
                TokenKind::BracketOpen if !self.at_line_start() => {
                    let (mut indices, at) = self.bracketed("the index", Self::expression)?;
                    height = height.max(self.height);
                    let (Some(index), true) = (indices.pop(), indices.is_empty()) else {
                        return Err(self.report(|| {
                            Diagnostic::error(Code::MISSING, at, "an index is one number")
                                .advise("write `items[0]`")
                        }));
                    };
                    ExprKind::Index(Box::new(expr), Box::new(index))
                }
                TokenKind::Name if self.word() == "with" => {
                    self.bump();
                    if self.peek() != TokenKind::BraceOpen {
                        return Err(self.expected("`{` and the fields to change behind `with`"));
                    }
                    let fields = self.record()?;
                    height = height.max(self.height);
                    ExprKind::With(Box::new(expr), fields)
                }
                _ => break,
            };
            height += 1;
            self.grow(height)?;
            expr = Expr { kind, span: self.since(start) };
        }
        self.height = height;
        Ok(expr)
    }

    fn primary(&mut self) -> Parse<Expr> {
        self.height = 1;
        let start = self.span();
        let kind = match self.peek() {
            TokenKind::Number => ExprKind::Literal(Value::Number(self.number()?)),
            TokenKind::Text | TokenKind::OpenText => ExprKind::Literal(Value::Text(self.text().node)),
            TokenKind::Variable => ExprKind::Variable(self.decorated()),
            TokenKind::Name => return self.word_operand(),
            TokenKind::BracketOpen => ExprKind::List(self.bracketed("an element", Self::expression)?.0),
            TokenKind::BraceOpen => ExprKind::Record(self.record()?),
            TokenKind::ParenOpen => return self.parenthesised(),
            TokenKind::Broken => {
                self.bump();
                ExprKind::Literal(Value::Null)
            }
            TokenKind::Less
                if self.peek_at(1) == TokenKind::Name && self.peek_at(2) == TokenKind::Greater =>
            {
                return Err(self.stray_placeholder());
            }
            TokenKind::Regex => {
                return Err(self.report(|| {
                    Diagnostic::error(Code::UNEXPECTED, start, "a regular expression is no value")
                        .advise("regular expressions stand behind `shows` or in the details of `rejected`")
                }));
            }
            TokenKind::Dot if self.peek_at(1) == TokenKind::Number => {
                return Err(self.report(|| {
                    Diagnostic::error(Code::BAD_NUMBER, start, "a number begins with a digit")
                        .advise("write `0.5`")
                }));
            }
            _ => return Err(self.expected("a value")),
        };
        Ok(Expr { kind, span: self.since(start) })
    }

    /// A word of the language where a value is needed. It may be a member or a field that has such a name.
    fn no_value(&mut self, word: &str) -> Reported {
        let span = self.span();
        let what = format!("expected a value, found {}", quote(word));
        self.report(|| {
            Diagnostic::error(Code::UNEXPECTED, span, what)
                .advise(format!("a field or a member called so stands in backticks: `` `{word}` ``"))
        })
    }

    fn parenthesised(&mut self) -> Parse<Expr> {
        let (mut inner, span) = self.bracketed("the expression", Self::expression)?;
        match (inner.pop(), inner.is_empty()) {
            (Some(inner), true) => Ok(Expr { kind: inner.kind, span }),
            _ => Err(self.report(|| {
                Diagnostic::error(Code::UNEXPECTED, span, "parentheses hold one expression")
                    .advise("a list stands in `[…]`")
            })),
        }
    }

    fn word_operand(&mut self) -> Parse<Expr> {
        let start = self.span();
        let word = self.word();
        let kind = match word {
            "null" => self.constant(ExprKind::Literal(Value::Null)),
            "true" => self.constant(ExprKind::Literal(Value::Bool(true))),
            "false" => self.constant(ExprKind::Literal(Value::Bool(false))),
            "unique" => {
                self.bump();
                if !matches!(
                    self.peek(),
                    TokenKind::Text | TokenKind::OpenText | TokenKind::Variable | TokenKind::ParenOpen
                ) {
                    return Err(self.expected("a text to begin with, such as `unique \"order\"`"));
                }
                self.enter()?;
                let prefix = self.postfix()?;
                self.leave();
                self.grow(self.height + 1)?;
                ExprKind::Unique(Box::new(prefix))
            }
            "new" => {
                self.bump();
                ExprKind::New(self.name("the name of an aggregate behind `new`")?)
            }
            _ if self.peek_at(1) == TokenKind::ParenOpen => return self.call(),
            _ if NO_VALUES.contains(&word) => return Err(self.no_value(word)),
            _ => return Ok(self.bare_name()),
        };
        Ok(Expr { kind, span: self.since(start) })
    }

    fn constant(&mut self, kind: ExprKind) -> ExprKind {
        self.bump();
        kind
    }

    /// A name on its own. In a scenario it stands for nothing, and is probably a text without its quotes.
    fn bare_name(&mut self) -> Expr {
        let span = self.span();
        let word = without_ticks(self.word());
        if self.knows_names() || self.binders.contains(&word) {
            self.bump();
            let text = self.shared(word);
            return Expr { kind: ExprKind::Name(Ident { text, span }), span };
        }
        self.report(|| {
            let diagnostic =
                Diagnostic::error(Code::BARE_WORD, span, format!("{} stands for nothing here", quote(word)));
            match did_you_mean(word, ["true", "false", "null", "unique", "new"]) {
                Some(known) if word.len() + 2 > known.len() => diagnostic.suggest(Some(known)),
                _ => diagnostic.replace(
                    format!("a text stands in quotes: `\"{word}\"`; a variable begins with `$`: `${word}`"),
                    format!("\"{word}\""),
                ),
            }
        });
        self.bump();
        Expr { kind: ExprKind::Literal(Value::Text(word.into())), span }
    }

    /// `name: value` in braces, which come next.
    pub(super) fn record(&mut self) -> Parse<Vec<FieldExpr>> {
        let (fields, _) = self.bracketed("the field", Self::field)?;
        self.unique_names("the field", fields.iter().map(|field| &field.name));
        Ok(fields)
    }

    fn field(&mut self) -> Parse<FieldExpr> {
        let name = self.field_name()?;
        if self.eat(TokenKind::Colon).is_some() {
            return Ok(FieldExpr { name, value: self.expression()? });
        }
        if self.knows_names() && matches!(self.peek(), TokenKind::Comma | TokenKind::BraceClose) {
            let value = Expr { kind: ExprKind::Name(name.clone()), span: name.span };
            return Ok(FieldExpr { name, value });
        }
        Err(self.colon_missing(&name, "a value"))
    }

    /// A field's name: a word, or a text where it is no word.
    pub(super) fn field_name(&mut self) -> Parse<Ident> {
        match self.peek() {
            TokenKind::Text => {
                let text = self.text();
                Ok(Ident { text: text.node, span: text.span })
            }
            _ => self.name("the name of a field"),
        }
    }

    pub(super) fn colon_missing(&mut self, name: &Ident, what: &str) -> super::parser::Reported {
        let place = self.span();
        let (code, found) = self.found();
        let name = quote(&name.text);
        self.report(|| {
            let what = format!("expected `:` and {what} behind {name}, found {found}");
            let diagnostic = Diagnostic::error(code, place, what);
            if found == "`=`" { diagnostic.replace("write `:`", ":") } else { diagnostic }
        })
    }

    /// `f(a, b)` or `f(name in list, body)`.
    fn call(&mut self) -> Parse<Expr> {
        let start = self.span();
        let function = self.name("the name of a function")?;
        if !FUNCTIONS.contains(&&*function.text) {
            let name = &function.text;
            self.note(|| {
                let message = format!("there is no function {}", quote(name));
                let known = did_you_mean(name, FUNCTIONS.iter().copied());
                let diagnostic = Diagnostic::error(Code::UNKNOWN_FUNCTION, start, message);
                match known {
                    Some(_) => diagnostic.suggest(known),
                    None => diagnostic.advise(format!("the functions are {}", FUNCTIONS.join(", "))),
                }
            });
        }
        if self.peek_at(1) == TokenKind::Name && self.word_at(2) == "in" {
            return self.fold(function);
        }
        let (arguments, _) = self.bracketed("an argument", Self::expression)?;
        Ok(Expr { kind: ExprKind::Call(function, arguments), span: self.since(start) })
    }

    fn fold(&mut self, function: Ident) -> Parse<Expr> {
        let start = function.span;
        let bound = self.binders.len();
        let mut binder = None;
        let parts = self.bracketed("an argument", |parser| {
            if binder.is_some() {
                return parser.expression();
            }
            let word = parser.word();
            let name = parser.name("a name for the elements")?;
            parser.bump();
            let list = parser.expression();
            parser.binders.push(word);
            binder = Some(name);
            list
        });
        self.binders.truncate(bound);
        let (parts, span) = parts?;
        let extra = parts.len() > 2;
        let mut parts = parts.into_iter();
        let (Some(binder), Some(list)) = (binder, parts.next()) else {
            return Err(
                self.report(|| Diagnostic::error(Code::MISSING, span, "the list is missing behind `in`"))
            );
        };
        if extra {
            self.report(|| {
                Diagnostic::error(
                    Code::UNEXPECTED,
                    span,
                    format!("`{}` takes a list and one expression", function.text),
                )
                .advise(format!("write `{}({} in list, expression)`", function.text, binder.text))
            });
        }
        let fold = Fold { function, binder, list, body: parts.next() };
        Ok(Expr { kind: ExprKind::Fold(Box::new(fold)), span: self.since(start) })
    }
}
