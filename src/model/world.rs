use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::value::Value;

/// All aggregates that anything has happened to, in the order they came into being.
///
/// Shared until changed: cloning is cheap, a change to a shared world copies its table, and no states but the one.
#[derive(Clone, Debug)]
pub struct World<S>(Arc<Table<S>>);

#[derive(Clone, Debug)]
struct Table<S> {
    entries: Vec<Entry<S>>,
    index: HashMap<(Arc<str>, Value), usize>,
}

/// One aggregate.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Entry<S> {
    /// What it is, such as `Order`.
    pub aggregate: Arc<str>,
    /// Its id.
    pub id: Value,
    /// What it remembers.
    pub state: S,
    /// How many events there were on it.
    pub version: u64,
}

impl<S: Clone> World<S> {
    /// A world in which nothing has happened.
    pub fn new() -> Self {
        Self(Arc::new(Table { entries: Vec::new(), index: HashMap::new() }))
    }

    /// The aggregate of that kind and id, if anything has happened to it.
    pub fn get(&self, aggregate: &Arc<str>, id: &Value) -> Option<&Entry<S>> {
        let at = self.0.index.get(&(aggregate.clone(), id.clone()))?;
        self.0.entries.get(*at)
    }

    /// All aggregates, the oldest first.
    pub fn entries(&self) -> &[Entry<S>] {
        &self.0.entries
    }

    /// Puts an aggregate in the place of the one with its kind and id, or behind all others.
    pub fn put(&mut self, entry: Entry<S>) {
        let table = Arc::make_mut(&mut self.0);
        let key = (entry.aggregate.clone(), entry.id.clone());
        match table.index.get(&key).copied().and_then(|at| table.entries.get_mut(at)) {
            Some(place) => *place = entry,
            None => {
                table.index.insert(key, table.entries.len());
                table.entries.push(entry);
            }
        }
    }
}

impl<S: Clone> Default for World<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: PartialEq> PartialEq for World<S> {
    fn eq(&self, other: &Self) -> bool {
        self.0.entries == other.0.entries
    }
}

impl<S: Eq> Eq for World<S> {}

impl<S: Hash> Hash for World<S> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.entries.hash(hasher);
    }
}
