//! Steps and values as scenarios write them.

use crate::protocol::{Expected, Query, Version};
use crate::value::{Record, Value, field_name, quote};

use super::{FIRST_VERSION, LAST_VERSION, Step};

/// A query as a scenario asks it.
pub fn asked(query: &Query) -> String {
    let on = query.on.as_ref().map(|on| format!(" on {}", literal(on))).unwrap_or_default();
    format!("{}{on}{}", query.name, fields(&query.fields))
}

pub(crate) fn fields(record: &Record) -> String {
    if record.is_empty() { String::new() } else { format!(" {}", literal(&Value::Record(record.clone()))) }
}

/// A step as scenarios write it, in short.
pub fn step_in_words(step: &Step) -> String {
    match step {
        Step::Settle => "settled".into(),
        Step::Ask(query) => asked(query),
        Step::Submit(command) => {
            let on = command.on.as_ref().map(|on| format!(" on {}", literal(on))).unwrap_or_default();
            let key = command.key.as_ref().map(|key| format!(" key {key}")).unwrap_or_default();
            let version = match &command.expected {
                Expected::Any => String::new(),
                Expected::Exactly(Version::Opaque(which)) if **which == *FIRST_VERSION => {
                    " at its first version".into()
                }
                Expected::Exactly(Version::Opaque(which)) if **which == *LAST_VERSION => {
                    " at its last version".into()
                }
                Expected::Exactly(version) => format!(" at version {version}"),
            };
            format!("{}{on}{}{key}{version}", command.name, fields(&command.fields))
        }
    }
}

/// A value as scenarios write it.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Text(name) if name.starts_with('$') => name.to_string(),
        Value::Text(text) => quote(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(record) => {
            let fields: Vec<String> = record
                .iter()
                .map(|(name, value)| format!("{}: {}", field_name(name), literal(value)))
                .collect();
            if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
    }
}
