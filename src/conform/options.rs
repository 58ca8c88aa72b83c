//! What the contract's rules allow in the worlds that experiments come to. They come to the same ones again and again, so
//! it is worked out once for each.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::reach::{Reach, is_other};
use crate::contract::explore::{Fired, Graph, fire};
use crate::contract::rules::World;
use crate::generate::{Pair, commuting_among, conflicting_among, overwriting_among};
use crate::protocol::Command;
use crate::value::Record;

/// Worlds that are remembered at most; what a further one allows is worked out each time.
const REMEMBERED: usize = 4096;
/// Commands with an effect each time that are looked for at most.
const REPEATABLE: usize = 8;

/// A command that the rules accept, and the world behind it.
pub(crate) type Change = (Command, World<Record>);

/// What an experiment looks for in a world.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Sought {
    /// Two commands of which either is accepted alone, and not both.
    Conflicting,
    /// Two that lead to the same in either order.
    Commuting,
    /// Two on one aggregate of which the later one decides.
    Overwriting,
    /// Two that begin aggregates which are not there yet.
    Beginning,
    /// A command that has an effect each time it is sent.
    Repeatable,
}

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
    pairs: [OnceLock<Vec<Pair>>; Sought::COUNT],
    repeatable: OnceLock<Vec<Command>>,
}

/// What was worked out up to now, by graph and world.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<Table>);

type Table = HashMap<(usize, World<Record>), Arc<Options>>;

impl Sought {
    /// How many there are.
    pub(crate) const COUNT: usize = 5;
}

impl Reach {
    /// What can be sent in a world to the aggregates of a graph, of what the target knows.
    pub(crate) fn options(&self, graph: &Graph, world: &World<Record>) -> Arc<Options> {
        let work_out = || self.work_out(world, self.commands(graph, world));
        let Some(place) = self.place_of(graph) else { return Arc::new(work_out()) };
        let key = (place, world.clone());
        if let Some(known) = self.remembered.lock().get(&key) {
            return known.clone();
        }
        // Not under the lock: others may want to know something else meanwhile.
        let options = Arc::new(work_out());
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

    fn work_out(&self, world: &World<Record>, commands: Vec<Command>) -> Options {
        let mut options = Options::default();
        for command in commands {
            if !self.target.knows(&command.name) {
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
        options.accepted.sort_by_key(|(_, behind)| !is_other(world, behind));
        options
    }

    /// Whether the service means to do with the command what the contract says.
    pub(crate) fn is_plain(&self, command: &Command) -> bool {
        let deviations = &self.target.describe().promises.deviations;
        deviations.iter().all(|deviation| deviation.command != command.name)
    }

    /// Whether it can be sent to its aggregate in that world.
    pub(crate) fn can_be_sent(&self, world: &World<Record>, command: &Command) -> bool {
        command.on.as_ref().is_none_or(|on| self.model.can_be_sent(world, &command.name, on))
    }
}

impl Options {
    /// What the rules accept in `world`, whose options these are, and reads can show.
    pub(crate) fn visible(&self, reach: &Reach, world: &World<Record>) -> &[Change] {
        self.visible.get_or_init(|| {
            let plain = self.accepted.iter().filter(|(command, _)| reach.is_plain(command));
            plain.filter(|(_, behind)| reach.tells_apart(behind, world)).cloned().collect()
        })
    }

    /// Pairs of that kind in the world of a graph whose options these are.
    pub(crate) fn pairs(
        &self,
        reach: &Reach,
        (graph, world): (&Graph, &World<Record>),
        sought: Sought,
    ) -> &[Pair] {
        let model = &reach.model;
        self.pairs[sought as usize].get_or_init(|| match sought {
            Sought::Conflicting => conflicting_among(model, &self.accepted),
            Sought::Commuting => commuting_among(model, &self.accepted),
            Sought::Overwriting => overwriting_among(model, self.visible(reach, world)),
            Sought::Beginning => {
                let further = reach.work_out(world, reach.on_further(graph, world));
                commuting_among(model, further.visible(reach, world))
            }
            Sought::Repeatable => Vec::new(),
        })
    }

    /// The commands that can be sent in `world`, whose options these are, and have an effect then and once more behind it.
    pub(crate) fn repeatable(&self, reach: &Reach, world: &World<Record>) -> &[Command] {
        self.repeatable.get_or_init(|| {
            let again = self.visible(reach, world).iter().filter(|(command, once)| {
                let twice = || fire(&reach.model, once, command).ok().and_then(|(_, behind)| behind);
                let differs = |twice| reach.tells_apart(&twice, once) && reach.tells_apart(&twice, world);
                reach.can_be_sent(once, command) && twice().is_some_and(differs)
            });
            again.map(|(command, _)| command.clone()).take(REPEATABLE).collect()
        })
    }
}

impl Remembered {
    fn lock(&self) -> std::sync::MutexGuard<'_, Table> {
        // Nothing that is done under the lock leaves it half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
