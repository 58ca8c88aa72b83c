use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::error::RequestError;
use super::fill::{Filler, Values};
use super::target::Shared;
use crate::profile::{Form, Id, IdBy, text};
use crate::value::{Record, Value};

/// What one world knows of its aggregates: scenarios have their own ids for them, the service may have others.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The service's id by the scenario's.
    service: HashMap<Value, Value>,
    /// The scenario's id by the service's, as text.
    scenario: HashMap<String, Value>,
    /// The fields of the command that created an aggregate, by the scenario's id.
    pub(super) opened: HashMap<Value, Record>,
    /// The scenario's id by the kind and the service's id, of what the service made under ids of its own.
    made: HashMap<(Arc<str>, String), Value>,
    /// Aggregates that are about to be created under ids of the service's own, and the key with which they are.
    making: HashMap<Value, Option<String>>,
    /// The idempotency keys that were sent.
    pub(super) keys: HashSet<String>,
    /// The latest position that an answer told.
    pub(super) position: Option<u64>,
}

impl Known {
    pub(super) fn learn(&mut self, scenario: &Value, service: Value) {
        self.scenario.insert(text(&service), scenario.clone());
        self.service.insert(scenario.clone(), service);
    }

    pub(super) fn of_service(&self, scenario: &Value) -> Option<Value> {
        self.service.get(scenario).cloned()
    }

    /// An aggregate is about to be created under an id that the service makes up; false if it is there or under way. Once more
    /// would create another one.
    pub(super) fn begin(&mut self, scenario: &Value, key: Option<&String>) -> bool {
        let is_new = !self.service.contains_key(scenario) && !self.making.contains_key(scenario);
        if is_new {
            self.making.insert(scenario.clone(), key.cloned());
        }
        is_new
    }

    /// Whether an aggregate is about to be created with that key.
    pub(super) fn is_made_with(&self, scenario: &Value, key: &String) -> bool {
        self.making.get(scenario).is_some_and(|known| known.as_ref() == Some(key))
    }

    /// The answer to a command that creates an aggregate of that kind tells this id: which aggregate does it name? Another one than was
    /// to be created where that has a different id already, or where this is the id of another.
    pub(super) fn named(&mut self, kind: &Arc<str>, scenario: &Value, service: Value) -> Value {
        let key = (kind.clone(), text(&service));
        let known = self.made.get(&key).cloned();
        match (self.service.get(scenario), known) {
            (Some(first), known) if text(first) != key.1 => known.unwrap_or(service),
            (Some(_), _) => scenario.clone(),
            (None, Some(other)) => {
                // It is asked for under that id all the same.
                self.service.insert(scenario.clone(), service);
                other
            }
            (None, None) => {
                self.made.insert(key, scenario.clone());
                self.learn(scenario, service);
                scenario.clone()
            }
        }
    }

    /// Nothing was created after all.
    pub(super) fn give_up(&mut self, scenario: &Value) {
        self.making.remove(scenario);
    }

    pub(super) fn of_scenario(&self, service: &Value) -> Option<Value> {
        match service {
            Value::Text(id) => self.scenario.get(&**id).cloned(),
            Value::Number(id) => self.scenario.get(&id.to_string()).cloned(),
            _ => None,
        }
    }

    pub(super) fn at(&mut self, position: Option<u64>) {
        self.position = self.position.max(position);
    }

    /// The id to send for an aggregate. One that was never captured is an id that nothing has.
    pub(super) fn sent(
        &mut self,
        shared: &Shared,
        aggregate: &str,
        on: &Value,
    ) -> Result<Value, RequestError> {
        if let Some(known) = self.of_service(on) {
            return Ok(known);
        }
        let Some(rule) = shared.profile.ids.get(aggregate) else { return Ok(on.clone()) };
        let Some(sent) = made_up(shared, rule, on)? else { return Ok(on.clone()) };
        if !is_of_service(rule) {
            self.learn(on, sent.clone());
        }
        Ok(sent)
    }

    /// The id to send where a field has that of an aggregate of this kind; nothing where it is sent as it is. One that is not there has the
    /// form of those that are: else a service would have to say that the request is malformed.
    pub(super) fn referred(&mut self, shared: &Shared, kind: Option<&str>, id: &Value) -> Option<Value> {
        match kind {
            Some(kind) => self.sent(shared, kind, id).ok(),
            None => self.of_service(id),
        }
    }
}

/// Whether the service makes the ids up, and nobody else.
fn is_of_service(rule: &Id) -> bool {
    matches!(rule.by, IdBy::Captured(_) | IdBy::LookUp(_))
}

/// The id that goes out for one that the service has not told; nothing where that goes out itself.
fn made_up(shared: &Shared, rule: &Id, id: &Value) -> Result<Option<Value>, RequestError> {
    match &rule.by {
        IdBy::Derived(template) => {
            let filler = Filler { shared, values: Values { on: Some(id), ..Values::default() } };
            filler.value(template)?.ok_or(RequestError::NoId).map(Some)
        }
        _ if rule.form != Form::Int => Ok(None),
        _ if is_of_service(rule) => Ok(Some(Value::from(far(&text(id))))),
        _ => Ok(Some(Value::from(whole(&text(id))))),
    }
}

/// A whole number that no service has come to that counts its ids up, and that has room in 32 bits with a sign: a wider one is malformed where
/// ids have no more.
fn far(text: &str) -> u64 {
    (1 << 30) | (whole(text) >> 23)
}

/// A whole number of at most 2^53, which every reader of JSON keeps exactly (RFC 8259, section 6), from a unique
/// text: the same one each time (FNV-1a, draft-eastlake-fnv).
fn whole(text: &str) -> u64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash >> 11
}
