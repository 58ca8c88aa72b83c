//! The names that steps hold, each with what it stands for.

use std::sync::Arc;

use crate::contract::explore::{Named, Naming};
use crate::protocol::Promises;
use crate::step::{Binding, Draw, Sequence, Step};
use crate::value::{Name, Need};

/// A sequence of these steps, that declares each name in them where it first occurs.
pub(super) fn sequence(naming: &Naming, steps: Vec<Step>) -> Sequence {
    let mut names: Vec<Binding> = Vec::new();
    for step in &steps {
        step.each_name(|name| {
            if !names.iter().any(|known| known.name == *name) {
                let draw = drawn(naming, name);
                names.extend(draw.map(|draw| Binding { name: name.clone(), draw }));
            }
        });
    }
    Sequence { names, steps }
}

/// What a name stands for; nothing if it is none of the contract's.
pub fn drawn(naming: &Naming, name: &Name) -> Option<Draw> {
    naming.named(name).map(|named| match named {
        Named::Aggregate(kind) => Draw::New(kind.clone()),
        Named::Field(field) => Draw::Unique(field.clone()),
    })
}

/// What a value for that has to be: as the types of the fields that it is sent in have it, and as the target asks.
pub(crate) fn need(naming: &Naming, promises: &Promises, draw: &Draw) -> Need {
    let fields = sent_in(naming, draw);
    naming.need(fields, promises.demand_on(fields))
}

/// The fields in which values of that are sent: what a target asks of values in any of them goes for all.
fn sent_in<'a>(naming: &'a Naming, draw: &'a Draw) -> &'a [Arc<str>] {
    match draw {
        Draw::New(kind) => naming.references(kind),
        Draw::Unique(field) => std::slice::from_ref(field),
        Draw::Key => &[],
    }
}
