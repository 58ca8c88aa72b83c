use super::{Expr, ExprKind, Matcher, MatcherKind};

impl Expr {
    /// Calls `visit` for this expression and all below it, outer ones first.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        // A work list, since chains of operators may be long.
        let mut waiting = vec![self];
        while let Some(expr) = waiting.pop() {
            visit(expr);
            let from = waiting.len();
            match &expr.kind {
                ExprKind::Literal(_) | ExprKind::Variable(_) | ExprKind::Name(_) | ExprKind::New(_) => {}
                ExprKind::List(items) | ExprKind::Call(_, items) => waiting.extend(items),
                ExprKind::Record(fields) => waiting.extend(fields.iter().map(|field| &field.value)),
                ExprKind::Field(base, _) | ExprKind::Unary(_, base) | ExprKind::Unique(base) => {
                    waiting.push(base);
                }
                ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                    waiting.extend([&**left, &**right]);
                }
                ExprKind::If(condition, yes, no) => waiting.extend([&**condition, &**yes, &**no]),
                ExprKind::With(base, fields) => {
                    waiting.push(base);
                    waiting.extend(fields.iter().map(|field| &field.value));
                }
                ExprKind::Fold(fold) => {
                    waiting.push(&fold.list);
                    waiting.extend(&fold.body);
                }
            }
            waiting[from..].reverse();
        }
    }
}

impl Matcher {
    /// Calls `visit` for this matcher and all below it, in file order.
    pub fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Matcher)) {
        visit(self);
        match &self.kind {
            MatcherKind::Record { fields, .. } => fields.iter().for_each(|field| field.matcher.walk(visit)),
            MatcherKind::List { items, .. } => items.iter().for_each(|item| item.walk(visit)),
            MatcherKind::Each(matcher) | MatcherKind::Ignoring(matcher, _) => matcher.walk(visit),
            MatcherKind::Count(..)
            | MatcherKind::Compare(..)
            | MatcherKind::Near(..)
            | MatcherKind::Sum(..)
            | MatcherKind::Equals(_)
            | MatcherKind::Regex(_)
            | MatcherKind::Any
            | MatcherKind::Present
            | MatcherKind::Absent => {}
        }
    }

    /// The expressions it holds itself.
    pub fn expressions(&self) -> impl Iterator<Item = &Expr> {
        let (first, second) = match &self.kind {
            MatcherKind::Near(centre, distance) => (Some(centre), Some(distance)),
            MatcherKind::Count(_, expr)
            | MatcherKind::Sum(_, _, expr)
            | MatcherKind::Compare(_, expr)
            | MatcherKind::Equals(expr) => (Some(expr), None),
            _ => (None, None),
        };
        first.into_iter().chain(second)
    }
}
