//! Comparisons that a command's effect is held against: those of invariants, of rules that stop commands by the aggregate's state, and those
//! that decide whether queries and views show an aggregate, and what.

use std::collections::HashSet;
use std::sync::Arc;

use super::comparison::{mapped, names};
use crate::contract::QueryDef;
use crate::contract::rules::{Interpreted, World};
use crate::language::syntax::contract::Invariant;
use crate::language::syntax::{BinaryOp, Expr, ExprKind, Fold};
use crate::protocol::{Command, Query};
use crate::value::{Number, Record, Value};

/// How deep expressions are looked into.
const DEEP: usize = 32;

/// The difference of two sides that may be numbers and are compared, over all elements where it stands in a function over a list.
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
        ExprKind::Binary(BinaryOp::Compare(_), left, right) if !is_text(left) && !is_text(right) => {
            let sides = ExprKind::Binary(BinaryOp::Subtract, left.clone(), right.clone());
            found.push(mapped(&Expr { kind: sides, span: expr.span }, folds));
        }
        ExprKind::Binary(BinaryOp::Compare(_), ..) => {}
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
        ExprKind::Call(_, arguments) => {
            for argument in arguments {
                collect(argument, folds, depth + 1, found);
            }
        }
        ExprKind::Fold(fold) => {
            collect(&fold.list, folds, depth + 1, found);
            if let Some(body) = &fold.body {
                folds.push(fold);
                collect(body, folds, depth + 1, found);
                folds.pop();
            }
        }
        _ => {}
    }
}

/// What rules compare that stop commands of this kind of aggregate by its state, whatever the command carries.
fn guards(model: &Interpreted, kind: &str) -> Vec<Expr> {
    let own = model.contract().commands().filter(|command| *command.aggregate == *kind);
    let all = own.flat_map(|command| {
        let rejects = model.rules(&command.name).map_or(&[][..], |rules| &rules.rejects);
        let differences = rejects.iter().flat_map(|reject| differences(&reject.when));
        let carried = |apart: &Expr| command.fields.iter().any(|field| names(apart, &field.name));
        differences.filter(|apart| !carried(apart)).collect::<Vec<_>>()
    });
    all.collect()
}

/// Whether it is a text, such as a member of an enum: what is compared with it is no number.
fn is_text(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Literal(Value::Text(_)))
}

/// What is compared of aggregates that a command may change, kind by kind.
#[derive(Clone, Debug)]
pub(crate) struct Ahead {
    watched: Vec<(Arc<str>, Vec<Expr>)>,
}

impl Ahead {
    /// What may come out otherwise behind the command called `command`: comparisons of states that it sets.
    pub(super) fn new(model: &Interpreted, command: &str) -> Self {
        let set: HashSet<&str> =
            model.sets(command).filter_map(|set| Some(&*set.path.last()?.text)).collect();
        let of_kind = |kind: &str| {
            let invariants = model.invariants(kind).iter().map(|Invariant { condition, .. }| condition);
            let filters = model.filters().filter(|filter| filter.aggregate == kind);
            let shown = model.shown().filter(|shown| **shown.aggregate == *kind).map(|shown| shown.value);
            let conditions = invariants.chain(filters.map(|filter| filter.condition)).chain(shown);
            let all = conditions.flat_map(differences).chain(guards(model, kind));
            all.filter(|apart| speaks_of(apart, &set)).collect::<Vec<_>>()
        };
        let kinds = model.contract().aggregates().map(|aggregate| &aggregate.name);
        let watched = kinds.map(|kind| (kind.clone(), of_kind(kind)));
        Self { watched: watched.filter(|(_, watched)| !watched.is_empty()).collect() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.watched.is_empty()
    }

    /// By how much sides are apart behind the command, in all aggregates that it changes. What has no value, such as
    /// two texts, counts as nothing.
    pub(super) fn apart(
        &self,
        model: &Interpreted,
        world: &World<Record>,
        command: &Command,
    ) -> Option<Vec<Number>> {
        let after = model.aftermath(world, command)?;
        let mut apart = Vec::new();
        for entry in after.entries().iter().filter(|e| world.get(&e.aggregate, &e.id) != Some(e)) {
            let watched = self.watched.iter().filter(|(kind, _)| *kind == entry.aggregate);
            for expr in watched.flat_map(|(_, watched)| watched) {
                let value = model.value_of(&after, (&entry.aggregate, &entry.id), &[], &Record::new(), expr);
                numbers(value.ok(), &mut apart);
            }
        }
        Some(apart)
    }
}

fn speaks_of(expr: &Expr, states: &HashSet<&str>) -> bool {
    let mut found = false;
    expr.walk(&mut |expr| {
        found |= matches!(&expr.kind, ExprKind::Field(_, name) if states.contains(&*name.text));
    });
    found
}

/// What the filter of a view compares.
pub(super) struct Filtered<'a> {
    model: &'a Interpreted,
    def: &'a QueryDef,
    watched: Vec<(&'a str, Vec<Expr>)>,
}

impl<'a> Filtered<'a> {
    pub(super) fn new(model: &'a Interpreted, def: &'a QueryDef) -> Self {
        let own = model.filters().filter(|filter| *filter.query == *def.name);
        let watched = own.map(|filter| (filter.aggregate, differences(filter.condition)));
        Self { model, def, watched: watched.filter(|(_, watched)| !watched.is_empty()).collect() }
    }

    /// Whether it compares this field of the query.
    pub(super) fn speaks_of(&self, field: &str) -> bool {
        self.watched.iter().flat_map(|(_, watched)| watched).any(|apart| names(apart, field))
    }

    /// By how much its sides are apart, for each aggregate that it is of.
    pub(super) fn apart(&self, world: &World<Record>, query: &Query) -> Vec<Number> {
        let mut apart = Vec::new();
        for (kind, watched) in &self.watched {
            for entry in world.entries().iter().filter(|entry| *entry.aggregate == **kind) {
                let on = (&*entry.aggregate, &entry.id);
                for expr in watched {
                    let value = self.model.value_of(world, on, &self.def.fields, &query.fields, expr);
                    numbers(value.ok(), &mut apart);
                }
            }
        }
        apart
    }
}

/// The numbers in a value, one for what is none, so that places stay.
fn numbers(value: Option<Value>, found: &mut Vec<Number>) {
    match value {
        Some(Value::List(values)) => values.into_iter().for_each(|value| numbers(Some(value), found)),
        Some(Value::Number(number)) => found.push(number),
        _ => found.push(Number::from(1)),
    }
}
