//! Queries that look at what commands have done.

use super::chance::Chance;
use crate::contract::Contract;
use crate::explore::{Subject, samples};
use crate::protocol::Query;
use crate::value::{Record, Value};

/// A query by chance: of one of these aggregates, or a view that is asked with ids which commands have used.
pub(super) fn read(
    contract: &Contract,
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
        let mut values = samples(contract, field, subjects);
        let named = values.iter().filter_map(Value::as_text).find(|text| text.starts_with('$'));
        let stem = named.map(|text| text.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned());
        if let Some(stem) = stem {
            values.extend(
                used.iter().filter(|id| id.as_text().is_some_and(|id| id.starts_with(&stem))).cloned(),
            );
        }
        fields.insert(&*field.name, chance.pick(&values)?.clone());
    }
    Some(Query { name: (*def.name).into(), on, fields })
}
