//! Sequences that visit the graph of states: each state, or each transition.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

use super::fresh::{Fresh, Renewed};
use super::names;
use super::random::{Settings, aim};
use super::weave::filled;
use crate::contract::explore::{Bounds, Fired, Graph, Naming, Way, explore, fire};
use crate::contract::rules::{Interpreted, World};
use crate::protocol::{Command, Query};
use crate::step::{Aim, Sequence, Source, Step};
use crate::value::Record;

/// How often a goal is tried before it is given up: what leads to it in the graph may not in every state that the
/// graph takes for the same.
const TRIES: usize = 2;
/// How often each command is looked at right behind it: later ones may cover what it did.
const LOOKS: usize = 3;
/// How often each way to what no transition shows is gone.
const WAYS: usize = 3;

/// What a walk is to visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cover {
    /// Each state.
    States,
    /// Each transition, refused ones too: so each rule fires alone where it can.
    Transitions,
}

/// Walks through the graphs of a contract, short and with few new beginnings: from where it stands, a walk goes to the
/// nearest goal that is left, and begins anew only if there is none.
#[derive(Clone, Debug)]
pub struct Walks {
    model: Arc<Interpreted>,
    naming: Naming,
    settings: Settings,
    cover: Cover,
    graphs: Arc<[Graph]>,
    /// The graph that is walked now.
    at: usize,
    /// Of the graph that is walked now, how many ways were gone to what none of its transitions shows.
    gone: usize,
    made: usize,
    goals: HashSet<Goal>,
    tries: HashMap<Goal, usize>,
    missed: usize,
    /// How often each command's effect was looked at before anything else came.
    looked: HashMap<Arc<str>, usize>,
    aims: Vec<Aim>,
}

/// A node, or an edge of a graph, by its number.
type Goal = usize;

impl Walks {
    /// Walks that cover the states or transitions which exploration within these bounds finds.
    pub fn new(model: Arc<Interpreted>, settings: Settings, cover: Cover, bounds: Bounds) -> Self {
        let graphs = explore(&model, bounds).into();
        let mut walks = Self {
            naming: Naming::of(&model),
            model,
            settings,
            cover,
            graphs,
            at: 0,
            gone: 0,
            made: 0,
            goals: HashSet::new(),
            tries: HashMap::new(),
            missed: 0,
            looked: HashMap::new(),
            aims: Vec::new(),
        };
        walks.aspire();
        walks
    }

    /// The graphs that are walked.
    pub fn graphs(&self) -> &[Graph] {
        &self.graphs
    }

    /// How many goals were given up so far: no walk to them was found.
    pub fn missed(&self) -> usize {
        self.missed
    }

    fn aspire(&mut self) {
        self.gone = 0;
        self.tries.clear();
        self.goals = match (self.graphs.get(self.at), self.cover) {
            (None, _) => HashSet::new(),
            (Some(graph), Cover::States) => (1..graph.nodes.len()).collect(),
            (Some(graph), Cover::Transitions) => (0..graph.edges.len()).collect(),
        };
    }

    /// The edges that lead from a node to the nearest goal, that one's own included.
    fn route(&self, graph: &Graph, from: usize) -> Option<(Goal, Vec<usize>)> {
        let mut before: HashMap<usize, Option<usize>> = HashMap::from([(from, None)]);
        let mut waiting = VecDeque::from([from]);
        while let Some(node) = waiting.pop_front() {
            for (at, edge) in graph.edges_from(node) {
                let goal = match self.cover {
                    Cover::States => edge.to,
                    Cover::Transitions => at,
                };
                if self.goals.contains(&goal) {
                    let mut route = vec![at];
                    let mut behind = node;
                    while let Some(Some(edge)) = before.get(&behind) {
                        route.push(*edge);
                        behind = graph.edges[*edge].from;
                    }
                    route.reverse();
                    return Some((goal, route));
                }
                if let Entry::Vacant(place) = before.entry(edge.to) {
                    place.insert(Some(at));
                    waiting.push_back(edge.to);
                }
            }
        }
        None
    }

    /// The command that takes this edge in this very world, and the world behind it: with texts, moments and amounts of its own as far
    /// as it still takes the edge.
    fn take(
        &self,
        graph: &Graph,
        world: &World<Record>,
        edge: usize,
        (fresh, renewed): (&mut Fresh, &[Renewed]),
    ) -> Option<(Command, World<Record>)> {
        let wanted = &graph.edges[edge];
        // What is near a rule is that in a world of its own values, and with no others.
        let own = Some(wanted.sent.clone()).filter(|_| wanted.near == 0);
        // Mostly the first does it, and looking for others takes long.
        let alike = std::iter::once_with(|| graph.marked(&self.model, world)).flatten();
        let alike = alike.filter(|(sent, near)| sent.name == wanted.sent.name && *near == wanted.near);
        let tried = own.into_iter().chain(alike.map(|(sent, _)| sent));
        let label = &graph.nodes[wanted.to].label;
        let leading_there = |sent: Command| {
            let (fired, behind) = fire(&self.model, world, &sent).ok()?;
            let behind = behind.unwrap_or_else(|| world.clone());
            (fired == wanted.fired && graph.key(&self.model, &behind) == *label).then_some((sent, behind))
        };
        let taken = tried.into_iter().find_map(leading_there)?;
        if wanted.near > 0 {
            return Some(taken);
        }
        let declared = &self.model.contract().command(&wanted.sent.name)?.fields;
        let renewed = renewed.iter().find_map(|what| {
            let mut used = *fresh;
            let sent = used.command(&self.naming, declared, &taken.0, *what);
            let renewed = leading_there(sent)?;
            *fresh = used;
            Some(renewed)
        });
        Some(renewed.unwrap_or(taken))
    }

    /// One walk from the start: its commands, each with what decides about it.
    fn walk(&mut self, graph: &Graph) -> Vec<(Command, Fired)> {
        let (mut world, mut node, mut walked) = (World::new(), 0, Vec::new());
        let mut fresh = Fresh::from(self.made);
        // Amounts of its own may have led a walk astray that was to come to what is left.
        let astray = self.goals.iter().any(|goal| self.tries.contains_key(goal));
        let renewed: &[Renewed] = if astray { &[Renewed::Marks] } else { &[Renewed::All, Renewed::Marks] };
        while let Some((goal, route)) = self.route(graph, node) {
            // A walk that has begun ends where the next goal is too far; one that begins may have to go there.
            if !walked.is_empty() && walked.len() + route.len() > self.settings.max_len {
                break;
            }
            for edge in route {
                let Some((sent, behind)) = self.take(graph, &world, edge, (&mut fresh, renewed)) else {
                    self.miss(goal);
                    return walked;
                };
                let taken = &graph.edges[edge];
                let last = taken.fired == Fired::Accepted && self.model.leaves_open(&world, &sent);
                (world, node) = (behind, taken.to);
                walked.push((sent, taken.fired));
                self.goals.remove(&match self.cover {
                    Cover::States => taken.to,
                    Cover::Transitions => edge,
                });
                // Nothing behind it could be judged.
                if last {
                    if self.goals.contains(&goal) {
                        self.miss(goal);
                    }
                    return walked;
                }
            }
        }
        walked
    }

    /// A way to what no transition shows, each in turn: with texts and moments of its own if it then still leads there.
    fn next_way(&mut self, graph: &Graph) -> Option<Vec<(Command, Fired)>> {
        let way = graph
            .ways
            .get(self.gone % graph.ways.len().max(1))
            .filter(|_| self.cover == Cover::Transitions)?;
        if self.gone >= WAYS * graph.ways.len() {
            return None;
        }
        self.gone += 1;
        let mut fresh = Fresh::from(self.made);
        let renewed = |sent: &Command| {
            let declared = &self.model.contract().command(&sent.name)?.fields;
            Some(fresh.command(&self.naming, declared, sent, Renewed::Marks))
        };
        let renewed: Option<Vec<Command>> = way.commands.iter().map(renewed).collect();
        renewed.and_then(|sent| self.along(way, sent)).or_else(|| self.along(way, way.commands.clone()))
    }

    /// The commands of a way with what decides about them; nothing if they lead elsewhere.
    fn along(&self, way: &Way, sent: Vec<Command>) -> Option<Vec<(Command, Fired)>> {
        let (mut world, last) = (World::new(), sent.len().checked_sub(1)?);
        let mut walked = Vec::new();
        for (at, sent) in sent.into_iter().enumerate() {
            let (fired, behind) = fire(&self.model, &world, &sent).ok()?;
            let wanted = if at == last { way.fired } else { Fired::Accepted };
            if fired != wanted {
                return None;
            }
            world = behind.unwrap_or(world);
            walked.push((sent, fired));
        }
        Some(walked)
    }

    /// A walk did not come to its goal.
    fn miss(&mut self, goal: usize) {
        let tries = self.tries.entry(goal).or_default();
        *tries += 1;
        if *tries >= TRIES {
            self.goals.remove(&goal);
            self.missed += 1;
        }
    }

    /// What looks at the subjects: each query that needs no more than an aggregate.
    fn looks(&self, graph: &Graph) -> Vec<Query> {
        let queries =
            self.model.contract().queries().filter(|query| query.fields.iter().all(|f| !f.is_required()));
        let asked = queries.flat_map(|query| {
            let of =
                graph.subjects.iter().filter(|subject| Some(&*subject.kind) == query.aggregate.as_deref());
            of.map(|subject| Query {
                name: query.name.clone(),
                on: Some(subject.id.clone()),
                fields: Record::new(),
            })
        });
        asked.collect()
    }

    /// What looks at views, with values from what was sent so far. At the end of a sequence the weave asks for them.
    fn views(&self, sent: &[Step]) -> Vec<Query> {
        let views = self.model.contract().queries().filter(|query| query.is_view);
        let asked = views.flat_map(|view| {
            let fields = filled(view, sent).into_iter();
            fields.map(|fields| Query { name: view.name.clone(), on: None, fields })
        });
        asked.collect()
    }

    /// What was walked, with reads in between and behind it.
    fn sequence(&mut self, graph: &Graph, walked: Vec<(Command, Fired)>) -> Sequence {
        let mut steps = Vec::new();
        let last = walked.len().saturating_sub(1);
        for (at, (sent, fired)) in walked.into_iter().enumerate() {
            self.aims.push(aim(&self.model, &sent, fired));
            let looked = self.looked.entry(sent.name.clone()).or_default();
            let looks = fired == Fired::Accepted && at < last && *looked < LOOKS;
            *looked += usize::from(looks);
            steps.push(sent.into());
            if looks {
                let mut asked = self.looks(graph);
                asked.extend(self.views(&steps));
                self.ask(asked, &mut steps);
            }
        }
        let asked = self.looks(graph);
        self.ask(asked, &mut steps);
        names::sequence(&self.naming, steps)
    }

    fn ask(&mut self, asked: Vec<Query>, steps: &mut Vec<Step>) {
        self.aims.extend(asked.iter().map(|_| Aim::Reads));
        steps.extend(asked.into_iter().map(Step::Ask));
    }
}

impl Source for Walks {
    fn next(&mut self) -> Option<Sequence> {
        self.aims.clear();
        while self.made < self.settings.cases {
            let graphs = self.graphs.clone();
            let graph = graphs.get(self.at)?;
            if let Some(walked) = self.next_way(graph) {
                self.made += 1;
                return Some(self.sequence(graph, walked));
            }
            if self.goals.is_empty() || self.route(graph, 0).is_none() {
                self.missed += self.goals.len();
                self.at += 1;
                self.aspire();
                continue;
            }
            let walked = self.walk(graph);
            if walked.is_empty() {
                continue;
            }
            self.made += 1;
            return Some(self.sequence(graph, walked));
        }
        None
    }

    fn aims(&self) -> &[Aim] {
        &self.aims
    }
}
