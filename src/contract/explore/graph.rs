//! The graph of states that a contract's rules can reach, found breadth first.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::abstraction::{Landmarks, key, landmarks};
use super::beyond::{Way, beyond};
use super::enough::enough;
use super::inputs::marked;
use super::{Naming, Subject, groups};
use crate::contract::rules::{Interpreted, Law, ModelError, Stops, World};
use crate::protocol::Command;
use crate::value::Record;

/// How far exploration goes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bounds {
    /// Nodes of one graph.
    pub states: usize,
    /// Commands from the start to a node.
    pub depth: usize,
    /// Commands that are tried, over all nodes of one graph. The states of a large contract take many each.
    pub inputs: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { states: 200, depth: 12, inputs: 50_000 }
    }
}

/// Which rule decided about a command.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Fired {
    /// None stopped it.
    Accepted,
    /// This one alone, by its place among the command's rejections.
    Alone(usize),
    /// Several would stop it.
    Several,
    /// No rule but the law.
    Malformed,
}

/// States that are taken for one.
#[derive(Clone, Debug)]
pub struct Node {
    /// What they have in common.
    pub label: String,
    /// The first of them that was found, in the fewest steps.
    pub world: World<Record>,
    /// The edge that it was found by; the start has none.
    pub by: Option<usize>,
    /// How many commands lead to it.
    pub depth: usize,
    /// Whether a bound cut off what some command leads to from here.
    pub cut: bool,
}

/// What a command does in a state.
#[derive(Clone, Debug)]
pub struct Edge {
    /// The node it is sent in.
    pub from: usize,
    /// The node behind it; the same one unless it is accepted.
    pub to: usize,
    /// What decided.
    pub fired: Fired,
    /// The first such command that was found.
    pub sent: Command,
    /// Which conditions of a rule with several it meets, by a number; nought where it is near none.
    pub near: usize,
}

/// A command that the rules accept, and behind which they break themselves.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The node it is sent in.
    pub from: usize,
    /// The command.
    pub sent: Command,
    /// What is broken.
    pub error: ModelError,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the contract contradicts itself at {}: {}", self.sent.name, self.error)
    }
}

/// What the rules reach of aggregates that commands touch together.
#[derive(Clone, Debug)]
pub struct Graph {
    /// The aggregates.
    pub subjects: Vec<Subject>,
    /// The states; the first is the start.
    pub nodes: Vec<Node>,
    /// What commands do there: for each node, command, rule and node behind it the first that was found.
    pub edges: Vec<Edge>,
    /// Commands that contradict the rules, the first of each kind.
    pub broken: Vec<Broken>,
    /// How many commands were tried, over all nodes.
    pub inputs: usize,
    /// Whether a bound cut it off, so that there is more.
    pub cut: bool,
    /// Ways to what none of the transitions shows.
    pub ways: Vec<Way>,
    pub(crate) naming: Arc<Naming>,
    pub(super) landmarks: Landmarks,
    /// The nodes by their labels.
    places: HashMap<String, usize>,
    /// For each command and rule: in how many tries it applied.
    pub(crate) applied: HashMap<(Arc<str>, usize), usize>,
    /// How often each command was tried.
    pub(crate) tried: HashMap<Arc<str>, usize>,
}

/// The graphs of a contract: one for each aggregate, or for those that refer to each other.
pub fn explore(model: &Interpreted, bounds: Bounds) -> Vec<Graph> {
    let naming = Arc::new(Naming::of(model));
    let groups = groups(model.contract(), &naming);
    let graphs = groups.into_iter().map(|subjects| {
        let mut graph = enough(model, &naming, subjects, bounds);
        graph.ways = beyond(model, &graph, bounds);
        graph
    });
    graphs.collect()
}

/// The graph of these aggregates.
pub(super) fn one(
    model: &Interpreted,
    naming: &Arc<Naming>,
    subjects: Vec<Subject>,
    bounds: Bounds,
) -> Graph {
    let mut graph = Graph {
        subjects,
        nodes: Vec::new(),
        edges: Vec::new(),
        broken: Vec::new(),
        inputs: 0,
        cut: false,
        ways: Vec::new(),
        naming: naming.clone(),
        landmarks: landmarks(model),
        places: HashMap::new(),
        applied: HashMap::new(),
        tried: HashMap::new(),
    };
    let start = World::new();
    let label = graph.key(model, &start);
    graph.places.insert(label.clone(), 0);
    graph.nodes.push(Node { label, world: start, by: None, depth: 0, cut: false });
    let mut seen = HashSet::new();
    let mut at = 0;
    while at < graph.nodes.len() {
        let world = graph.nodes[at].world.clone();
        for (sent, near) in graph.marked(model, &world) {
            if graph.inputs >= bounds.inputs {
                graph.cut = true;
                // What comes behind it was not tried from here, nor from any node that was still to come.
                graph.nodes[at..].iter_mut().for_each(|node| node.cut = true);
                return graph;
            }
            graph.step(model, (at, near), &sent, &mut seen, bounds);
        }
        at += 1;
    }
    graph
}

impl Graph {
    /// What is told apart of a world: the label of its node.
    pub fn key(&self, model: &Interpreted, world: &World<Record>) -> String {
        key(model, world, &self.subjects, &self.landmarks)
    }

    /// The node of a world, with these aggregates in the places of its own subjects.
    pub(super) fn node_of(
        &self,
        model: &Interpreted,
        world: &World<Record>,
        subjects: &[Subject],
    ) -> Option<usize> {
        self.places.get(&key(model, world, subjects, &self.landmarks)).copied()
    }

    /// The commands that are tried in a world.
    pub fn commands(&self, model: &Interpreted, world: &World<Record>) -> Vec<Command> {
        self.marked(model, world).into_iter().map(|(command, _)| command).collect()
    }

    /// The same, those near a rule with several conditions marked with a number.
    pub(crate) fn marked(&self, model: &Interpreted, world: &World<Record>) -> Vec<(Command, usize)> {
        let mut all = Vec::new();
        for on in &self.subjects {
            let own = model.contract().commands().filter(|command| *command.aggregate == *on.kind);
            for command in own {
                all.extend(marked(model, &self.naming, world, &command.name, (on, &self.subjects)));
            }
        }
        all
    }

    /// What decides about no command in any of the transitions: rules that stop nothing by themselves, each with the command that it is of, and
    /// commands that are never accepted.
    pub(super) fn lacking(&self, model: &Interpreted) -> Vec<(Arc<str>, Fired)> {
        let own = |kind: &str| self.subjects.iter().any(|subject| *subject.kind == *kind);
        let seen: HashSet<(&str, Fired)> =
            self.edges.iter().map(|edge| (&*edge.sent.name, edge.fired)).collect();
        let commands = model.contract().commands().filter(|command| own(&command.aggregate));
        let lacking = commands.flat_map(|command| {
            let rules = model.rules(&command.name).map_or(0, |rules| rules.rejects.len());
            let kinds = (0..rules).map(Fired::Alone).chain([Fired::Accepted]);
            kinds.map(|fired| (command.name.clone(), fired))
        });
        lacking.filter(|(command, fired)| !seen.contains(&(&**command, *fired))).collect()
    }

    /// The edges that lead from a node, each with its place.
    pub(crate) fn edges_from(&self, node: usize) -> impl Iterator<Item = (usize, &Edge)> {
        // They were found node by node.
        let first = self.edges.partition_point(|edge| edge.from < node);
        self.edges[first..]
            .iter()
            .enumerate()
            .map(move |(at, edge)| (first + at, edge))
            .take_while(move |(_, edge)| edge.from == node)
    }

    /// Whether nothing was found that leads away from a node, and nothing was cut off there.
    pub fn is_end(&self, node: usize) -> bool {
        self.nodes.get(node).is_some_and(|node| !node.cut)
            && !self.edges_from(node).any(|(_, edge)| edge.to != node)
    }

    /// Its size, and how much was tried: `$account1, $account2: 15 states, 121 transitions, found by 2304 commands`.
    pub fn in_words(&self) -> String {
        let subjects: Vec<String> = self.subjects.iter().map(|subject| subject.id.to_string()).collect();
        let more = if self.cut { "; a bound cut it off, there are more" } else { "" };
        format!(
            "{}: {}, {}, found by {}{more}",
            subjects.join(", "),
            counted(self.nodes.len(), "state"),
            counted(self.edges.len(), "transition"),
            counted(self.inputs, "command")
        )
    }

    /// The commands that lead from the start to a node.
    pub fn path(&self, node: usize) -> Vec<&Command> {
        let mut path = Vec::new();
        let mut at = node;
        while let Some(edge) = self.nodes.get(at).and_then(|node| self.edges.get(node.by?)) {
            path.push(&edge.sent);
            at = edge.from;
        }
        path.reverse();
        path
    }

    fn step(
        &mut self,
        model: &Interpreted,
        (from, near): (usize, usize),
        sent: &Command,
        seen: &mut HashSet<(usize, Arc<str>, Fired, usize, usize)>,
        bounds: Bounds,
    ) {
        self.inputs += 1;
        *self.tried.entry(sent.name.clone()).or_default() += 1;
        let world = self.nodes[from].world.clone();
        let stops = model.stops(&world, sent);
        for rule in stops.iter().flat_map(|stops| &stops.rules) {
            *self.applied.entry((sent.name.clone(), *rule)).or_default() += 1;
        }
        let decided = stops.and_then(|stops| {
            let fired = decides(model, sent, &stops)?;
            let behind = if fired == Fired::Accepted { model.behind(&world, sent)? } else { None };
            Ok((fired, behind))
        });
        let (fired, behind) = match decided {
            Ok(done) => done,
            Err(error) => {
                let same = |broken: &Broken| broken.sent.name == sent.name && broken.error == error;
                if !self.broken.iter().any(same) {
                    self.broken.push(Broken { from, sent: sent.clone(), error });
                }
                return;
            }
        };
        let to = match behind {
            None => from,
            Some(world) => {
                let label = self.key(model, &world);
                match self.places.get(&label) {
                    Some(node) => *node,
                    None => {
                        let depth = self.nodes[from].depth + 1;
                        if self.nodes.len() >= bounds.states || depth > bounds.depth {
                            self.cut = true;
                            self.nodes[from].cut = true;
                            return;
                        }
                        self.places.insert(label.clone(), self.nodes.len());
                        self.nodes.push(Node { label, world, by: Some(self.edges.len()), depth, cut: false });
                        self.nodes.len() - 1
                    }
                }
            }
        };
        if seen.insert((from, sent.name.clone(), fired, to, near)) {
            self.edges.push(Edge { from, to, fired, sent: sent.clone(), near });
        }
    }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What decides about a command, and the world behind it if it is accepted.
pub fn fire(
    model: &Interpreted,
    world: &World<Record>,
    sent: &Command,
) -> Result<(Fired, Option<World<Record>>), ModelError> {
    let fired = decides(model, sent, &model.stops(world, sent)?)?;
    let behind = if fired == Fired::Accepted { model.behind(world, sent)? } else { None };
    Ok((fired, behind))
}

/// What decides about a command that these stop.
pub(crate) fn decides(model: &Interpreted, sent: &Command, stops: &Stops) -> Result<Fired, ModelError> {
    let in_order = model.rules(&sent.name).is_some_and(|rules| rules.in_order.is_some());
    let lawless = matches!(stops.law, Law::Unlawful(_));
    if let Some((at, error)) = &stops.without_value
        && !lawless
        && !(in_order && stops.rules.first().is_some_and(|first| first < at))
    {
        return Err(error.clone().into());
    }
    Ok(match stops.alone(in_order) {
        Some(rule) => Fired::Alone(rule),
        None if !stops.rules.is_empty() => Fired::Several,
        None if lawless || stops.outdated => Fired::Malformed,
        None => Fired::Accepted,
    })
}
