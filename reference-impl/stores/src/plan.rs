//! What a batch of appends leads to, given what the database holds. Pure: the same for every database,
//! which has nothing to do but look up the facts and write what was planned, in one transaction.

use std::collections::HashMap;
use std::sync::Arc;

use reference_impl::domain::{OrderEvent, OrderId};
use reference_impl::store::{
    ActorKey, Append, AppendError, Appended, CommandKey, Conflict, KeptOutcome, NewEvent, Position,
    RecordedEvent, Refused, Version,
};

use crate::error::corrupt;
use crate::state::{Changes, OrderState};

/// Something that is to be written.
#[derive(Debug)]
pub(crate) enum Request {
    /// Events, with or without a key.
    Append(Append),
    /// A key without events.
    Keep(CommandKey, Refused),
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Of an append.
    Appended(Result<Appended, AppendError>),
    /// Of a key: what is remembered under it now.
    Kept(KeptOutcome),
}

/// What the database holds of all that the requests are about.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    /// The position of the last event.
    pub(crate) head: Position,
    /// The version of each order there is.
    pub(crate) versions: HashMap<OrderId, Version>,
    /// The orders themselves, in the state-based write model.
    pub(crate) states: Option<HashMap<OrderId, OrderState>>,
    /// What is remembered under each key that was used.
    pub(crate) keys: HashMap<ActorKey, KeptOutcome>,
}

/// What is to be written, and answered once it is.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// The events, by position.
    pub(crate) events: Vec<Arc<RecordedEvent>>,
    /// The new versions of orders.
    pub(crate) streams: HashMap<OrderId, Version>,
    /// What becomes of the orders themselves, in the state-based write model.
    pub(crate) changes: Changes,
    /// The new keys.
    pub(crate) keys: Vec<(ActorKey, KeptOutcome)>,
    /// The position of the last event after that.
    pub(crate) head: Position,
    /// What to answer to each request, in their order.
    pub(crate) answers: Vec<Answer>,
}

/// Whether that is the first thing that can happen to an order; there is none that nothing happened to.
fn creates(first: Option<&NewEvent>) -> bool {
    first.is_none_or(|first| matches!(first.event, OrderEvent::OrderCreated { .. }))
}

/// The orders that the requests write to.
pub(crate) fn orders(requests: &[Request]) -> Vec<OrderId> {
    let orders = requests.iter().filter_map(|request| match request {
        Request::Append(append) => Some(append.order),
        Request::Keep(..) => None,
    });
    let mut orders: Vec<_> = orders.collect();
    orders.sort_unstable();
    orders.dedup();
    orders
}

/// The keys that the requests use.
pub(crate) fn keys(requests: &[Request]) -> Vec<&ActorKey> {
    let keys = requests.iter().filter_map(|request| match request {
        Request::Append(append) => append.key.as_ref().map(|key| &key.key),
        Request::Keep(key, _) => Some(&key.key),
    });
    keys.collect()
}

impl Facts {
    /// Of the state-based write model.
    pub(crate) fn of_states(head: Position, states: HashMap<OrderId, OrderState>) -> Self {
        let versions = states.iter().map(|(order, state)| (*order, state.version)).collect();
        Self { head, versions, states: Some(states), keys: HashMap::new() }
    }
}

impl Plan {
    /// Plans the requests one after the other: each sees what those before it will have written.
    pub(crate) fn of(mut facts: Facts, requests: &[Request]) -> Self {
        let mut plan = Self { head: facts.head, ..Self::default() };
        for request in requests {
            let answer = match request {
                Request::Append(append) => Answer::Appended(plan.append(&mut facts, append)),
                Request::Keep(key, refused) => Answer::Kept(plan.keep(&mut facts, key, Err(refused.clone()))),
            };
            plan.answers.push(answer);
        }
        if let Some(states) = &facts.states {
            plan.changes = Changes::of(states, &plan.events);
        }
        plan
    }

    /// This one with what a later part of it has written.
    pub(crate) fn with(mut self, later: Self) -> Self {
        self.events.extend(later.events);
        self.head = self.head.max(later.head);
        self
    }

    /// Whether there is nothing to write.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty() && self.keys.is_empty()
    }

    fn append(&mut self, facts: &mut Facts, append: &Append) -> Result<Appended, AppendError> {
        let Append { order, expected, events, key } = append;
        if let Some(CommandKey { key, .. }) = key
            && facts.keys.contains_key(key)
        {
            return Err(AppendError::KeyTaken { key: key.key.clone() });
        }
        let actual = facts.versions.get(order).copied().unwrap_or_default();
        if !expected.admits(actual) {
            return Err(Conflict { order: *order, expected: *expected, actual }.into());
        }
        if facts.states.is_some() && actual == Version::START && !creates(events.first()) {
            return Err(corrupt(format!("order {order} can't change before it is created")).into());
        }
        let mut version = actual;
        for new in events {
            version = version.next();
            self.head = self.head.next();
            self.events.push(Arc::new(RecordedEvent {
                position: self.head,
                order: *order,
                version,
                event: new.event.clone(),
                metadata: new.metadata.clone(),
            }));
        }
        if version > actual {
            facts.versions.insert(*order, version);
            self.streams.insert(*order, version);
        }
        let appended = Appended { version, position: self.head };
        if let Some(key) = key {
            self.keep(facts, key, Ok(appended));
        }
        Ok(appended)
    }

    fn keep(
        &mut self,
        facts: &mut Facts,
        key: &CommandKey,
        outcome: Result<Appended, Refused>,
    ) -> KeptOutcome {
        if let Some(kept) = facts.keys.get(&key.key) {
            return kept.clone();
        }
        let kept = KeptOutcome { command: Arc::clone(&key.command), outcome };
        facts.keys.insert(key.key.clone(), kept.clone());
        self.keys.push((key.key.clone(), kept.clone()));
        kept
    }
}
