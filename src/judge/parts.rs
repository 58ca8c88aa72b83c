//! Which operations can have to do with each other: those on one aggregate, and on aggregates that a command connects.

use std::collections::HashMap;

use super::operations::{Operations, on};
use crate::history::Act;
use crate::value::{Record, Value};

/// The components of a history. Aggregates of different ones have nothing to do with each other.
#[derive(Debug, Default)]
pub(super) struct Parts {
    places: HashMap<Value, usize>,
    joined: Vec<usize>,
}

impl Parts {
    /// By the commands of `operations`: a command connects its aggregate with those whose ids it carries.
    pub(super) fn of(operations: &Operations<'_>) -> Self {
        let mut parts = Self::default();
        for on in operations.iter().filter_map(on) {
            if !parts.places.contains_key(on) {
                parts.places.insert(on.clone(), parts.joined.len());
                parts.joined.push(parts.joined.len());
            }
        }
        if parts.joined.len() > 1 {
            for operation in operations.iter() {
                if let Act::Submit { command, .. } = &operation.act
                    && let Some(on) = &command.on
                {
                    parts.connect(on, &command.fields);
                }
            }
            parts.flatten();
        }
        parts
    }

    /// How many aggregates there are: components have numbers below.
    pub(super) fn len(&self) -> usize {
        self.joined.len()
    }

    /// The component of an aggregate that some operation was on.
    pub(super) fn of_id(&self, id: &Value) -> Option<usize> {
        self.places.get(id).map(|place| self.root(*place))
    }

    /// Whether `value` holds an id that some operation was on, or one of `more`.
    pub(super) fn names_one(&self, value: &Value, more: &std::collections::HashSet<Value>) -> bool {
        match value {
            Value::List(items) => items.iter().any(|item| self.names_one(item, more)),
            Value::Record(record) => record.iter().any(|(_, field)| self.names_one(field, more)),
            Value::Text(_) => self.places.contains_key(value) || more.contains(value),
            _ => false,
        }
    }

    /// The components whose ids `value` holds.
    pub(super) fn named(&self, value: &Value, found: &mut Vec<usize>) {
        match value {
            Value::List(items) => items.iter().for_each(|item| self.named(item, found)),
            Value::Record(record) => record.iter().for_each(|(_, field)| self.named(field, found)),
            _ => found.extend(self.of_id(value)),
        }
    }

    fn connect(&mut self, on: &Value, fields: &Record) {
        let mut named = Vec::new();
        fields.iter().for_each(|(_, field)| self.named(field, &mut named));
        for other in named {
            if let Some(own) = self.of_id(on) {
                let (low, high) = (own.min(other), own.max(other));
                self.joined[high] = low;
            }
        }
    }

    /// Lets each lead to its root at once. What it leads to stands before it.
    fn flatten(&mut self) {
        for place in 0..self.joined.len() {
            self.joined[place] = self.joined[self.joined[place]];
        }
    }

    fn root(&self, mut place: usize) -> usize {
        while self.joined[place] != place {
            place = self.joined[place];
        }
        place
    }
}
