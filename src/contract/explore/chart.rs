//! The transitions of all graphs of a contract, numbered, and which of them a command was in a world of any size.

use std::collections::HashMap;
use std::sync::Arc;

use super::graph::{Edge, Fired, Graph};
use super::{Naming, Subject};
use crate::contract::Type;
use crate::contract::rules::{Interpreted, World};
use crate::protocol::Command;
use crate::value::{Record, Value};

/// The transitions of several graphs, numbered one behind the other.
#[derive(Clone, Debug)]
pub struct Chart {
    graphs: Vec<Graph>,
    /// For each graph, the number of its first transition, and its transitions by what they are.
    indices: Vec<(usize, HashMap<Transition, usize>)>,
}

/// The node it is sent in, the command, what decides, and the node behind it.
type Transition = (usize, Arc<str>, Fired, usize);

impl Chart {
    /// The chart of these graphs.
    pub fn new(graphs: Vec<Graph>) -> Self {
        let mut first = 0;
        let index = |graph: &Graph| {
            let own = graph.edges.iter().enumerate();
            let own =
                own.map(|(at, edge)| ((edge.from, edge.sent.name.clone(), edge.fired, edge.to), first + at));
            let indexed = (first, own.collect());
            first += graph.edges.len();
            indexed
        };
        let indices = graphs.iter().map(index).collect();
        Self { graphs, indices }
    }

    /// The graphs.
    pub fn graphs(&self) -> &[Graph] {
        &self.graphs
    }

    /// All transitions in the order of their numbers, each with the graph it is in.
    pub fn transitions(&self) -> impl Iterator<Item = (&Graph, &Edge)> {
        self.graphs.iter().flat_map(|graph| graph.edges.iter().map(move |edge| (graph, edge)))
    }

    /// The number of the transition that a command was which `fired` decided about; nothing if exploration has not found
    /// it. Of a world with more aggregates than a graph has, those count that the command is on and refers to; the rest of
    /// the graph's places take the oldest of the others.
    pub fn transition(
        &self,
        model: &Interpreted,
        before: &World<Record>,
        (command, fired): (&Command, Fired),
        after: &World<Record>,
    ) -> Option<usize> {
        let def = model.contract().command(&command.name)?;
        let own = |graph: &Graph| graph.subjects.iter().any(|subject| *subject.kind == *def.aggregate);
        let at = self.graphs.iter().position(own)?;
        let graph = &self.graphs[at];
        let subjects = cast(model, graph, command, after)?;
        let node = |world| graph.node_of(model, world, &subjects);
        let (_, index) = self.indices.get(at)?;
        index.get(&(node(before)?, command.name.clone(), fired, node(after)?)).copied()
    }
}

/// The aggregates of a world in the places of a graph's subjects; nothing if the command is about more than those.
fn cast(
    model: &Interpreted,
    graph: &Graph,
    command: &Command,
    world: &World<Record>,
) -> Option<Vec<Subject>> {
    let def = model.contract().command(&command.name)?;
    let mut named: Vec<(&str, &Value)> = vec![(&def.aggregate, command.on.as_ref()?)];
    for field in &def.fields {
        if let (Type::Reference(kind), Some(id)) = (&field.ty, command.fields.get(&field.name))
            && !named.contains(&(&**kind, id))
        {
            named.push((kind, id));
        }
    }
    let there = |(kind, id): &(&str, &Value)| {
        world.entries().iter().any(|entry| *entry.aggregate == **kind && entry.id == **id)
    };
    // What it refers to and that never came into being takes a place only if one is left.
    let (found, nobodies): (Vec<_>, Vec<_>) = named[1..].iter().copied().partition(there);
    let mut all = vec![named[0]];
    all.extend(found);
    let needed = all.clone();
    let others = world.entries().iter().map(|entry| (&*entry.aggregate, &entry.id));
    all.extend(others.filter(|other| !needed.contains(other)));
    all.extend(nobodies);
    let naming: &Naming = &graph.naming;
    let cast = graph.subjects.iter().map(|place| {
        let found = all.iter().position(|(kind, _)| **kind == *place.kind).map(|at| all.remove(at).1.clone());
        Subject { id: found.unwrap_or_else(|| naming.nobody(&place.kind).id), ..place.clone() }
    });
    let cast: Vec<Subject> = cast.collect();
    let all_there = |(_, id): &(&str, &Value)| cast.iter().any(|subject| subject.id == **id);
    needed.iter().all(all_there).then_some(cast)
}
