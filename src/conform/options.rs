//! What the contract's rules allow in the worlds that experiments come to. They come to the same ones again and again, so
//! it is worked out once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::lab::Lab;
use crate::contract::explore::{Fired, Graph, fire};
use crate::contract::rules::World;
use crate::generate::{Pair, commuting_among, conflicting_among};
use crate::protocol::Command;
use crate::value::Record;

/// Worlds that are remembered at most; what a further one allows is worked out each time.
const REMEMBERED: usize = 4096;

/// A command that the rules accept, and the world behind it.
pub(crate) type Change = (Command, World<Record>);

/// What can be sent in one world.
#[derive(Debug, Default)]
pub(crate) struct Options {
    /// What the rules accept; what changes something comes first.
    pub(crate) accepted: Vec<Change>,
    /// What they refuse, for one reason or several.
    pub(crate) refused: Vec<Command>,
    /// Of those, the ones that a single rule refuses, and of which the service means to do what the contract says.
    pub(crate) refused_alone: Vec<Command>,
    visible: OnceLock<Vec<Change>>,
    conflicting: OnceLock<Vec<Pair>>,
    commuting: OnceLock<Vec<Pair>>,
}

/// What was worked out up to now, by graph and world.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Table>);

type Table = HashMap<(usize, World<Record>), Arc<Options>>;

impl Lab {
    /// What can be sent in a world to the aggregates of a graph, of what the target knows.
    pub(crate) fn options(&self, graph: &Graph, world: &World<Record>) -> Arc<Options> {
        let Some(place) = self.graphs.iter().position(|own| std::ptr::eq(own, graph)) else {
            return Arc::new(self.work_out(graph, world));
        };
        let key = (place, world.clone());
        if let Some(known) = self.remembered.lock().get(&key) {
            return known.clone();
        }
        // Not under the lock: others may want to know something else meanwhile.
        let options = Arc::new(self.work_out(graph, world));
        let mut all = self.remembered.lock();
        if all.len() < REMEMBERED {
            return all.entry(key).or_insert(options).clone();
        }
        options
    }

    /// The command accepted there that leaves the most to be done next, which is one that doesn't close anything.
    pub(crate) fn fertile(&self, graph: &Graph, world: &World<Record>) -> Option<Change> {
        let next = self.options(graph, world);
        let first = next.accepted.iter().take(16);
        first.max_by_key(|(_, behind)| self.options(graph, behind).accepted.len()).cloned()
    }

    fn work_out(&self, graph: &Graph, world: &World<Record>) -> Options {
        let mut options = Options::default();
        for command in graph.commands(&self.model, world) {
            if !self.engine.target.knows(&command.name) {
                continue;
            }
            match fire(&self.model, world, &command) {
                // Nothing behind it could be judged.
                Ok((Fired::Accepted, _)) if self.model.leaves_open(world, &command) => {}
                Ok((_, Some(behind))) => options.accepted.push((command, behind)),
                Ok((fired, None)) => {
                    if matches!(fired, Fired::Alone(_)) && self.is_plain(&command) {
                        options.refused_alone.push(command.clone());
                    }
                    options.refused.push(command);
                }
                // A contract that contradicts itself says nothing about it.
                Err(_) => {}
            }
        }
        options.accepted.sort_by_key(|(_, behind)| behind == world);
        options
    }

    /// Whether the service means to do with the command what the contract says.
    pub(crate) fn is_plain(&self, command: &Command) -> bool {
        self.engine
            .target
            .describe()
            .promises
            .deviations
            .iter()
            .all(|deviation| deviation.command != command.name)
    }
}

impl Options {
    /// What the rules accept in `world`, whose options these are, and reads can show.
    pub(crate) fn visible(&self, lab: &Lab, world: &World<Record>) -> &[Change] {
        self.visible.get_or_init(|| {
            let plain = self.accepted.iter().filter(|(command, _)| lab.is_plain(command));
            plain.filter(|(_, behind)| lab.tells_apart(behind, world)).cloned().collect()
        })
    }

    /// Pairs of which either is accepted alone, and not both.
    pub(crate) fn conflicting(&self, lab: &Lab) -> &[Pair] {
        self.conflicting.get_or_init(|| conflicting_among(&lab.model, &self.accepted))
    }

    /// Pairs that lead to the same in either order.
    pub(crate) fn commuting(&self, lab: &Lab) -> &[Pair] {
        self.commuting.get_or_init(|| commuting_among(&lab.model, &self.accepted))
    }
}

impl Remembered {
    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // Nothing that is done under the lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
