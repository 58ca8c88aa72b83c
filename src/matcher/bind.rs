use super::{
    Bound, bag, comparison, count, each, equals, ignoring, near, ordered, presence, record, regex, sum,
};
use crate::expr::{EvalError, Scope, eval};
use crate::language::syntax::{CompareOp, Expr, ListMode, Matcher, MatcherKind};
use crate::text::Code;
use crate::value::Value;

/// How deep matchers may be nested. The parser allows less; trees made by hand are held to this.
const MAX_NESTING: usize = 128;

/// Evaluates the expressions of `matcher`, once, in the order they are written.
///
/// So a `unique` in a matcher is drawn once, however often answers are judged.
pub fn bind(matcher: &Matcher, scope: &dyn Scope) -> Result<Bound, EvalError> {
    Binding { scope, depth: 0 }.bind(matcher)
}

/// Where a matcher is bound.
#[derive(Clone, Copy)]
pub(super) struct Binding<'a> {
    scope: &'a dyn Scope,
    depth: usize,
}

impl Binding<'_> {
    /// Binds a part of a matcher.
    pub(super) fn bind(mut self, matcher: &Matcher) -> Result<Bound, EvalError> {
        self.depth += 1;
        let span = matcher.span;
        if self.depth > MAX_NESTING {
            let message = format!("this is nested more than {MAX_NESTING} levels deep");
            return Err(EvalError::new(Code::TOO_MUCH_WORK, span, message));
        }
        match &matcher.kind {
            MatcherKind::Record { fields, exact } => {
                Ok(Bound::new(span, record::bind(self, fields, *exact)?))
            }
            MatcherKind::List { items, mode } => {
                let items = items.iter().map(|item| self.bind(item)).collect::<Result<_, _>>()?;
                Ok(match mode {
                    ListMode::Ordered => Bound::new(span, ordered::Ordered::new(items)),
                    ListMode::Unordered => Bound::new(span, bag::Bag::new(items, true)),
                    ListMode::Contains => Bound::new(span, bag::Bag::new(items, false)),
                })
            }
            MatcherKind::Each(item) => Ok(Bound::new(span, each::Each::new(self.bind(item)?))),
            MatcherKind::Count(op, number) => Ok(Bound::new(span, count::bind(self, *op, number)?)),
            MatcherKind::Compare(CompareOp::Equal, value) | MatcherKind::Equals(value) => {
                Ok(Bound::new(span, equals::Equals::new(self.eval(value)?)))
            }
            MatcherKind::Compare(op, value) => Ok(Bound::new(span, comparison::bind(self, *op, value)?)),
            MatcherKind::Near(centre, distance) => Ok(Bound::new(span, near::bind(self, centre, distance)?)),
            MatcherKind::Sum(path, op, number) => Ok(Bound::new(span, sum::bind(self, path, *op, number)?)),
            MatcherKind::Ignoring(matcher, paths) => {
                Ok(Bound::new(span, ignoring::bind(self, matcher, paths)?))
            }
            MatcherKind::Regex(pattern) => Ok(Bound::new(span, regex::bind(pattern, span)?)),
            MatcherKind::Any => Ok(Bound::new(span, presence::Any)),
            MatcherKind::Present => Ok(Bound::new(span, presence::Present)),
            MatcherKind::Absent => Ok(Bound::new(span, presence::Absent)),
        }
    }

    /// Evaluates an expression of a matcher.
    pub(super) fn eval(self, expr: &Expr) -> Result<Value, EvalError> {
        eval(expr, self.scope)
    }
}
