//! The names that steps hold, each with what it stands for.

use crate::contract::explore::{Named, Naming};
use crate::step::{Draw, Name, Sequence, Step};
use crate::value::{Record, Value};

/// A sequence of these steps, that declares each name in them where it first occurs.
pub(super) fn sequence(naming: &Naming, steps: Vec<Step>) -> Sequence {
    let mut names = Vec::new();
    for step in &steps {
        let (on, fields) = match step {
            Step::Submit(command) => (&command.on, &command.fields),
            Step::Ask(query) => (&query.on, &query.fields),
            Step::Settle => continue,
        };
        if let Some(on) = on {
            of_value(naming, on, &mut names);
        }
        of_record(naming, fields, &mut names);
    }
    Sequence { names, steps }
}

/// What a name such as `$order1` stands for; nothing if the text is no name.
pub fn drawn(naming: &Naming, name: &str) -> Option<Draw> {
    naming.named(name).map(|named| match named {
        Named::Aggregate(kind) => Draw::New(kind.clone()),
        Named::Field(field) => Draw::Unique(field.clone()),
    })
}

fn of_record(naming: &Naming, record: &Record, names: &mut Vec<Name>) {
    record.iter().for_each(|(_, value)| of_value(naming, value, names));
}

fn of_value(naming: &Naming, value: &Value, names: &mut Vec<Name>) {
    match value {
        Value::Text(text) if !names.iter().any(|name| name.text == *text) => {
            let draw = drawn(naming, text);
            names.extend(draw.map(|draw| Name { text: text.clone(), draw }));
        }
        Value::List(values) => values.iter().for_each(|value| of_value(naming, value, names)),
        Value::Record(record) => of_record(naming, record, names),
        _ => {}
    }
}
