//! What the names of a rule stand for when it is evaluated.

use std::borrow::Cow;
use std::sync::Arc;

use super::World;
use super::interpreted::Aggregate;
use crate::contract::expr::Scope;
use crate::contract::{ALL, FieldDef, Type};
use crate::language::syntax::{Expr, ExprKind, FieldExpr, Ident};
use crate::value::{Record, Value};

/// Marks the name of a field whose aggregate is meant, not its id.
pub(crate) const BEHIND: char = '@';
/// The aggregate that a rule is about.
const OWN: &str = "self";

/// The names in a rule: `self`, the fields of the message, the aggregates that fields refer to, and members of enums.
pub(super) struct Names<'a> {
    pub(super) own: Option<&'a Value>,
    pub(super) fields: &'a Record,
    pub(super) declared: &'a [FieldDef],
    pub(super) world: &'a World<Record>,
    pub(super) aggregates: &'a [Aggregate],
    /// All aggregates that a view is of, where it summarises them.
    pub(super) all: Option<&'a Value>,
}

impl Names<'_> {
    /// The state of the aggregate that the field called `name` refers to.
    fn behind(&self, name: &str) -> Option<Value> {
        let id = self.fields.get(name)?;
        let aggregate = referred(self.declared, name)?;
        let aggregate = self.aggregates.iter().find(|found| *found.name == *aggregate)?;
        Some(Value::Record(aggregate.state(self.world, id)))
    }
}

impl Scope for Names<'_> {
    fn name(&self, name: &str) -> Option<Cow<'_, Value>> {
        if name == OWN {
            return self.own.map(Cow::Borrowed);
        }
        if let Some(field) = self.fields.get(name) {
            return Some(Cow::Borrowed(field));
        }
        if name == ALL {
            return self.all.map(Cow::Borrowed);
        }
        if let Some(field) = name.strip_prefix(BEHIND) {
            return self.behind(field).map(Cow::Owned);
        }
        if self.declared.iter().any(|field| *field.name == *name) {
            // A field that was not given, or that the service chooses.
            return None;
        }
        // Every other name was held against the members of all enums when the contract was resolved.
        Some(Cow::Owned(name.into()))
    }
}

/// The aggregate that the field called `name` refers to.
pub(super) fn referred<'a>(declared: &'a [FieldDef], name: &str) -> Option<&'a str> {
    match &declared.iter().find(|field| *field.name == *name)?.ty {
        Type::Reference(aggregate) => Some(aggregate),
        _ => None,
    }
}

/// Makes a rule say what it means: `to` and `self` alone are ids, `to.balance` is a state, and what is neither a field
/// nor one of the names that are `bound` around it is a member of an enum.
pub(super) fn resolve(mut expr: &mut Expr, declared: &[FieldDef], bound: &[Arc<str>]) {
    // Chains of operators lean to the left and may be thousands long: they are walked in a loop.
    loop {
        if let ExprKind::Name(name) = &expr.kind {
            if *name.text == *OWN {
                let (span, id) = (expr.span, Ident { text: "id".into(), span: expr.span });
                let own = Expr { kind: expr.kind.clone(), span };
                expr.kind = ExprKind::Field(Box::new(own), id);
            } else if *name.text != *ALL
                && !bound.contains(&name.text)
                && !declared.iter().any(|field| field.name == name.text)
            {
                expr.kind = ExprKind::Literal(Value::Text(name.text.clone()));
            }
            return;
        }
        expr = match &mut expr.kind {
            ExprKind::Field(base, _) => {
                if let ExprKind::Name(name) = &mut base.kind {
                    if referred(declared, &name.text).is_some() {
                        name.text = format!("{BEHIND}{}", name.text).into();
                    }
                    return;
                }
                base
            }
            ExprKind::Index(left, right) | ExprKind::Binary(_, left, right) => {
                resolve(right, declared, bound);
                left
            }
            ExprKind::With(base, fields) => {
                record(fields, declared, bound);
                base
            }
            ExprKind::Unary(_, operand) | ExprKind::Unique(operand) => operand,
            ExprKind::If(condition, yes, no) => {
                resolve(yes, declared, bound);
                resolve(no, declared, bound);
                condition
            }
            ExprKind::List(items) | ExprKind::Call(_, items) => {
                return items.iter_mut().for_each(|item| resolve(item, declared, bound));
            }
            ExprKind::Record(fields) => return record(fields, declared, bound),
            ExprKind::Fold(fold) => {
                if let Some(body) = &mut fold.body {
                    let own = &fold.binder.text;
                    let outer: Vec<_> = declared.iter().filter(|field| field.name != *own).cloned().collect();
                    let inner: Vec<_> = bound.iter().chain([own]).cloned().collect();
                    resolve(body, &outer, &inner);
                }
                &mut fold.list
            }
            _ => return,
        };
    }
}

fn record(fields: &mut [FieldExpr], declared: &[FieldDef], bound: &[Arc<str>]) {
    for field in fields {
        resolve(&mut field.value, declared, bound);
    }
}
