use super::{
    Bound, bag, comparison, count, each, equals, ignoring, near, ordered, presence, record, regex, sum,
};
use crate::contract::expr::{EvalError, Scope, eval};
use crate::language::syntax::{CompareOp, Expr, ListMode, Matcher, MatcherKind};
use crate::text::Code;
use crate::value::{Number, Tolerances, Value};

/// How deep matchers may be nested. The parser allows less; trees made by hand are held to this.
const MAX_NESTING: usize = 128;

/// Evaluates the expressions of `matcher`, once, in the order they are written.
///
/// So a `unique` in a matcher is drawn once, however often answers are judged.
pub fn bind(matcher: &Matcher, scope: &dyn Scope) -> Result<Bound, EvalError> {
    bind_within(matcher, scope, &Tolerances::EXACT)
}

/// The same, for answers whose numbers may be off a little.
pub fn bind_within(
    matcher: &Matcher,
    scope: &dyn Scope,
    tolerances: &Tolerances,
) -> Result<Bound, EvalError> {
    Binding { scope, tolerances, depth: 0 }.bind(matcher)
}

/// Where a matcher is bound.
#[derive(Clone, Copy)]
pub(super) struct Binding<'a> {
    scope: &'a dyn Scope,
    tolerances: &'a Tolerances,
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
                Ok(Bound::new(span, equals::Equals::within(self.eval(value)?, self.tolerances)))
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

    /// Binds what is said of a field.
    pub(super) fn bind_field(self, name: &str, matcher: &Matcher) -> Result<Bound, EvalError> {
        if self.tolerances.is_empty() {
            return self.bind(matcher);
        }
        Binding { tolerances: &self.tolerances.within(name), ..self }.bind(matcher)
    }

    /// How far numbers may be off.
    pub(super) fn tolerances(&self) -> &Tolerances {
        self.tolerances
    }

    /// How far the number that is judged here may be off.
    pub(super) fn tolerance(&self) -> Option<&Number> {
        self.tolerances.here()
    }

    /// How far each of the numbers at the end of a path may be off.
    pub(super) fn tolerance_at<'p>(&self, path: impl Iterator<Item = &'p str>) -> Option<Number> {
        let within = path.fold(self.tolerances.clone(), |tolerances, name| tolerances.within(name));
        within.here().cloned()
    }

    /// Evaluates an expression of a matcher.
    pub(super) fn eval(self, expr: &Expr) -> Result<Value, EvalError> {
        eval(expr, self.scope)
    }
}
