//! Operators: `or`, `and`, `not`, comparisons, sums, products, `-`.

use super::parser::{Dialect, Parse, Parser};
use crate::language::lexer::TokenKind;
use crate::language::syntax::{BinaryOp, CompareOp, Expr, ExprKind, UnaryOp};
use crate::text::{Code, Diagnostic};

/// How tightly an operator binds; a higher level binds tighter.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Level {
    Or,
    And,
    Compare,
    Sum,
    Product,
    /// Behind the last operator.
    Operand,
}

impl Level {
    fn tighter(self) -> Self {
        match self {
            Self::Or => Self::And,
            Self::And => Self::Compare,
            Self::Compare => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Operand => Self::Operand,
        }
    }
}

impl Parser<'_> {
    /// An expression with all operators.
    pub(super) fn expression(&mut self) -> Parse<Expr> {
        self.binary(Level::Or)
    }

    /// An expression without comparisons, `and` and `or`, which have to stand in parentheses.
    pub(super) fn value(&mut self) -> Parse<Expr> {
        self.binary(Level::Sum)
    }

    /// An expression without any operator between operands.
    pub(super) fn single(&mut self) -> Parse<Expr> {
        self.binary(Level::Operand)
    }

    fn binary(&mut self, loosest: Level) -> Parse<Expr> {
        let mut left = self.unary()?;
        let mut height = self.height;
        while let Some((op, level)) = self.operator(loosest) {
            let at = self.bump();
            let right = self.binary(level.tighter())?;
            height = height.max(self.height) + 1;
            self.grow(height)?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span };
            if level == Level::Compare && self.operator(level).is_some_and(|(_, next)| next == level) {
                let again = self.span();
                self.report(|| {
                    Diagnostic::error(Code::CHAINED_COMPARISON, again, "a second comparison in a row")
                        .related(at, "the first one")
                        .advise("join two comparisons with `and`: `1 < x and x < 5`")
                });
            }
        }
        self.height = height;
        Ok(left)
    }

    /// The next token as an operator that binds at least as tightly as `loosest`.
    fn operator(&mut self, loosest: Level) -> Option<(BinaryOp, Level)> {
        let operator = match self.peek() {
            TokenKind::Plus => (BinaryOp::Add, Level::Sum),
            TokenKind::Minus => (BinaryOp::Subtract, Level::Sum),
            TokenKind::Star => (BinaryOp::Multiply, Level::Product),
            TokenKind::Name => match self.word() {
                "or" => (BinaryOp::Or, Level::Or),
                "and" => (BinaryOp::And, Level::And),
                _ => return None,
            },
            TokenKind::Assign if loosest <= Level::Compare => {
                let span = self.span();
                self.report(|| {
                    Diagnostic::error(Code::SINGLE_EQUALS, span, "`=` does not compare")
                        .replace("write `==`", "==")
                });
                (BinaryOp::Compare(CompareOp::Equal), Level::Compare)
            }
            kind => (BinaryOp::Compare(compare_op(kind)?), Level::Compare),
        };
        Some(operator).filter(|(_, level)| *level >= loosest)
    }

    fn unary(&mut self) -> Parse<Expr> {
        let (op, loosest) = match self.peek() {
            TokenKind::Minus => (UnaryOp::Negate, Level::Operand),
            TokenKind::Name if self.word() == "not" => (UnaryOp::Not, Level::Compare),
            TokenKind::Name if self.word() == "if" => return self.condition(),
            _ => return self.postfix(),
        };
        self.enter()?;
        let start = self.bump();
        let operand = self.binary(loosest)?;
        self.leave();
        self.grow(self.height + 1)?;
        let span = start.to(operand.span);
        Ok(Expr { kind: ExprKind::Unary(op, Box::new(operand)), span })
    }

    /// `if c then a else b`; the last part reaches as far as it can.
    fn condition(&mut self) -> Parse<Expr> {
        self.enter()?;
        let start = self.bump();
        let condition = self.expression()?;
        let mut height = self.height;
        if self.eat_word("then").is_none() {
            return Err(self.expected("`then` and a value"));
        }
        let yes = self.expression()?;
        height = height.max(self.height);
        if self.eat_word("else").is_none() {
            return Err(self.expected("`else` and a value"));
        }
        let no = self.expression()?;
        height = height.max(self.height);
        self.leave();
        self.grow(height + 1)?;
        let span = start.to(no.span);
        Ok(Expr { kind: ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)), span })
    }

    /// Whether bare names stand for something here.
    pub(super) fn knows_names(&self) -> bool {
        self.dialect == Dialect::Contract
    }
}

/// The comparison that a token stands for.
pub(super) fn compare_op(kind: TokenKind) -> Option<CompareOp> {
    Some(match kind {
        TokenKind::Equal => CompareOp::Equal,
        TokenKind::NotEqual => CompareOp::NotEqual,
        TokenKind::Less => CompareOp::Less,
        TokenKind::LessOrEqual => CompareOp::LessOrEqual,
        TokenKind::Greater => CompareOp::Greater,
        TokenKind::GreaterOrEqual => CompareOp::GreaterOrEqual,
        _ => return None,
    })
}
