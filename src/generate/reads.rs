//! Queries that look at what commands have done.

use super::chance::Chance;
use crate::contract::explore::{Naming, Subject, asked, samples};
use crate::contract::rules::{Interpreted, World};
use crate::protocol::Query;
use crate::value::{Record, Value};

/// Of 100 queries that can be put on a comparison, those that are.
const COMPARED: usize = 50;

/// A query by chance: of one of these aggregates, or a view that is asked with ids which commands have used.
pub(super) fn read(
    (model, world): (&Interpreted, &World<Record>),
    naming: &Naming,
    subjects: &[Subject],
    used: &[Value],
    chance: &mut Chance,
) -> Option<Query> {
    let queries: Vec<_> = model.contract().queries().collect();
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
        let stands_for = |value: &Value| value.as_name().and_then(|name| naming.named(name));
        if let Some(kind) = values.iter().find_map(stands_for) {
            values.extend(used.iter().filter(|id| stands_for(id) == Some(kind)).cloned());
        }
        fields.insert(&*field.name, chance.pick(&values)?.clone());
    }
    let mut query = Query { name: def.name.clone(), on, fields };
    // Half of those that compare a number are put on the comparison, or beside it.
    let compared = asked(model, world, &query);
    if let (true, Some((field, value))) = (chance.percent(COMPARED), chance.pick(&compared)) {
        query.fields.insert(&**field, value.clone());
    }
    Some(query)
}
