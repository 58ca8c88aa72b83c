//! What commands are drawn from. It is worked out once, since a sequence looks at many commands for each that it sends.

use std::sync::Arc;

use crate::contract::explore::{Comparison, Naming, Near, Subject, comparisons, near, samples};
use crate::contract::rules::{BEHIND, Interpreted};
use crate::contract::{FieldDef, Type};
use crate::language::syntax::{Expr, ExprKind};
use crate::value::Value;

/// A command, and what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) name: Arc<str>,
    pub(super) aggregate: Arc<str>,
    pub(super) fields: Vec<Field>,
    /// The same as the contract has them.
    pub(super) given: Vec<FieldDef>,
    /// Where what it carries is compared, with the rule that does it; none for what stands behind its effect.
    pub(super) comparisons: Vec<(Option<usize>, Comparison)>,
    /// What its rules look at in several conditions.
    pub(super) near: Vec<Near>,
    /// The rules that look at the aggregate's state alone, by their place.
    pub(super) guards: Vec<usize>,
    /// All others.
    pub(super) free: Vec<usize>,
    /// Whether the first rule that applies decides.
    pub(super) in_order: bool,
}

/// A field that commands give.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) def: FieldDef,
    /// Names for ids of this field.
    pub(super) ids: Vec<Value>,
    /// Its samples, unless they hang on which aggregates there are.
    samples: Option<Vec<Value>>,
}

impl Palette {
    /// Those of all commands; `ids` names for each field that holds an id.
    pub(super) fn of_all(model: &Interpreted, naming: &Naming, ids: usize) -> Arc<[Self]> {
        let field = |def: &FieldDef| Field {
            def: def.clone(),
            ids: match def.ty {
                Type::Id => (1..=ids).map(|number| naming.id(&def.name, number)).collect(),
                _ => Vec::new(),
            },
            samples: (!refers(&def.ty)).then(|| samples(naming, def, &[])),
        };
        let all = model.contract().commands().map(|def| {
            let rules = model.rules(&def.name);
            let rejects = rules.map_or(&[][..], |rules| &rules.rejects);
            let carried = |rule: &usize| speaks_of_any(&rejects[*rule].when, &def.fields);
            let (free, guards) = (0..rejects.len()).partition(carried);
            Self {
                name: def.name.clone(),
                aggregate: def.aggregate.clone(),
                given: def.fields.iter().filter(|field| !field.chosen).cloned().collect(),
                fields: def.fields.iter().filter(|field| !field.chosen).map(field).collect(),
                comparisons: comparisons(model, &def.name),
                near: near(model, &def.name),
                guards,
                free,
                in_order: rules.is_some_and(|rules| rules.in_order.is_some()),
            }
        });
        all.collect()
    }

    /// How many rules it has.
    pub(super) fn rules(&self) -> usize {
        self.guards.len() + self.free.len()
    }
}

impl Field {
    /// The one of its samples at the place that `choose` says.
    pub(super) fn sample(
        &self,
        naming: &Naming,
        subjects: &[Subject],
        choose: impl FnOnce(&[Value]) -> usize,
    ) -> Option<Value> {
        let of = |samples: &[Value]| samples.get(choose(samples)).cloned();
        match &self.samples {
            Some(samples) => of(samples),
            None => of(&samples(naming, &self.def, subjects)),
        }
    }
}

/// Whether values of this type name aggregates. Types may be as deep as a contract can write them.
fn refers(ty: &Type) -> bool {
    match ty {
        Type::Reference(_) => true,
        Type::List(inner) | Type::Bag(inner) | Type::Optional(inner) => refers(inner),
        Type::Record(record) => record.fields.iter().any(|field| refers(&field.ty)),
        _ => false,
    }
}

/// Whether a rule speaks of a field, or of the aggregate behind one.
fn speaks_of_any(rule: &Expr, fields: &[FieldDef]) -> bool {
    let mut found = false;
    rule.walk(&mut |part| {
        if let ExprKind::Name(name) = &part.kind {
            let name = name.text.strip_prefix(BEHIND).unwrap_or(&name.text);
            found |= fields.iter().any(|field| *field.name == *name);
        }
    });
    found
}
