//! What the names of a lane stand for, and what else is drawn in it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::super::chance::TooFew;
use super::super::engine::Engine;
use super::super::{Draw, Seed};
use super::Lane;
use crate::contract::explore::Naming;
use crate::generate::need;
use crate::history::Part;
use crate::protocol::{Command, Query};
use crate::step;
use crate::value::{Name, Record, Value};

/// What names stand for, and what their values are drawn from.
pub(super) struct Table {
    draw: Mutex<Draw>,
    values: HashMap<Name, Value>,
}

impl Table {
    /// No other case draws the same, whatever it tries: not the one that tries the same again, since that must not meet what this
    /// one has left behind.
    pub(super) fn of(engine: &Engine, seed: Seed, part: Part) -> Self {
        let promises = &engine.target.describe().promises;
        let draw = Draw::new(seed, engine.salt.of_job(part.case.unwrap_or_default()), promises.ids);
        Self { draw: Mutex::new(draw.keyed(promises.keys)), values: HashMap::new() }
    }
}

impl Lane {
    /// What the names that were drawn stand for.
    pub(crate) fn values(&self) -> &HashMap<Name, Value> {
        &self.table.values
    }

    /// Gives a name a value that the target can take in all fields that it is sent in; the same one each time.
    ///
    /// # Errors
    /// Where so few values will do that there is none left. The name has one then that was drawn before.
    pub(crate) fn draw(&mut self, name: &Name, what: &step::Draw, naming: &Naming) -> Result<(), TooFew> {
        if self.table.values.contains_key(name) {
            return Ok(());
        }
        let need = need(naming, &self.engine.target.describe().promises, what);
        let drawn = self.drawing().value(what, &need);
        let (value, enough) = match drawn {
            Ok(value) => (value, Ok(())),
            Err(too_few) => (too_few.one.clone(), Err(too_few)),
        };
        self.names(name, &value);
        self.table.values.insert(name.clone(), value);
        enough
    }

    /// The history says what a name stands for.
    pub(crate) fn names(&self, name: &Name, value: &Value) {
        if let Some(case) = self.part.case {
            self.engine.recorder.drawn(case, name, value);
        }
    }

    /// What is drawn beside names.
    pub(crate) fn drawing(&self) -> MutexGuard<'_, Draw> {
        // Nothing that is done under the lock leaves it half done.
        self.table.draw.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A command as it is sent: with values for its names, and an id.
    pub(crate) fn bound(&self, command: &Command) -> Command {
        let id = if command.id.is_empty() { self.command_id() } else { command.id.clone() };
        Command {
            on: command.on.as_ref().map(|on| self.value(on)),
            fields: self.fields(&command.fields),
            id,
            ..command.clone()
        }
    }

    /// A query as it is asked: with values for its names.
    pub(crate) fn bound_query(&self, query: &Query) -> Query {
        Query {
            on: query.on.as_ref().map(|on| self.value(on)),
            fields: self.fields(&query.fields),
            ..query.clone()
        }
    }

    /// An id for the next command.
    pub(crate) fn command_id(&self) -> Arc<str> {
        self.drawing().command_id()
    }

    fn value(&self, value: &Value) -> Value {
        value.replaced(&|part| part.as_name().and_then(|name| self.table.values.get(name).cloned()))
    }

    fn fields(&self, fields: &Record) -> Record {
        fields.fields().iter().map(|(name, value)| (name.clone(), self.value(value))).collect()
    }
}
