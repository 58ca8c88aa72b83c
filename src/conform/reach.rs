//! What a contract's rules reach with one target: worked out once, before anything is sent, and while it goes on.

use std::sync::{Arc, OnceLock};

use super::options::{Options, Remembered, Sought};
use crate::adapter::AnyTarget;
use crate::clause::{Matter, Matters};
use crate::contract::Contract;
use crate::contract::explore::{Bounds, Graph, Naming, Subject, explore, fire, inputs};
use crate::contract::rules::{Effect, Entry, Interpreted, World};
use crate::protocol::Command;
use crate::value::Record;

/// How many commands lead at most to where experiments begin that can choose.
const DEEPEST: usize = 3;
/// States off that way that are looked at for what is not on it, and so many of them are enough.
const LOOKED_AT: usize = 64;
const ENOUGH: usize = 6;

/// The rules, and where they lead with a target.
#[derive(Debug)]
pub(crate) struct Reach {
    pub(super) target: Arc<dyn AnyTarget>,
    pub(crate) contract: Arc<Contract>,
    pub(crate) model: Arc<Interpreted>,
    /// What the contract's rules reach: a graph for each group of aggregates.
    pub(crate) graphs: Vec<Graph>,
    /// What names such as `$order1` stand for.
    pub(crate) naming: Naming,
    /// Of each graph whether its commands only create.
    creating: Vec<bool>,
    /// Of each graph, for each thing that is sought, the commands that lead to where it is.
    places: Vec<[OnceLock<Vec<Vec<Command>>>; Sought::COUNT]>,
    pub(super) remembered: Remembered,
    matters: OnceLock<Matters>,
}

impl Reach {
    /// What these rules reach with that target.
    pub(crate) fn of(target: Arc<dyn AnyTarget>, contract: Arc<Contract>, model: Arc<Interpreted>) -> Self {
        let graphs = explore(&model, Bounds::default());
        let creating = graphs.iter().map(|graph| only_creates(&*target, &model, graph)).collect();
        let places = graphs.iter().map(|_| Default::default()).collect();
        let naming = Naming::of(&model);
        let (remembered, matters) = (Remembered::default(), OnceLock::new());
        Self { target, contract, model, graphs, naming, creating, places, remembered, matters }
    }

    /// What of all that clauses are about is there.
    pub(crate) fn matters(&self) -> &Matters {
        self.matters.get_or_init(|| super::matters::of(self))
    }

    /// Why clauses about that bind nobody: there is none, as far as was looked.
    pub(super) fn lacking(&self, matter: Matter) -> String {
        let is_all_known = |graph: &Graph| !graph.cut && graph.nodes.len() <= LOOKED_AT;
        let far =
            if self.graphs.iter().all(is_all_known) { "" } else { ", in the states that were looked at" };
        format!("{}{far}", matter.lacking())
    }

    /// Whether some command that was explored changes what a query shows in a field.
    pub(super) fn can_change(&self, effect: &Effect) -> bool {
        let mut all = self.model.shown();
        let shown = all.find(|shown| *shown.query == effect.query && *shown.field == effect.field);
        let Some(shown) = shown else { return true };
        let changes = |world: &World<Record>, sent: &Command| {
            let behind = fire(&self.model, world, sent).ok().and_then(|(_, behind)| behind);
            sent.on.as_ref().zip(behind).is_some_and(|(on, behind)| {
                let on = (&**shown.aggregate, on);
                let value = |world| self.model.value_of(world, on, &[], &Record::new(), shown.value).ok();
                value(world) != value(&behind)
            })
        };
        self.graphs.iter().any(|graph| {
            let mut own = graph.edges.iter().filter(|edge| edge.sent.name == effect.command);
            own.any(|edge| changes(&graph.nodes[edge.from].world, &edge.sent))
        })
    }

    /// Where a graph of its own is among all of them.
    pub(super) fn place_of(&self, graph: &Graph) -> Option<usize> {
        self.graphs.iter().position(|own| std::ptr::eq(own, graph))
    }

    /// The commands that are tried in a world: on the aggregates of the graph and, where these can only be created, on two further ones
    /// of each kind.
    pub(super) fn commands(&self, graph: &Graph, world: &World<Record>) -> Vec<Command> {
        let mut all = graph.commands(&self.model, world);
        if self.place_of(graph).is_some_and(|place| self.creating[place]) {
            all.extend(self.on_further(graph, world));
        }
        all
    }

    /// The commands on two further aggregates of each kind, which are not there yet.
    pub(super) fn on_further(&self, graph: &Graph, world: &World<Record>) -> Vec<Command> {
        let mut all = Vec::new();
        let further = further(graph, world);
        for on in &further {
            for command in self.contract.commands().filter(|command| command.aggregate == on.kind) {
                all.extend(inputs(&self.model, &self.naming, world, &command.name, on, &graph.subjects));
            }
        }
        all
    }

    /// The ways to where there is what is sought: those with few commands that leave much to be done, else some that the exploration found.
    pub(crate) fn places(&self, graph: &Graph, sought: Sought) -> &[Vec<Command>] {
        let Some(place) = self.place_of(graph) else { return &[] };
        self.places[place][sought as usize].get_or_init(|| {
            let has = |world: &World<Record>| self.options(graph, world).has(self, (graph, world), sought);
            let (mut world, mut way, mut found) = (World::new(), Vec::new(), Vec::new());
            for _ in 0..=DEEPEST {
                if has(&world) {
                    found.push(way.clone());
                }
                let Some((command, behind)) = self.fertile(graph, &world) else { break };
                way.push(command);
                world = behind;
            }
            if found.is_empty() {
                let known = |way: &Vec<Command>| way.iter().all(|command| self.target.knows(&command.name));
                let nodes =
                    graph.nodes.iter().enumerate().take(LOOKED_AT).filter(|(_, node)| has(&node.world));
                let ways = nodes.map(|(node, _)| graph.path(node).into_iter().cloned().collect());
                found = ways.filter(known).take(ENOUGH).collect();
            }
            found
        })
    }

    /// A graph that has one of these, in turn, and the first of them that it has.
    pub(crate) fn in_turn(&self, sought: &[Sought], number: u64) -> Option<(&Graph, Sought)> {
        let first = |graph| sought.iter().copied().find(|one| !self.places(graph, *one).is_empty());
        let all: Vec<_> = self.graphs.iter().filter_map(|graph| Some((graph, first(graph)?))).collect();
        let place = usize::try_from(number).unwrap_or(0) % all.len().max(1);
        all.get(place).copied()
    }

    /// The way to where there is what is sought: with so many commands, if there is one; else any.
    pub(crate) fn way(&self, graph: &Graph, sought: Sought, (length, number): (usize, u64)) -> &[Command] {
        let all = self.places(graph, sought);
        let any = || all.get(usize::try_from(number).unwrap_or(0) % all.len().max(1));
        all.iter().find(|way| way.len() == length).or_else(any).map_or(&[], |way| way)
    }
}

/// Two aggregates of each kind that are neither among those of the graph nor there.
fn further<'g>(graph: &'g Graph, world: &World<Record>) -> Vec<Subject> {
    let mut kinds: Vec<&'g Arc<str>> = graph.subjects.iter().map(|subject| &subject.kind).collect();
    kinds.dedup();
    let of_kind = |kind: &'g Arc<str>| {
        let numbers = (1..).map(|number| graph.naming.subject(kind, number));
        let is_new = |one: &Subject| !graph.subjects.contains(one) && world.get(kind, &one.id).is_none();
        numbers.filter(is_new).take(2)
    };
    kinds.into_iter().flat_map(of_kind).collect()
}

/// Whether nothing in a graph that the target knows changes what is there.
fn only_creates(target: &dyn AnyTarget, model: &Interpreted, graph: &Graph) -> bool {
    let worlds = graph.nodes.iter().map(|node| &node.world);
    let changes = |world: &World<Record>| {
        let mut known =
            graph.commands(model, world).into_iter().filter(|command| target.knows(&command.name));
        known.any(|command| changes_what_is_there(model, world, &command))
    };
    !graph.cut && !worlds.into_iter().any(changes)
}

/// Whether some aggregate is another one behind a command. Versions count events; what matters is the states.
pub(super) fn is_other(before: &World<Record>, behind: &World<Record>) -> bool {
    let state = |entry: &Entry<Record>| before.get(&entry.aggregate, &entry.id).map(|entry| &entry.state);
    behind.entries().iter().any(|entry| state(entry) != Some(&entry.state))
}

/// Whether the rules accept a command on an aggregate that is there, and then something is another one.
pub(super) fn changes_what_is_there(model: &Interpreted, world: &World<Record>, command: &Command) -> bool {
    let kind = model.contract().command(&command.name).map(|command| &command.aggregate);
    let there = kind.zip(command.on.as_ref()).is_some_and(|(kind, on)| world.get(kind, on).is_some());
    let behind = || fire(model, world, command).ok().and_then(|(_, behind)| behind);
    there && behind().is_some_and(|behind| is_other(world, &behind))
}

impl Options {
    /// Whether there is what is sought.
    fn has(&self, reach: &Reach, here: (&Graph, &World<Record>), sought: Sought) -> bool {
        match sought {
            Sought::Repeatable => !self.repeatable(reach, here.1).is_empty(),
            pairs => !self.pairs(reach, here, pairs).is_empty(),
        }
    }
}
