//! Comparisons that a command's effect is held against: those of invariants, and those that decide whether queries and
//! views show an aggregate.

use super::boundary::mapped;
use crate::language::syntax::contract::Invariant;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, Fold};
use crate::model::{Interpreted, World};
use crate::protocol::{Command, Query};
use crate::value::{Number, Record, Value};

/// How deep expressions are looked into.
const DEEP: usize = 32;

/// The difference of two sides that are compared, over all elements where it stands in a function over a list.
pub(super) fn differences(condition: &Expr) -> Vec<Expr> {
    let mut found = Vec::new();
    collect(condition, &mut Vec::new(), 0, &mut found);
    found
}

fn collect<'e>(expr: &'e Expr, folds: &mut Vec<&'e Fold>, depth: usize, found: &mut Vec<Expr>) {
    if depth > DEEP {
        return;
    }
    match &expr.kind {
        ExprKind::Binary(BinaryOp::Compare(_), left, right) => {
            let sides = ExprKind::Binary(BinaryOp::Subtract, left.clone(), right.clone());
            found.push(mapped(&Expr { kind: sides, span: expr.span }, folds));
        }
        ExprKind::Binary(_, left, right) => {
            collect(left, folds, depth + 1, found);
            collect(right, folds, depth + 1, found);
        }
        ExprKind::Unary(_, inner) => collect(inner, folds, depth + 1, found),
        ExprKind::If(condition, yes, no) => {
            for part in [condition, yes, no] {
                collect(part, folds, depth + 1, found);
            }
        }
        ExprKind::Fold(fold) => {
            if let Some(body) = &fold.body {
                folds.push(fold);
                collect(body, folds, depth + 1, found);
                folds.pop();
            }
        }
        _ => {}
    }
}

/// What is compared of aggregates, kind by kind.
pub(super) struct Ahead<'a> {
    model: &'a Interpreted,
    watched: Vec<(&'a str, Vec<Expr>)>,
}

impl<'a> Ahead<'a> {
    pub(super) fn new(model: &'a Interpreted) -> Self {
        let of_kind = |kind: &str| {
            let invariants = model.invariants(kind).iter().map(|Invariant { condition, .. }| condition);
            let filters = model.filters().filter(|filter| filter.aggregate == kind);
            let conditions = invariants.chain(filters.map(|filter| filter.condition));
            conditions.flat_map(differences).collect::<Vec<_>>()
        };
        let kinds = model.contract().aggregates().map(|aggregate| &*aggregate.name);
        let watched = kinds.map(|kind| (kind, of_kind(kind))).filter(|(_, watched)| !watched.is_empty());
        Self { model, watched: watched.collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// By how much sides are apart behind the command, in all aggregates that it changes. What has no value, such as
    /// two texts, counts as nothing.
    pub(super) fn apart(&self, world: &World<Record>, command: &Command) -> Option<Vec<Number>> {
        let after = self.model.aftermath(world, command)?;
        let mut apart = Vec::new();
        for entry in after.entries().iter().filter(|e| world.get(&e.aggregate, &e.id) != Some(e)) {
            let watched = self.watched.iter().filter(|(kind, _)| **kind == *entry.aggregate);
            for expr in watched.flat_map(|(_, watched)| watched) {
                let value =
                    self.model.value_of(&after, (&entry.aggregate, &entry.id), &[], &Record::new(), expr);
                numbers(value.ok(), &mut apart);
            }
        }
        Some(apart)
    }
}

/// By how much the sides are apart that a view's filter compares, for each aggregate that it is of.
pub(super) fn filtered(model: &Interpreted, world: &World<Record>, query: &Query) -> Option<Vec<Number>> {
    let def = model.contract().query(&query.name)?;
    let mut apart = Vec::new();
    for filter in model.filters().filter(|filter| filter.query == &*query.name) {
        let watched = differences(filter.condition);
        for entry in world.entries().iter().filter(|entry| *entry.aggregate == *filter.aggregate) {
            for expr in &watched {
                let on = (&*entry.aggregate, &entry.id);
                numbers(model.value_of(world, on, &def.fields, &query.fields, expr).ok(), &mut apart);
            }
        }
    }
    Some(apart)
}

/// The numbers in a value, one for what is none, so that places stay.
fn numbers(value: Option<Value>, found: &mut Vec<Number>) {
    match value {
        Some(Value::List(values)) => values.into_iter().for_each(|value| numbers(Some(value), found)),
        Some(Value::Number(number)) => found.push(number),
        _ => found.push(Number::from(1)),
    }
}
