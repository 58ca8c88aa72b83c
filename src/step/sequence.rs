use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::protocol::{Command, Expected, Query, Told};
use crate::value::{Name, Record, Value};

/// Steps in their order, with names where a run puts values that nobody else uses.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Sequence {
    /// What its names stand for, in the order their values are drawn.
    pub names: Vec<Binding>,
    /// The steps.
    pub steps: Vec<Step>,
}

/// A name, and what its value is drawn from when the sequence is run.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Binding {
    /// The name.
    pub name: Name,
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
    /// An idempotency key that nobody else uses.
    Key,
}

/// One thing to do.
#[derive(Clone, PartialEq, Debug)]
pub enum Step {
    /// Send a command.
    Submit(Submit),
    /// Ask a query once. Its values may be names.
    Ask(Query),
    /// Wait until the read models have caught up.
    Settle,
}

/// A command to send, and what of it is known only when it is sent.
#[derive(Clone, PartialEq, Debug)]
pub struct Submit {
    /// The command. Its values may be names; its [`id`](Command::id) is drawn when it is sent.
    pub command: Command,
    /// The name of the idempotency key that it is sent under; without one, that of the command itself.
    pub key: Option<Name>,
    /// Which version it demands of those that the target told; without one, what the command itself demands.
    pub demands: Option<Told>,
}

impl From<Command> for Submit {
    /// Sends the command as it is.
    fn from(command: Command) -> Self {
        Self { command, key: None, demands: None }
    }
}

impl From<Command> for Step {
    fn from(command: Command) -> Self {
        Self::Submit(command.into())
    }
}

impl Submit {
    /// Whether it is sent under a key.
    pub fn is_keyed(&self) -> bool {
        self.key.is_some() || self.command.key.is_some()
    }

    /// Whether it demands a version.
    pub fn is_demanding(&self) -> bool {
        self.demands.is_some() || self.command.expected != Expected::Any
    }
}

impl Step {
    /// Calls `visit` with each name that it uses, as often as it does.
    pub fn each_name<'a>(&'a self, mut visit: impl FnMut(&'a Name)) {
        let (on, fields, key) = match self {
            Self::Submit(submit) => (&submit.command.on, &submit.command.fields, submit.key.as_ref()),
            Self::Ask(query) => (&query.on, &query.fields, None),
            Self::Settle => return,
        };
        let values = on.iter().chain(fields.iter().map(|(_, value)| value));
        for value in values {
            value.each_name(&mut visit);
        }
        key.into_iter().for_each(visit);
    }

    /// The step with a value in the place of each name for which `value` has one. A key whose value is a text becomes the command's own;
    /// one whose value is another name, that name.
    #[must_use]
    pub fn bound(&self, value: &impl Fn(&Name) -> Option<Value>) -> Self {
        match self {
            Self::Submit(submit) => {
                let mut bound = Submit {
                    command: Command {
                        on: submit.command.on.as_ref().map(|on| bound(on, value)),
                        fields: bound_fields(&submit.command.fields, value),
                        ..submit.command.clone()
                    },
                    ..submit.clone()
                };
                match submit.key.as_ref().and_then(value) {
                    Some(Value::Name(other)) => bound.key = Some(other),
                    Some(Value::Text(text)) => (bound.key, bound.command.key) = (None, Some(text)),
                    _ => {}
                }
                Self::Submit(bound)
            }
            Self::Ask(query) => Self::Ask(Query {
                on: query.on.as_ref().map(|on| bound(on, value)),
                fields: bound_fields(&query.fields, value),
                ..query.clone()
            }),
            Self::Settle => Self::Settle,
        }
    }
}

impl Sequence {
    /// The steps with a value in the place of each name for which `value` has one.
    pub fn bind(&self, value: impl Fn(&Name) -> Option<Value>) -> Vec<Step> {
        self.steps.iter().map(|step| step.bound(&value)).collect()
    }

    /// The same with its names numbered, and drawn, in the order in which the steps use them: `$order1` first.
    #[must_use]
    pub fn in_order(&self) -> Self {
        let used = RefCell::new(Vec::<Name>::new());
        for step in &self.steps {
            step.each_name(|name| {
                let mut used = used.borrow_mut();
                if !used.contains(name) {
                    used.push(name.clone());
                }
            });
        }
        let mut counts = HashMap::<String, usize>::new();
        let mut names = Vec::new();
        let mut renamed = HashMap::<Name, Name>::new();
        for old in used.into_inner() {
            let Some(binding) = self.names.iter().find(|binding| binding.name == old) else { continue };
            let stem = old.stem().to_owned();
            let number = counts.entry(stem.clone()).and_modify(|number| *number += 1).or_insert(1);
            let name = Name::new(format!("{stem}{number}"));
            names.push(Binding { name: name.clone(), draw: binding.draw.clone() });
            renamed.insert(old, name);
        }
        let steps = self.bind(|name| renamed.get(name).cloned().map(Value::Name));
        Self { names, steps }
    }
}

fn bound(of: &Value, value: &impl Fn(&Name) -> Option<Value>) -> Value {
    of.replaced(&|part| part.as_name().and_then(value))
}

fn bound_fields(fields: &Record, value: &impl Fn(&Name) -> Option<Value>) -> Record {
    fields.fields().iter().map(|(name, of)| (name.clone(), bound(of, value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> Value {
        Value::Name(Name::new(text))
    }

    #[test]
    fn names_are_replaced_wherever_they_stand_and_texts_never() {
        let query = |on: Value, all: [Value; 2]| Query {
            name: "List".into(),
            on: Some(on),
            fields: Record::from([
                ("all", Value::from([all[0].clone(), Record::from([("x", all[1].clone())]).into()])),
                ("text", "$cust1".into()),
            ]),
        };
        let asked = query(name("order1"), [name("cust1"), name("nobody")]);
        let sequence = Sequence { names: Vec::new(), steps: vec![Step::Ask(asked), Step::Settle] };
        let steps = sequence.bind(|name| match name.as_str() {
            "order1" => Some(Value::from("o-7")),
            "cust1" => Some(Value::from("c-9")),
            _ => None,
        });
        let expected = query("o-7".into(), ["c-9".into(), name("nobody")]);
        assert_eq!(steps, [Step::Ask(expected), Step::Settle]);
    }

    #[test]
    fn names_are_numbered_as_they_are_used() {
        let binding = |text: &str| Binding { name: Name::new(text), draw: Draw::Unique("x".into()) };
        let ask =
            |on: &str| Step::Ask(Query { name: "Q".into(), on: Some(name(on)), fields: Record::default() });
        let names = ["a2", "b1", "a7", "unused1"].map(binding).into();
        let sequence = Sequence { names, steps: ["a7", "b1", "a2", "a7"].map(ask).into() };
        let ordered = sequence.in_order();
        assert_eq!(ordered.names, ["a1", "b1", "a2"].map(binding));
        assert_eq!(ordered.steps, ["a1", "b1", "a2", "a1"].map(ask));
    }

    #[test]
    fn a_key_becomes_a_text_or_another_name() {
        let command = Command {
            name: "C".into(),
            on: None,
            fields: Record::new(),
            key: None,
            expected: Expected::Any,
            id: "".into(),
        };
        let keyed = Step::Submit(Submit { key: Some(Name::new("key1")), ..command.clone().into() });
        let renamed = keyed.bound(&|_| Some(name("key7")));
        assert_eq!(renamed, Step::Submit(Submit { key: Some(Name::new("key7")), ..command.clone().into() }));
        let drawn = keyed.bound(&|_| Some("k-1".into()));
        assert_eq!(drawn, Command { key: Some("k-1".into()), ..command }.into());
    }
}
