//! Steps and values as scenarios write them.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::{Step, Submit, Told};
use crate::protocol::{Command, Expected, Query};
use crate::value::{Record, Value, quote};

/// A query as a scenario asks it.
pub fn asked(query: &Query) -> String {
    let on = query.on.as_ref().map(|on| format!(" on {}", literal(on))).unwrap_or_default();
    format!("{}{on}{}", message(&query.name), fields(&query.fields))
}

/// A command as a scenario sends it, without its key and the version it demands.
pub(crate) fn called(command: &Command) -> String {
    let on = command.on.as_ref().map(|on| format!(" on {}", literal(on))).unwrap_or_default();
    format!("{}{on}{}", message(&command.name), fields(&command.fields))
}

/// The name of a command or a query: in backticks where it is no word.
fn message(name: &str) -> Cow<'_, str> {
    if is_word(name) { Cow::Borrowed(name) } else { Cow::Owned(format!("`{name}`")) }
}

fn is_word(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && !name.is_empty()
}

fn fields(record: &Record) -> String {
    if record.is_empty() { String::new() } else { format!(" {}", literal(&Value::Record(record.clone()))) }
}

/// A step as scenarios write it, in short.
pub fn step_in_words(step: &Step) -> String {
    match step {
        Step::Settle => "settled".into(),
        Step::Ask(query) => asked(query),
        Step::Submit(submit) => submit_in_words(submit),
    }
}

/// A command as scenarios write it, in short.
pub fn submit_in_words(submit: &Submit) -> String {
    let mut words = called(&submit.command);
    match (&submit.key, &submit.command.key) {
        (Some(name), _) => drop(write!(words, " key {name}")),
        (None, Some(text)) => drop(write!(words, " key {text}")),
        (None, None) => {}
    }
    match (submit.demands, &submit.command.expected) {
        (Some(Told::First), _) => words.push_str(" at its first version"),
        (Some(Told::Last), _) => words.push_str(" at its last version"),
        (None, Expected::Exactly(version)) => drop(write!(words, " at version {version}")),
        (None, Expected::Any) => {}
    }
    words
}

/// A field's name as scenarios write it: in quotes where it is no word of theirs.
pub(crate) fn written_name(name: &str) -> Cow<'_, str> {
    if is_word(name) { Cow::Borrowed(name) } else { Cow::Owned(quote(name)) }
}

/// A value as scenarios write it.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Name(name) => name.to_string(),
        Value::Text(text) => quote(text),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(literal).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Record(record) => {
            let fields: Vec<String> = record
                .iter()
                .map(|(name, value)| format!("{}: {}", written_name(name), literal(value)))
                .collect();
            if fields.is_empty() { "{}".into() } else { format!("{{ {} }}", fields.join(", ")) }
        }
        Value::Null => "null".into(),
        Value::Bool(bool) => bool.to_string(),
        Value::Number(number) => number.to_string(),
    }
}
