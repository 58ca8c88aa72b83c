//! Ways to what no transition of a graph shows: a graph takes states for one that differ in numbers between two landmarks, and has few
//! aggregates of a kind, so that it never comes to the fourth loan of a member or to a counter's tenth step. A search goes there, from the
//! start, always on from where a rule is nearest to stopping its command.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::sync::Arc;

use super::Subject;
use super::abstraction::key;
use super::distance::UNMET;
use super::goal::{Goal, goals};
use super::graph::{Bounds, Fired, Graph, fire};
use super::inputs::inputs;
use crate::contract::rules::{Interpreted, World};
use crate::protocol::Command;
use crate::value::Record;

/// Commands that are tried on the way to one thing, at most.
const TRIED: usize = 20_000;
/// Commands of one way, at most.
const LONGEST: usize = 16;
/// Commands of one kind on one aggregate that are tried with other numbers.
const BASES: usize = 3;
/// How much nearer a state has to be for each command that it takes more.
const STEP: u64 = UNMET / 2;
/// Aggregates of one kind on one way, at most.
const OF_A_KIND: usize = 14;

/// Commands from the start to something that decides about the last of them.
#[derive(Clone, Debug)]
pub struct Way {
    /// All commands; the ones before the last are accepted.
    pub commands: Vec<Command>,
    /// What decides about the last one.
    pub fired: Fired,
}

impl Way {
    /// The command that it leads to.
    pub fn goal(&self) -> Option<&Command> {
        self.commands.last()
    }

    /// Whether it leads to such a command, about which this decides.
    pub(crate) fn is_to(&self, command: &str, fired: Fired) -> bool {
        self.fired == fired && self.goal().is_some_and(|sent| *sent.name == *command)
    }

    /// The worlds behind its commands, one after the other.
    pub(super) fn worlds(&self, model: &Interpreted) -> Vec<World<Record>> {
        let mut worlds = vec![World::new()];
        for sent in &self.commands {
            let behind = worlds.last().and_then(|world| fire(model, world, sent).ok()?.1);
            worlds.extend(behind);
        }
        worlds
    }
}

/// Ways to the rules that stop nothing by themselves in a graph, to commands that are never accepted in it, and to where what read models show
/// changes, as far as the search finds them.
pub(super) fn beyond(model: &Interpreted, graph: &Graph, bounds: Bounds) -> Vec<Way> {
    let mut left = bounds.inputs;
    let mut ways: Vec<Way> = Vec::new();
    for goal in goals(model, graph) {
        let is_there = |way: &Way| way.worlds(model).last().is_some_and(|world| goal.is_in(model, world));
        if ways.iter().any(is_there) {
            continue;
        }
        let mut search = Search::new(model, graph, goal, left.min(TRIED));
        if let Some(way) = search.run() {
            let way = search.shortened(way);
            ways.extend(just_before(model, &way));
            ways.push(way);
        }
        left = left.saturating_sub(search.tried);
    }
    ways
}

/// The way to where a rule does not stop its command yet: one command less. Whoever begins to stop one too early is seen there.
fn just_before(model: &Interpreted, way: &Way) -> Option<Way> {
    let Fired::Alone(_) = way.fired else { return None };
    let (last, before) = way.commands.split_last()?;
    // The last that can go: what the command is on comes first.
    (0..before.len()).rev().find_map(|at| {
        let mut commands = before.to_vec();
        let gone = commands.remove(at);
        // Where it is of the same kind, the way itself has it.
        if gone.name == last.name {
            return None;
        }
        let world =
            commands.iter().try_fold(World::new(), |world, sent| fire(model, &world, sent).ok()?.1)?;
        let (fired, _) = fire(model, &world, last).ok()?;
        commands.push(last.clone());
        (fired == Fired::Accepted).then_some(Way { commands, fired })
    })
}

/// A search from the start.
struct Search<'a> {
    model: &'a Interpreted,
    graph: &'a Graph,
    goal: Goal,
    kinds: Vec<Arc<str>>,
    states: Vec<State>,
    /// States that are still to be left: those first that are near and took few commands.
    waiting: BinaryHeap<Reverse<(u64, usize, usize)>>,
    seen: HashSet<(String, String, u64)>,
    /// How many commands were looked at, and how many may be.
    tried: usize,
    most: usize,
}

/// A state that the search has come to.
struct State {
    world: World<Record>,
    /// The state before, and the command that leads here from it.
    by: Option<(usize, Command)>,
    depth: usize,
}

impl<'a> Search<'a> {
    fn new(model: &'a Interpreted, graph: &'a Graph, goal: Goal, most: usize) -> Self {
        let mut kinds: Vec<Arc<str>> = graph.subjects.iter().map(|subject| subject.kind.clone()).collect();
        kinds.dedup();
        let start = State { world: World::new(), by: None, depth: 0 };
        let (states, waiting) = (vec![start], BinaryHeap::from([Reverse((u64::MAX, 0, 0))]));
        Self { model, graph, goal, kinds, states, waiting, seen: HashSet::new(), tried: 0, most }
    }

    fn run(&mut self) -> Option<Way> {
        while let Some(Reverse((.., at))) = self.waiting.pop() {
            let (world, depth) = (self.states[at].world.clone(), self.states[at].depth);
            if depth >= LONGEST {
                continue;
            }
            for sent in self.commands(&world) {
                if self.tried >= self.most {
                    return None;
                }
                self.tried += 1;
                let Ok((fired, behind)) = fire(self.model, &world, &sent) else { continue };
                if self.goal.is(&sent, fired) {
                    return Some(self.way(at, sent));
                }
                let Some(behind) = behind.filter(|_| !self.model.leaves_open(&world, &sent)) else {
                    continue;
                };
                if self.goal.is_in(self.model, &behind) {
                    return Some(self.way(at, sent));
                }
                self.add(behind, (at, sent), depth + 1);
            }
        }
        None
    }

    /// A state behind a command, unless there was one like it that is as near.
    fn add(&mut self, world: World<Record>, (from, sent): (usize, Command), depth: usize) {
        let subjects = self.subjects(&world);
        let on = self.different(&world, &subjects);
        let (far, tried) = self.goal.far((self.model, self.graph), &world, (&on, &subjects));
        self.tried += tried;
        let label = key(self.model, &world, &subjects, &self.graph.landmarks);
        if self.seen.insert((label, self.goal.marks(&world), far)) {
            self.waiting.push(Reverse((far + STEP * depth as u64, depth, self.states.len())));
            self.states.push(State { world, by: Some((from, sent)), depth });
        }
    }

    /// The aggregates that something happened to, and one more of each kind.
    fn subjects(&self, world: &World<Record>) -> Vec<Subject> {
        let of_kind = |kind: &Arc<str>| {
            let there = world.entries().iter().filter(|entry| entry.aggregate == *kind).count();
            (1..=(there + 1).min(OF_A_KIND)).map(|number| self.graph.naming.subject(kind, number)).collect()
        };
        self.kinds.iter().flat_map(|kind| -> Vec<Subject> { of_kind(kind) }).collect()
    }

    /// One of each kind of state: what comes of the others comes of it as well.
    fn different(&self, world: &World<Record>, subjects: &[Subject]) -> Vec<Subject> {
        let mut seen = HashSet::new();
        let is_new = |subject: &&Subject| {
            let alone = std::slice::from_ref(*subject);
            seen.insert((subject.kind.clone(), key(self.model, world, alone, &self.graph.landmarks)))
        };
        subjects.iter().filter(is_new).cloned().collect()
    }

    fn commands(&self, world: &World<Record>) -> Vec<Command> {
        let mut all = Vec::new();
        let subjects = &self.subjects(world);
        for on in &self.different(world, subjects) {
            let own = self.model.contract().commands().filter(|command| command.aggregate == on.kind);
            for def in own {
                let sent = inputs(self.model, &self.graph.naming, world, &def.name, on, subjects);
                let more = sent.iter().take(BASES).flat_map(|base| self.goal.more(self.model, base));
                let more = more.filter(|moved| self.graph.naming.takes(&def.fields, &moved.fields));
                let more: Vec<Command> = more.collect();
                all.extend(sent.into_iter().chain(more));
            }
        }
        all
    }

    /// The way without what it does not need: a search makes detours.
    fn shortened(&self, mut way: Way) -> Way {
        let without = |commands: &[Command], at: usize| {
            let mut shorter = commands.to_vec();
            shorter.remove(at);
            shorter
        };
        // What comes later is not needed first: without it, what comes before may not be, either.
        while let Some(shorter) = (0..way.commands.len() - 1)
            .map(|at| without(&way.commands, at))
            .find(|shorter| self.leads_there(shorter))
        {
            way.commands = shorter;
        }
        way
    }

    fn leads_there(&self, commands: &[Command]) -> bool {
        let Some((last, before)) = commands.split_last() else { return false };
        let world =
            before.iter().try_fold(World::new(), |world, sent| fire(self.model, &world, sent).ok()?.1);
        let fired = world.and_then(|world| fire(self.model, &world, last).ok());
        fired.is_some_and(|(fired, behind)| {
            let arrived = behind.is_some_and(|behind| self.goal.is_in(self.model, &behind));
            self.goal.is(last, fired) || arrived
        })
    }

    fn way(&self, mut at: usize, last: Command) -> Way {
        let mut commands = vec![last];
        while let Some((before, sent)) = &self.states[at].by {
            commands.push(sent.clone());
            at = *before;
        }
        commands.reverse();
        Way { commands, fired: self.goal.fired() }
    }
}

#[cfg(test)]
mod tests {
    use crate::contract::explore::{Bounds, explore};
    use crate::contract::rules::Interpreted;
    use crate::text::Source;

    /// The ways, each in the names of its commands and what decides about the last.
    fn ways(path: &str) -> Vec<String> {
        let model = Interpreted::read(&Source::read(path).expect("the contract")).expect("rules");
        let graphs = explore(&model, Bounds::default());
        let told = graphs.iter().flat_map(|graph| &graph.ways).map(|way| {
            let names: Vec<&str> = way.commands.iter().map(|sent| &*sent.name).collect();
            let goal = way.goal().expect("a command");
            format!("{}: {}", names.join(" "), way.fired.in_words(&model, &goal.name))
        });
        told.collect()
    }

    #[test]
    fn ways_lead_where_a_graph_does_not_come() {
        let stamps = ["Stamp"; 11].join(" ");
        let rides = "Build Board ".repeat(4);
        let promised = "Issue Promise Credit: accepted";
        assert_eq!(
            ways("tests/generating/rides.contract"),
            [
                format!("Issue {stamps}: CardFull"),
                // Ten zones are just left at once, eleven are too many.
                format!("Issue {} Leave: accepted", ["Enter"; 10].join(" ")),
                format!("Issue {} Leave: TooManyZones", ["Enter"; 11].join(" ")),
                format!("Issue {}: PassUsedUp", rides.trim_end()),
                promised.into(),
                promised.into(),
                "Issue Promise Credit Promise Credit: accepted".into(),
            ]
        );
    }

    #[test]
    fn where_a_rule_counts_the_last_that_it_lets_through_is_gone_to_as_well() {
        let adds = |times: usize| format!("CreateOrder {}", "AddItem ".repeat(times));
        assert_eq!(
            ways("scenarios/orders/orders.contract"),
            [
                format!("{}RemoveItem: accepted", adds(9)),
                format!("{}RemoveItem: TooManyLines", adds(10)),
                format!("{}ReplaceItem: accepted", adds(2)),
                format!("{}ReplaceItem: TooManyLines", adds(3)),
            ]
        );
    }

    #[test]
    fn a_graph_that_comes_everywhere_needs_none() {
        assert_eq!(ways("scenarios/bank/bank.contract"), Vec::<String>::new());
    }
}
