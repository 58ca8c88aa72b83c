//! YAML 1.2 as far as OpenAPI needs it: what JSON could say, and aliases.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::value::{Limits, Number, Record, Value};

/// How many values a document may have, those of aliases counted each time: a few lines can stand for billions.
const MOST_VALUES: usize = 2_000_000;

/// A value, with what it costs to have it again.
#[derive(Clone)]
struct Built {
    value: Value,
    /// How many values are in it, itself among them.
    values: usize,
    /// How deep it goes.
    depth: usize,
}

/// A list or a record that is not closed yet.
enum Open {
    List(Vec<Value>),
    /// With the name whose value comes next.
    Record(Record, Option<String>),
}

struct Level {
    open: Open,
    anchor: usize,
    values: usize,
    depth: usize,
}

/// The first document in `text`; or what is wrong, and in which line.
pub(super) fn read(text: &str) -> Result<Value, String> {
    let limits = Limits::default();
    if text.len() > limits.size {
        return Err(format!("it has more than {} bytes", limits.size));
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut anchors: HashMap<usize, Built> = HashMap::new();
    let mut spent = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let place = error.marker();
            format!("{} (line {}, column {})", error.info(), place.line(), place.col() + 1)
        })?;
        let wrong = |what: &str| format!("{what} (line {})", span.start.line());
        // What ends has been counted part by part, an alias not at all yet.
        let (built, anchor, cost) = match event {
            Event::SequenceStart(..) | Event::MappingStart(..) if levels.len() >= limits.depth => {
                return Err(wrong(&format!("it is nested more than {} deep", limits.depth)));
            }
            Event::SequenceStart(anchor, _) => {
                levels.push(Level { open: Open::List(Vec::new()), anchor, values: 1, depth: 1 });
                continue;
            }
            Event::MappingStart(anchor, _) => {
                levels.push(Level { open: Open::Record(Record::new(), None), anchor, values: 1, depth: 1 });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(Level { open, anchor, values, depth }) = levels.pop() else { continue };
                let value = match open {
                    Open::List(list) => Value::List(list),
                    Open::Record(record, _) => Value::Record(merged(record)),
                };
                (Built { value, values, depth }, anchor, 1)
            }
            Event::Scalar(text, style, anchor, _) => {
                let value = scalar(&text, matches!(style, ScalarStyle::Plain));
                (Built { value, values: 1, depth: 0 }, anchor, 1)
            }
            Event::Alias(anchor) => {
                let known = anchors.get(&anchor).cloned();
                let known = known.ok_or_else(|| wrong("an alias stands for a value that it is in itself"))?;
                let cost = known.values;
                (known, 0, cost)
            }
            _ => continue,
        };
        spent += cost;
        if spent > MOST_VALUES || levels.len() + built.depth > limits.depth {
            return Err(wrong("with its aliases it is too large"));
        }
        if anchor > 0 {
            anchors.insert(anchor, built.clone());
        }
        let Some(level) = levels.last_mut() else { return Ok(built.value) };
        level.values += built.values;
        level.depth = level.depth.max(built.depth + 1);
        match &mut level.open {
            Open::List(list) => list.push(built.value),
            Open::Record(record, name) => match name.take() {
                None => *name = Some(key(built.value)),
                Some(name) => drop(record.insert(name, built.value)),
            },
        }
    }
    Err("it is empty".into())
}

/// The fields of `<<: *other` among the own ones, which count more: YAML 1.1's merge, which documents use all the same.
fn merged(mut record: Record) -> Record {
    let others = match record.get("<<") {
        Some(Value::Record(other)) => vec![other.clone()],
        Some(Value::List(list)) if list.iter().all(|other| other.as_record().is_some()) => {
            list.iter().filter_map(Value::as_record).cloned().collect()
        }
        _ => return record,
    };
    record.remove("<<");
    for (name, value) in others.iter().flat_map(Record::iter) {
        if !record.contains(name) {
            record.insert(name, value.clone());
        }
    }
    record
}

/// A name as text: a status is a number in YAML.
fn key(value: Value) -> String {
    match value {
        Value::Text(text) => (*text).to_owned(),
        other => other.to_string(),
    }
}

/// A scalar by the core schema (YAML 1.2.2, section 10.3.2); other numbers than JSON's stay text.
fn scalar(text: &str, plain: bool) -> Value {
    match text {
        _ if !plain => Value::from(text),
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ => Number::parse(text).map_or_else(|| Value::from(text), Value::Number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(yaml: &str, json: &str) {
        let expected = Value::from_json(json, &Limits::default()).unwrap();
        assert_eq!(read(yaml).unwrap(), expected);
    }

    #[track_caller]
    fn refused(yaml: &str, part: &str) {
        let error = read(yaml).unwrap_err();
        assert!(error.contains(part), "{error}");
    }

    #[test]
    fn what_json_can_say() {
        check(
            "openapi: 3.0.0\nresponses:\n  200: {description: 'no: comment'}\nlist:\n- 1\n- 0.10\n- ~\n- true\n- \"1\"\n",
            r#"{"openapi": "3.0.0", "responses": {"200": {"description": "no: comment"}}, "list": [1, 0.10, null, true, "1"]}"#,
        );
        check(
            "a: &x {b: [1, 2]}\nc: *x\nd: |\n  two\n  lines\n",
            r#"{"a": {"b": [1, 2]}, "c": {"b": [1, 2]}, "d": "two\nlines\n"}"#,
        );
    }

    #[test]
    fn records_are_merged() {
        check(
            "a: &a {x: 1, y: 2}\nb: &b {y: 3, z: 4}\nc: {<<: *a, y: 9}\nd: {<<: [*b, *a]}\n",
            r#"{"a": {"x": 1, "y": 2}, "b": {"y": 3, "z": 4}, "c": {"y": 9, "x": 1}, "d": {"y": 3, "z": 4, "x": 1}}"#,
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        refused("a: [1,\nb: 2", "(line ");
        refused("", "it is empty");
        refused("a: &x [*x]\n", "(line 1");
        refused(&"[".repeat(1_000), "recursion limit");
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for n in 1..12 {
            let before = vec![format!("*a{}", n - 1); 9].join(", ");
            bomb.extend(["a", &n.to_string(), ": &a", &n.to_string(), " [", &before, "]\n"]);
        }
        refused(&bomb, "too large");
    }
}
