//! The names that steps hold, each with what it stands for.

use std::sync::Arc;

use super::{Draw, Name, Sequence, Step};
use crate::contract::Contract;
use crate::value::{Record, Value};

/// A sequence of these steps, that declares each name in them where it first occurs.
pub(super) fn sequence(contract: &Contract, steps: Vec<Step>) -> Sequence {
    let mut names = Vec::new();
    for step in &steps {
        let (on, fields) = match step {
            Step::Submit(command) => (&command.on, &command.fields),
            Step::Ask(query) => (&query.on, &query.fields),
            Step::Settle => continue,
        };
        if let Some(on) = on {
            of_value(contract, on, &mut names);
        }
        of_record(contract, fields, &mut names);
    }
    Sequence { names, steps }
}

/// What a name such as `$order1` stands for.
pub fn drawn(contract: &Contract, name: &str) -> Draw {
    let stem = name.trim_start_matches('$').trim_end_matches(|c: char| c.is_ascii_digit());
    let kind = contract.aggregates().find(|aggregate| aggregate.name.to_lowercase() == stem);
    match kind {
        Some(aggregate) => Draw::New((*aggregate.name).into()),
        None => Draw::Unique(Arc::from(stem)),
    }
}

fn of_record(contract: &Contract, record: &Record, names: &mut Vec<Name>) {
    record.iter().for_each(|(_, value)| of_value(contract, value, names));
}

fn of_value(contract: &Contract, value: &Value, names: &mut Vec<Name>) {
    match value {
        Value::Text(text) if text.starts_with('$') && !names.iter().any(|name| name.text == *text) => {
            names.push(Name { text: text.clone(), draw: drawn(contract, text) });
        }
        Value::List(values) => values.iter().for_each(|value| of_value(contract, value, names)),
        Value::Record(record) => of_record(contract, record, names),
        _ => {}
    }
}
