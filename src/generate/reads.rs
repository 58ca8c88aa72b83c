//! Queries that look at what commands have done.

use super::chance::Chance;
use crate::contract::Contract;
use crate::explore::{Naming, Subject, samples};
use crate::protocol::Query;
use crate::value::{Record, Value};

/// A query by chance: of one of these aggregates, or a view that is asked with ids which commands have used.
pub(super) fn read(
    contract: &Contract,
    naming: &Naming,
    subjects: &[Subject],
    used: &[Value],
    chance: &mut Chance,
) -> Option<Query> {
    let queries: Vec<_> = contract.queries().collect();
    let def = chance.pick(&queries)?;
    let on = match &def.aggregate {
        Some(kind) => {
            let of_kind: Vec<_> = subjects.iter().filter(|subject| *subject.kind == **kind).collect();
            Some(chance.pick(&of_kind)?.id.clone())
        }
        None => None,
    };
    let mut fields = Record::new();
    for field in def.fields.iter().filter(|field| field.is_required()) {
        let mut values = samples(naming, field, subjects);
        let stands_for = |value: &Value| value.as_text().and_then(|text| naming.named(text));
        if let Some(kind) = values.iter().find_map(stands_for) {
            values.extend(used.iter().filter(|id| stands_for(id) == Some(kind)).cloned());
        }
        fields.insert(&*field.name, chance.pick(&values)?.clone());
    }
    Some(Query { name: (*def.name).into(), on, fields })
}
