//! What commands are drawn from. It is worked out once, since a sequence looks at many commands for each that it sends.

use std::sync::Arc;

use crate::contract::{FieldDef, Type};
use crate::explore::{Comparison, Naming, Subject, comparisons, samples};
use crate::model::Interpreted;
use crate::value::Value;

/// A command, and what it is made of.
#[derive(Clone, Debug)]
pub(super) struct Palette {
    pub(super) name: Arc<str>,
    pub(super) aggregate: Arc<str>,
    pub(super) fields: Vec<Field>,
    /// Where its rules compare what it carries.
    pub(super) comparisons: Vec<Comparison>,
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
        let all = model.contract().commands().map(|def| Self {
            name: def.name.clone(),
            aggregate: def.aggregate.clone(),
            fields: def.fields.iter().filter(|field| !field.chosen).map(field).collect(),
            comparisons: comparisons(model, &def.name),
        });
        all.collect()
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
