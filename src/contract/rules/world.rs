use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::value::Value;

/// All aggregates that anything has happened to, in the order they came into being, or last did.
///
/// Shared until changed: cloning is cheap, a change to a shared world copies its table, and no states but the one.
#[derive(Clone, Debug)]
pub struct World<S>(Arc<Table<S>>);

#[derive(Clone, Debug)]
struct Table<S> {
    entries: Vec<Entry<S>>,
    /// Position by kind and id, kept once there are more than [`SCANNED`] entries.
    index: Option<HashMap<(Arc<str>, Value), usize>>,
}

/// Up to so many entries going through them beats hashing an id, and a copy of the table has no index to copy.
const SCANNED: usize = 16;

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
    /// How often it came into being: once, and again each time that it does behind its end.
    pub made: u64,
}

impl<S: Clone> World<S> {
    /// A world in which nothing has happened.
    pub fn new() -> Self {
        Self(Arc::new(Table { entries: Vec::new(), index: None }))
    }

    /// The aggregate of that kind and id, if anything has happened to it.
    pub fn get(&self, aggregate: &Arc<str>, id: &Value) -> Option<&Entry<S>> {
        self.0.position(aggregate, id).map(|at| &self.0.entries[at])
    }

    /// All aggregates, the oldest first.
    pub fn entries(&self) -> &[Entry<S>] {
        &self.0.entries
    }

    /// Makes an aggregate remember `state` from one more event on; the first is what brings it into being.
    pub fn advance(&mut self, aggregate: &Arc<str>, id: &Value, state: S) {
        let table = Arc::make_mut(&mut self.0);
        match table.position(aggregate, id) {
            Some(at) => {
                let entry = &mut table.entries[at];
                entry.state = state;
                entry.version += 1;
            }
            None => {
                table.push(Entry {
                    aggregate: aggregate.clone(),
                    id: id.clone(),
                    state,
                    version: 1,
                    made: 1,
                });
            }
        }
    }

    /// An aggregate that had come to its end is there again, as the newest.
    pub fn make_again(&mut self, aggregate: &Arc<str>, id: &Value) {
        let table = Arc::make_mut(&mut self.0);
        let Some(at) = table.position(aggregate, id) else { return };
        let mut entry = table.entries.remove(at);
        entry.made += 1;
        // Whatever came behind it has another place now.
        table.index = None;
        table.push(entry);
    }

    /// Puts an aggregate in the place of the one with its kind and id, or behind all others.
    pub fn put(&mut self, entry: Entry<S>) {
        let table = Arc::make_mut(&mut self.0);
        match table.position(&entry.aggregate, &entry.id) {
            Some(at) => table.entries[at] = entry,
            None => table.push(entry),
        }
    }
}

impl<S> Table<S> {
    fn position(&self, aggregate: &Arc<str>, id: &Value) -> Option<usize> {
        match &self.index {
            None => self.entries.iter().position(|entry| entry.id == *id && entry.aggregate == *aggregate),
            Some(index) => index.get(&(aggregate.clone(), id.clone())).copied(),
        }
    }

    fn push(&mut self, entry: Entry<S>) {
        let key = |entry: &Entry<S>| (entry.aggregate.clone(), entry.id.clone());
        if let Some(index) = &mut self.index {
            index.insert(key(&entry), self.entries.len());
        }
        self.entries.push(entry);
        if self.index.is_none() && self.entries.len() > SCANNED {
            self.index = Some(self.entries.iter().map(key).zip(0..).collect());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aggregates_are_found_and_replaced_however_many_there_are() {
        let kinds: [Arc<str>; 2] = ["A".into(), "B".into()];
        let entry = |number: usize, state: usize| Entry {
            aggregate: kinds[number % 2].clone(),
            id: Value::from(number / 2),
            state,
            version: 1,
            made: 1,
        };
        for many in [1, SCANNED, SCANNED + 1, 4 * SCANNED] {
            let mut world = World::new();
            (0..many).for_each(|number| world.put(entry(number, 0)));
            let before = world.clone();
            (0..many).for_each(|number| world.put(entry(number, number + 1)));
            assert_eq!(world.entries().len(), many);
            for number in 0..many {
                let Entry { aggregate, id, .. } = entry(number, 0);
                let state = |world: &World<usize>| world.get(&aggregate, &id).map(|entry| entry.state);
                assert_eq!((state(&before), state(&world)), (Some(0), Some(number + 1)));
            }
            assert_eq!(world.get(&kinds[0], &Value::from(many)), None);
        }
    }

    #[test]
    fn what_is_made_again_is_the_newest() {
        let kind: Arc<str> = "A".into();
        for many in [2, SCANNED, 2 * SCANNED] {
            let mut world = World::new();
            (0..many).for_each(|number| world.advance(&kind, &Value::from(number), number));
            world.make_again(&kind, &Value::from(0));
            world.make_again(&kind, &Value::from(many));
            assert_eq!(world.entries().len(), many);
            for number in 0..many {
                let id = Value::from(number);
                let entry = world.get(&kind, &id).expect("an entry");
                assert_eq!((entry.state, entry.made), (number, if number == 0 { 2 } else { 1 }));
            }
            assert_eq!(world.entries().last().map(|entry| entry.state), Some(0));
        }
    }

    #[test]
    fn what_happens_to_an_aggregate_counts_its_version_and_leaves_earlier_worlds_alone() {
        let (kind, id): (Arc<str>, _) = ("A".into(), Value::from("a"));
        let seen = |world: &World<u8>| world.get(&kind, &id).map(|entry| (entry.state, entry.version));
        let mut world = World::new();
        world.advance(&kind, &id, 7);
        let before = world.clone();
        world.advance(&kind, &id, 8);
        world.advance(&kind, &Value::from("b"), 9);
        assert_eq!((seen(&before), seen(&world)), (Some((7, 1)), Some((8, 2))));
        assert_eq!((before.entries().len(), world.entries().len()), (1, 2));
    }
}
