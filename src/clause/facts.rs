//! Facts that two read models share.

use crate::contract::Contract;
use crate::protocol::{Answer, Promises, Query, Seen};
use crate::value::{Record, Value};

/// How much of a value a sentence shows, in characters.
const SHOWN: usize = 120;

/// A fact that two read models tell otherwise.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error(
    "{one} says that {field} is {}, and {other} says that it is {}",
    .here.brief(SHOWN),
    .there.brief(SHOWN)
)]
pub(super) struct Disagreement {
    one: String,
    other: String,
    field: String,
    here: Value,
    there: Value,
}

/// Compares what answers say about the same aggregate in fields of the same name. How many facts were compared, or the
/// first in which two of them differ.
pub(super) fn shared<'a>(
    contract: &Contract,
    promises: &Promises,
    answers: impl Iterator<Item = (&'a Query, &'a Answer)>,
) -> Result<usize, Box<Disagreement>> {
    let mut told: Vec<(&str, &Value, &Record)> = Vec::new();
    let answers: Vec<_> = answers.collect();
    let ids = answers.iter().filter_map(|(query, _)| query.on.as_ref());
    let ids: Vec<&Value> = ids.collect();
    for (query, answer) in &answers {
        match (&query.on, &answer.seen) {
            (Some(on), Seen::Found(Value::Record(record))) => told.push((&query.name, on, record)),
            (None, Seen::Found(Value::List(rows))) => {
                for row in rows.iter().filter_map(Value::as_record) {
                    let about = ids.iter().find(|id| row.iter().any(|(_, value)| value == **id));
                    told.extend(about.map(|id| (&*query.name, *id, row)));
                }
            }
            _ => {}
        }
    }
    let mut compared = 0;
    for (at, (one, about, first)) in told.iter().enumerate() {
        for (other, _, second) in told[..at].iter().filter(|(other, id, _)| other != one && id == about) {
            for (field, value) in first.iter() {
                let both = [one, other].iter().all(|query| declares(contract, query, field));
                let Some(elsewhere) = second.get(field).filter(|_| both) else { continue };
                compared += 1;
                // What one of them may be off by, they may differ by.
                let near = |query: &str| promises.tolerances_of(query).inside(field).equal(value, elsewhere);
                if !near(one) && !near(other) {
                    return Err(Box::new(Disagreement {
                        one: (*one).to_owned(),
                        other: (*other).to_owned(),
                        field: field.to_owned(),
                        here: value.clone(),
                        there: elsewhere.clone(),
                    }));
                }
            }
        }
    }
    Ok(compared)
}

/// Whether the contract says of the query that it shows the field, and what that is.
fn declares(contract: &Contract, query: &str, field: &str) -> bool {
    let shows = contract.query(query).and_then(|query| query.shows.as_ref());
    shows.is_some_and(|shows| shows.iter().any(|shown| *shown.name == *field && !shown.chosen))
}
