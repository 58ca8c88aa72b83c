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
                ExprKind::Null
                | ExprKind::Bool(_)
                | ExprKind::Number(_)
                | ExprKind::Text(_)
                | ExprKind::Variable(_)
                | ExprKind::Name(_)
                | ExprKind::New(_) => {}
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
    /// Calls `visit` for every expression in this matcher (their own parts not included), in file order.
    pub fn expressions<'a>(&'a self, visit: &mut impl FnMut(&'a Expr)) {
        match &self.kind {
            MatcherKind::Record { fields, .. } => {
                for field in fields {
                    field.matcher.expressions(visit);
                }
            }
            MatcherKind::List { items, .. } => {
                for item in items {
                    item.expressions(visit);
                }
            }
            MatcherKind::Each(matcher) => matcher.expressions(visit),
            MatcherKind::Count(_, expr) | MatcherKind::Compare(_, expr) | MatcherKind::Equals(expr) => {
                visit(expr);
            }
            MatcherKind::Regex(_) | MatcherKind::Any | MatcherKind::Present | MatcherKind::Absent => {}
        }
    }
}
