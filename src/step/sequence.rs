use std::sync::Arc;

use crate::protocol::{Command, Query};
use crate::value::Value;

/// A demanded version that stands for the first that the target told of the aggregate. Where none was told, none is
/// demanded.
pub const FIRST_VERSION: &str = "$first-version";
/// The same for the last one.
pub const LAST_VERSION: &str = "$last-version";

/// Steps in their order, with names where a run puts values that nobody else uses.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sequence {
    /// The names, in the order their values are drawn.
    pub names: Vec<Name>,
    /// The steps. A [`Value::Text`] in them, or a key, that is a name's text stands for its value; no other text begins
    /// with `$`.
    pub steps: Vec<Step>,
}

/// Something that gets its value when the sequence is run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Name {
    /// `$order1`: as a scenario would write it.
    pub text: Arc<str>,
    /// What it stands for.
    pub draw: Draw,
}

/// What a name stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Draw {
    /// The id of a new aggregate of this kind.
    New(Arc<str>),
    /// A text that nobody else uses, beginning with this.
    Unique(Arc<str>),
}

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Send a command. Its [`id`](Command::id) is drawn when it is run.
    Submit(Command),
    /// Ask a query once.
    Ask(Query),
    /// Wait until the read models have caught up.
    Settle,
}

impl Sequence {
    /// The steps with each name's text replaced by what `value` gives for it.
    pub fn bind(&self, value: impl Fn(&str) -> Option<Value>) -> Vec<Step> {
        let bound = |of: &Value| bind(of, &value);
        let steps = self.steps.iter().map(|step| match step {
            Step::Submit(command) => Step::Submit(Command {
                on: command.on.as_ref().map(&bound),
                fields: command
                    .fields
                    .fields()
                    .iter()
                    .map(|(name, value)| (name.clone(), bound(value)))
                    .collect(),
                key: command.key.as_ref().map(|key| match bound(&Value::Text(key.clone())) {
                    Value::Text(key) => key,
                    _ => key.clone(),
                }),
                ..command.clone()
            }),
            Step::Ask(query) => Step::Ask(Query {
                on: query.on.as_ref().map(&bound),
                fields: query
                    .fields
                    .fields()
                    .iter()
                    .map(|(name, value)| (name.clone(), bound(value)))
                    .collect(),
                ..query.clone()
            }),
            Step::Settle => Step::Settle,
        });
        steps.collect()
    }
}

impl Sequence {
    /// The same with its names numbered, and drawn, in the order in which the steps use them: `$order1` first.
    #[must_use]
    pub fn in_order(&self) -> Self {
        let used = std::cell::RefCell::new(Vec::<Arc<str>>::new());
        self.bind(|text| {
            let mut used = used.borrow_mut();
            if !used.iter().any(|known| **known == *text) {
                used.push(text.into());
            }
            None
        });
        let mut counts = std::collections::HashMap::<String, usize>::new();
        let mut names = Vec::new();
        let mut renamed = std::collections::HashMap::<Arc<str>, Arc<str>>::new();
        for old in used.into_inner() {
            let Some(name) = self.names.iter().find(|name| name.text == old) else { continue };
            let stem = old.trim_end_matches(|c: char| c.is_ascii_digit()).to_owned();
            let number = counts.entry(stem.clone()).and_modify(|number| *number += 1).or_insert(1);
            let text: Arc<str> = format!("{stem}{number}").into();
            names.push(Name { text: text.clone(), draw: name.draw.clone() });
            renamed.insert(old, text);
        }
        let steps = self.bind(|text| renamed.get(text).map(|text| Value::Text(text.clone())));
        Self { names, steps }
    }
}

fn bind(of: &Value, value: &impl Fn(&str) -> Option<Value>) -> Value {
    match of {
        Value::Text(text) if text.starts_with('$') => value(text).unwrap_or_else(|| of.clone()),
        Value::List(items) => Value::List(items.iter().map(|item| bind(item, value)).collect()),
        Value::Record(record) => {
            Value::Record(record.fields().iter().map(|(name, of)| (name.clone(), bind(of, value))).collect())
        }
        _ => of.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Limits;

    #[test]
    fn names_are_replaced_wherever_they_stand() {
        let read = |json| match Value::from_json(json, &Limits::default()) {
            Ok(Value::Record(record)) => record,
            other => panic!("{other:?}"),
        };
        let query =
            |on, fields| Query { name: "List".into(), on: Some(Value::from(on)), fields: read(fields) };
        let asked = query("$order1", r#"{"all":["$cust1",{"x":"$nobody"},"cust1"],"n":1}"#);
        let sequence = Sequence { names: Vec::new(), steps: vec![Step::Ask(asked), Step::Settle] };
        let bound = sequence.bind(|name| match name {
            "$order1" => Some(Value::from("o-7")),
            "$cust1" => Some(Value::from("c-9")),
            _ => None,
        });
        let expected = query("o-7", r#"{"all":["c-9",{"x":"$nobody"},"cust1"],"n":1}"#);
        assert_eq!(bound, [Step::Ask(expected), Step::Settle]);
    }

    #[test]
    fn names_are_numbered_as_they_are_used() {
        let name = |text: &str| Name { text: text.into(), draw: Draw::Unique("x".into()) };
        let ask = |on: &str| {
            Step::Ask(Query {
                name: "Q".into(),
                on: Some(on.into()),
                fields: crate::value::Record::default(),
            })
        };
        let names = ["$a2", "$b1", "$a7", "$unused1"].map(name).into();
        let sequence = Sequence { names, steps: ["$a7", "$b1", "$a2", "$a7"].map(ask).into() };
        let ordered = sequence.in_order();
        assert_eq!(ordered.names, ["$a1", "$b1", "$a2"].map(name));
        assert_eq!(ordered.steps, ["$a1", "$b1", "$a2", "$a1"].map(ask));
    }
}
