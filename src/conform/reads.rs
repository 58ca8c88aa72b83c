//! Which queries show something of a world.

use super::reach::Reach;
use crate::contract::explore::samples;
use crate::contract::rules::{Expected, Model as _, World};
use crate::contract::{FieldDef, Type};
use crate::protocol::Query;
use crate::value::{Record, Value};

impl Reach {
    /// Every query and view that shows something of the aggregates of a world, in names. A summary in which others may have a part
    /// is none: whatever it says proves nothing of them.
    pub(crate) fn reads_in(&self, world: &World<Record>) -> Vec<Query> {
        let mut all = self.queries_in(world);
        let sums_up = |view: &Query| matches!(self.model.answer(world, view), Ok(Expected::Shows(_)));
        all.retain(|query| query.on.is_some() || self.is_ours_alone(query) || !sums_up(query));
        all
    }

    /// The same, and summaries in which others may have a part.
    pub(crate) fn queries_in(&self, world: &World<Record>) -> Vec<Query> {
        let mut reads = Vec::new();
        for def in self.contract.queries().filter(|def| self.target.knows(&def.name)) {
            match &def.aggregate {
                Some(kind) => {
                    let own = world.entries().iter().filter(|entry| *entry.aggregate == **kind);
                    reads.extend(own.map(|entry| Query {
                        name: def.name.clone(),
                        on: Some(entry.id.clone()),
                        fields: Record::new(),
                    }));
                }
                None => reads.extend(self.views(world, &def.name, &def.fields)),
            }
        }
        reads
    }

    /// Whether nobody else's aggregates can have a part in the answer to a view, which is in names.
    pub(crate) fn is_ours_alone(&self, view: &Query) -> bool {
        self.target.is_alone() || self.model.is_of_own(view, &|value| value.as_name().is_some())
    }

    /// A view asked with the values that our aggregates have in states of the same names, else with the plainest.
    fn views(&self, world: &World<Record>, name: &str, declared: &[FieldDef]) -> Vec<Query> {
        let mut fields = vec![Record::new()];
        for field in declared.iter().filter(|field| field.is_required()) {
            let mut values = self.asked_for(world, name, field);
            if values.is_empty() {
                values = samples(&self.naming, field, &[]).into_iter().take(1).collect();
            }
            fields = fields
                .into_iter()
                .flat_map(|record| {
                    values.iter().take(3).map(move |value| {
                        let mut record = record.clone();
                        record.insert(&*field.name, value.clone());
                        record
                    })
                })
                .collect();
        }
        fields.into_iter().map(|fields| Query { name: name.into(), on: None, fields }).collect()
    }

    /// The values that our aggregates have where the view looks for what its field says: the state that it is held against, or that of the
    /// same name; of a reference, then the aggregates themselves.
    fn asked_for(&self, world: &World<Record>, view: &str, field: &FieldDef) -> Vec<Value> {
        let mut states = self.model.states_asked_for(view, &field.name);
        states.push(field.name.clone());
        let of_state =
            states.iter().flat_map(|state| world.entries().iter().filter_map(|entry| entry.state.get(state)));
        let referred = world.entries().iter().filter(|entry| match &field.ty {
            Type::Reference(kind) => entry.aggregate == *kind,
            _ => false,
        });
        let mut values: Vec<Value> = Vec::new();
        for value in of_state.chain(referred.map(|entry| &entry.id)) {
            if !value.is_null() && !values.contains(value) {
                values.push(value.clone());
            }
        }
        values
    }

    /// Whether some read is another one in the one world than in the other.
    pub(crate) fn tells_apart(&self, one: &World<Record>, other: &World<Record>) -> bool {
        self.reads_in(one).iter().any(|query| self.differs(query, one, other))
    }

    /// Whether this one is.
    pub(crate) fn differs(&self, query: &Query, one: &World<Record>, other: &World<Record>) -> bool {
        match [one, other].map(|world| self.model.answer(world, query).ok()) {
            [Some(one), Some(other)] => !one.is_same(&other),
            [None, None] => false,
            _ => true,
        }
    }
}
