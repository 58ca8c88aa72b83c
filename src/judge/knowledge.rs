//! All worlds of one component that are possible, and how they came about.

use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Settings;
use super::contention::Contention;
use super::operations::Operations;
use super::possible::{Keys, Possible, Says, Situation, Versions, nothing, possible};
use super::rest::Stirred;
use crate::contract::rules::{Entry, Model, ModelError, World};
use crate::history::Act;
use crate::protocol::{CONFLICT, Command, Expected, Outcome, PRECONDITION, Version};
use crate::value::Value;

/// Steps that each operation has beyond those that a component has in all: one way to it, and reads that lag a little.
const FREE: u64 = 16;

/// What all components share.
pub(super) struct Context<'a, M> {
    pub(super) model: &'a M,
    pub(super) settings: &'a Settings,
    pub(super) operations: Operations<'a>,
    /// Which commands were overlapped by others.
    pub(super) contention: Contention<'a>,
    /// The versions that some command demands: only those are worth remembering.
    pub(super) demanded: HashSet<(Value, Version)>,
    /// Whether a component is judged no longer.
    pub(super) lost: Cell<bool>,
    /// Whether a command of several events was accepted anywhere.
    pub(super) between: Cell<bool>,
}

/// The worlds that are possible, as far as anything is judged.
pub(super) struct Knowledge<S> {
    pub(super) nodes: Vec<Node<S>>,
    pub(super) configurations: Vec<Configuration>,
    /// What was called and has not returned. What has no known outcome stays here.
    pub(super) open: Vec<usize>,
    pub(super) standing: Standing,
    /// Whether it was quiet since the last command.
    pub(super) stirred: Stirred,
    /// Whether a command of several events was accepted: reads may see the world between them.
    pub(super) between: bool,
    /// Steps of search so far.
    steps: u64,
    /// How many operations have returned: a long course has a right to more steps than a short one.
    returned: u64,
}

/// Whether a component is still judged.
#[derive(Clone, PartialEq, Debug)]
pub(super) enum Standing {
    Judged,
    /// A promise was broken: whatever follows may follow from that.
    Tainted,
    /// Why nothing more can be said.
    Undecided(String),
    /// The same, by the rules themselves, and up to now no command came that this leaves without a verdict.
    Open(String),
}

/// A world, and what it came from. Where two ways lead to one world, both are kept.
pub(super) struct Node<S> {
    pub(super) world: World<S>,
    /// The command that led here.
    pub(super) operation: Option<usize>,
    pub(super) before: Option<usize>,
    pub(super) also: Vec<usize>,
    /// For each aggregate in it, in the order of its entries, the command that brought it into being last.
    pub(super) born: Arc<[Option<usize>]>,
}

/// One way in which things may be.
#[derive(Clone)]
pub(super) struct Configuration {
    /// The world, and behind it its past.
    pub(super) node: usize,
    /// What is open and has taken effect already.
    pub(super) done: Vec<usize>,
    pub(super) keys: Arc<Keys>,
    versions: Arc<Versions>,
}

/// What came of trying to explain something.
pub(super) enum Tried {
    Fine,
    /// It can't be; with everything that could have been.
    Impossible(Vec<Says>),
}

/// Why a search ended early.
pub(super) enum Halt {
    Beyond(String),
    Rules(ModelError),
}

impl From<ModelError> for Halt {
    fn from(error: ModelError) -> Self {
        Self::Rules(error)
    }
}

impl<S: Clone + Eq + std::hash::Hash> Knowledge<S> {
    pub(super) fn new() -> Self {
        let start =
            Node { world: World::new(), operation: None, before: None, also: Vec::new(), born: Arc::new([]) };
        let (keys, versions) = (Arc::default(), Arc::default());
        Self {
            nodes: vec![start],
            configurations: vec![Configuration { node: 0, done: Vec::new(), keys, versions }],
            open: Vec::new(),
            standing: Standing::Judged,
            stirred: Stirred::NEVER_QUIET,
            between: false,
            steps: 0,
            returned: 0,
        }
    }

    pub(super) fn world(&self, configuration: &Configuration) -> &World<S> {
        &self.nodes[configuration.node].world
    }

    /// Keeps what is possible now that `operation` has returned: it took effect between its call and now, with the very
    /// outcome it had.
    pub(super) fn returned<M: Model<State = S>>(
        &mut self,
        context: &Context<'_, M>,
        operation: usize,
        used: &mut Used,
    ) -> Result<Tried, Halt> {
        self.open.retain(|open| *open != operation);
        self.returned += 1;
        let before = std::mem::take(&mut self.configurations);
        let mut search = Search { kept: Vec::new(), visited: HashMap::new(), waiting: before.clone() };
        let alone = self.open.is_empty() && before.len() == 1;
        while let Some(mut configuration) = search.waiting.pop() {
            self.count(context.settings, search.kept.len() + search.waiting.len())?;
            if let Some(at) = configuration.done.iter().position(|done| *done == operation) {
                configuration.done.remove(at);
                search.keep(self, configuration, alone);
                continue;
            }
            for next in self.effects(context, &configuration, operation)? {
                let (next, possible) = next;
                used.note(&possible);
                let next = self.enter(context, &configuration, (operation, next), possible);
                search.keep(self, next, alone);
            }
            for other in self.open.clone() {
                if configuration.done.contains(&other) {
                    continue;
                }
                for (says, possible) in self.effects(context, &configuration, other)? {
                    let mut next = self.enter(context, &configuration, (other, says), possible);
                    let place = next.done.partition_point(|done| *done < other);
                    next.done.insert(place, other);
                    search.wait(self, next);
                }
            }
        }
        self.configurations = search.kept;
        if !self.configurations.is_empty() {
            return Ok(Tried::Fine);
        }
        let mut allowed: Vec<Says> = Vec::new();
        for configuration in &before {
            for possible in self.possible(context, configuration, operation)? {
                if !allowed.contains(&possible.says) {
                    allowed.push(possible.says);
                }
            }
        }
        self.configurations = before;
        Ok(Tried::Impossible(allowed))
    }

    /// What may become of `operation` next, with the outcome that it had.
    fn effects<M: Model<State = S>>(
        &self,
        context: &Context<'_, M>,
        configuration: &Configuration,
        operation: usize,
    ) -> Result<Vec<(Says, Possible<S>)>, Halt> {
        match context.operations.act(operation) {
            Act::Submit { outcome, .. } => {
                let mut all = self.possible(context, configuration, operation)?;
                all.retain(|possible| possible.says.fits(outcome));
                if matches!(outcome, Outcome::Unknown(_)) {
                    // Without an effect it is as if it had not happened yet.
                    all.retain(|possible| possible.changed || possible.unspecified);
                }
                Ok(all.into_iter().map(|possible| (possible.says.clone(), possible)).collect())
            }
            Act::Ask { query, answer } => {
                let world = self.world(configuration);
                let expected = context.model.answer(world, query)?;
                let tolerances = context.settings.promises.tolerances_of(&query.name);
                let fits = expected.differences(answer, tolerances).is_empty();
                let read = fits.then(|| (Says::Accepted, nothing(world, Says::Accepted)));
                Ok(read.into_iter().collect())
            }
            Act::Quiet(_) => Ok(Vec::new()),
        }
    }

    fn possible<M: Model<State = S>>(
        &self,
        context: &Context<'_, M>,
        configuration: &Configuration,
        operation: usize,
    ) -> Result<Vec<Possible<S>>, Halt> {
        let Act::Submit { command, outcome, .. } = context.operations.act(operation) else {
            return Ok(Vec::new());
        };
        let first = |at: usize| submitted(&context.operations, at);
        let world = self.world(configuration);
        let situation =
            Situation { world, keys: &configuration.keys, versions: &configuration.versions, first: &first };
        let mut all = possible(context.model, context.settings, command, &situation)?;
        if let Outcome::Rejected(rejection) = outcome {
            let allowed = match rejection.code.as_deref() {
                Some(CONFLICT) => context.contention.overlapped(context.operations.whole(operation)),
                Some(PRECONDITION) => command.expected == Expected::Any,
                _ => false,
            };
            if let (true, Some(code)) = (allowed, &rejection.code) {
                all.push(nothing(world, Says::Rejected(code.clone())));
            }
        }
        Ok(all)
    }

    /// The configuration behind an effect.
    fn enter<M: Model<State = S>>(
        &mut self,
        context: &Context<'_, M>,
        from: &Configuration,
        (operation, says): (usize, Says),
        possible: Possible<S>,
    ) -> Configuration {
        let mut next = from.clone();
        if let Act::Submit { command, outcome, .. } = context.operations.act(operation) {
            if let (true, Some(key)) = (context.settings.keys, &command.key)
                && next.keys.get(key).is_none_or(|(_, said)| *said != Says::Accepted)
            {
                Arc::make_mut(&mut next.keys).insert(key.clone(), (operation, says));
            }
            if let (Outcome::Accepted(receipt), Some(on)) = (outcome, &command.on)
                && let Some(version) = &receipt.version
                && !context.demanded.is_empty()
            {
                let told = (on.clone(), version.clone());
                let counted = possible.world.entries().iter().find(|entry| entry.id == *on);
                if let (true, Some(entry)) = (context.demanded.contains(&told), counted) {
                    Arc::make_mut(&mut next.versions).insert(told, entry.version);
                }
            }
        }
        if possible.unspecified {
            let Act::Submit { command, .. } = context.operations.act(operation) else { return next };
            context.lost.set(true);
            self.standing = Standing::Open(format!(
                "the rules leave open what {} does, so nothing behind it can be judged",
                command.name
            ));
        }
        if possible.events > 1 {
            self.between = true;
            context.between.set(true);
        }
        if possible.changed {
            next.node = self.nodes.len();
            let born = born(&self.nodes[from.node], &possible.world, operation);
            self.nodes.push(Node {
                world: possible.world,
                operation: Some(operation),
                before: Some(from.node),
                also: Vec::new(),
                born,
            });
        }
        next
    }

    /// The configurations that are reached from `from` when something that is open takes effect now.
    pub(super) fn beyond<M: Model<State = S>>(
        &mut self,
        context: &Context<'_, M>,
        from: &Configuration,
    ) -> Result<Vec<Configuration>, Halt> {
        let mut found = Vec::new();
        for other in self.open.clone() {
            if from.done.contains(&other) || !matches!(context.operations.act(other), Act::Submit { .. }) {
                continue;
            }
            for (says, possible) in self.effects(context, from, other)? {
                self.count(context.settings, found.len())?;
                let mut next = self.enter(context, from, (other, says), possible);
                let place = next.done.partition_point(|done| *done < other);
                next.done.insert(place, other);
                found.push(next);
            }
        }
        Ok(found)
    }

    pub(super) fn count(&mut self, settings: &Settings, configurations: usize) -> Result<(), Halt> {
        self.steps += 1;
        if self.steps > settings.max_steps.saturating_add(self.returned.saturating_mul(FREE)) {
            return Err(Halt::Beyond(format!(
                "after {} steps of search it is still not known what was possible",
                settings.max_steps
            )));
        }
        if configurations > settings.max_configurations {
            return Err(Halt::Beyond(format!(
                "more than {} worlds are possible at a time",
                settings.max_configurations
            )));
        }
        Ok(())
    }
}

/// A walk from a node to all that it came from.
pub(super) struct Past {
    waiting: Vec<usize>,
    /// The nodes behind the first at which ways meet: before that there is one way, and nothing to meet.
    seen: HashSet<usize>,
}

impl Past {
    /// Everything that was the case in a configuration, the latest first: as much of it as somebody asks for.
    pub(super) fn of(configuration: &Configuration) -> Self {
        Self { waiting: vec![configuration.node], seen: HashSet::new() }
    }

    /// The next node.
    pub(super) fn next<S>(&mut self, nodes: &[Node<S>]) -> Option<usize> {
        let node = self.waiting.pop()?;
        let Node { before, also, .. } = &nodes[node];
        if also.is_empty() && self.seen.is_empty() {
            self.waiting.extend(*before);
        } else {
            let all = also.iter().chain(before).copied();
            let new: Vec<usize> = all.filter(|node| self.seen.insert(*node)).collect();
            self.waiting.extend(new);
        }
        Some(node)
    }
}

/// Which commands brought the aggregates of `world` into being, that `operation` made of the world before it.
fn born<S: Clone>(before: &Node<S>, world: &World<S>, operation: usize) -> Arc<[Option<usize>]> {
    let (old, new) = (before.world.entries(), world.entries());
    let same = |(one, other): (&Entry<S>, &Entry<S>)| {
        one.made == other.made && one.id == other.id && one.aggregate == other.aggregate
    };
    if old.len() == new.len() && old.iter().zip(new).all(same) {
        return before.born.clone();
    }
    let since = |entry: &Entry<S>| {
        let place = old.iter().position(|known| same((known, entry)));
        place.map_or(Some(operation), |place| before.born[place])
    };
    new.iter().map(since).collect()
}

/// Which departures were used, by their place.
#[derive(Default)]
pub(super) struct Used(pub(super) Vec<usize>);

impl Used {
    fn note<S>(&mut self, possible: &Possible<S>) {
        self.0.extend(possible.deviation);
    }
}

/// Whether it is kept, its world, and what is open and has taken effect.
type Met<S> = (bool, World<S>, Vec<usize>);

/// A search for what is possible: depth first, each configuration once.
struct Search<S> {
    kept: Vec<Configuration>,
    /// Where a configuration that was met already is: the node it stands for.
    visited: HashMap<Met<S>, Vec<(Arc<Keys>, usize)>>,
    waiting: Vec<Configuration>,
}

impl<S: Clone + Eq + std::hash::Hash> Search<S> {
    fn keep(&mut self, knowledge: &mut Knowledge<S>, configuration: Configuration, alone: bool) {
        // Mostly there is one: it is compared, not looked up.
        let new = match (alone, self.kept.as_slice()) {
            (true, []) => true,
            (true, [first]) => {
                knowledge.world(first) != knowledge.world(&configuration) || first.keys != configuration.keys
            }
            _ => self.is_new(knowledge, &configuration, true),
        };
        if new {
            self.kept.push(configuration);
        }
    }

    fn wait(&mut self, knowledge: &mut Knowledge<S>, configuration: Configuration) {
        if self.is_new(knowledge, &configuration, false) {
            self.waiting.push(configuration);
        }
    }

    /// Whether it wasn't met before. Its past is not lost: it is added to that of the one that was.
    fn is_new(&mut self, knowledge: &mut Knowledge<S>, configuration: &Configuration, kept: bool) -> bool {
        let world = knowledge.world(configuration).clone();
        let met = self.visited.entry((kept, world, configuration.done.clone())).or_default();
        match met.iter().find(|(keys, _)| *keys == configuration.keys) {
            Some((_, node)) => {
                if *node != configuration.node && !knowledge.nodes[*node].also.contains(&configuration.node) {
                    knowledge.nodes[*node].also.push(configuration.node);
                }
                false
            }
            None => {
                met.push((configuration.keys.clone(), configuration.node));
                true
            }
        }
    }
}

/// The command that the operation in that place sent.
fn submitted(operations: &Operations<'_>, at: usize) -> Option<Arc<Command>> {
    match operations.act_if(at)? {
        Act::Submit { command, .. } => Some(command.clone()),
        _ => None,
    }
}
