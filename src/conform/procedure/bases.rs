//! For each kind of command one that is accepted, and how to get to where it is: what is made wrong has to be right before.

use std::collections::HashSet;
use std::sync::Arc;

use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::explore::Graph;
use crate::contract::rules::World;
use crate::history::Role;
use crate::protocol::{ClauseId, Command};
use crate::value::{Name, Record, Value};

/// How many commands an aggregate is brought on by, at most.
const DEEPEST: usize = 3;

/// Digits behind the number of a name that nothing else has.
const OTHERS: &str = "00";

/// What the cases are called in which each is tried.
const TRIED: &str = "right command";

/// A command that was accepted behind a few others. All is in names.
#[derive(Debug)]
pub(crate) struct Base {
    /// What comes before it.
    steps: Vec<Command>,
    /// The world in which it is accepted.
    pub(super) world: World<Record>,
    pub(super) command: Command,
}

impl Base {
    /// Brings a case to where it is accepted next; `false` where the target doesn't go along this time.
    pub(super) async fn brought(&self, case: &mut Case<'_>) -> bool {
        case.role(Role::SetUp);
        for step in &self.steps {
            if !case.send(0, step).await.is_accepted() {
                return false;
            }
        }
        true
    }

    /// The command with other values of its own. What it does by mistake then has nothing that could be taken for what the right one
    /// does: no value by which a new aggregate is looked up, for one.
    pub(super) fn of_others(&self) -> Command {
        let mut known = HashSet::new();
        for step in &self.steps {
            let values = step.on.iter().chain(step.fields.iter().map(|(_, value)| value));
            values.for_each(|value| value.each_name(&mut |name| _ = known.insert(name.clone())));
        }
        self.world.entries().iter().for_each(|entry| known.extend(entry.id.as_name().cloned()));
        known.extend(self.command.on.as_ref().and_then(Value::as_name).cloned());
        let other = |value: &Value| {
            let name = value.as_name().filter(|name| !known.contains(*name))?;
            Some(Value::Name(Name::new(format!("{}{OTHERS}", name.as_str()))))
        };
        let fields = self.command.fields.iter().map(|(name, value)| (name, value.replaced(&other)));
        Command { fields: fields.collect(), ..self.command.clone() }
    }
}

impl Lab {
    /// One of each kind, as far as few commands lead to where it is accepted: each is tried once in an examination.
    pub(crate) async fn bases(&self) -> Result<&[Base], Unreachable> {
        self.bases.get_or_try_init(|| bases(self)).await.map(Vec::as_slice)
    }
}

async fn bases(lab: &Lab) -> Result<Vec<Base>, Unreachable> {
    let all = lab.contract.commands().filter(|command| lab.engine.target.knows(&command.name)).count();
    let mut bases: Vec<Base> = Vec::new();
    let mut tried: Vec<Arc<str>> = Vec::new();
    for graph in &lab.graphs {
        // Nothing is sent in this world: it only follows the rules.
        let mut world = World::new();
        let mut steps = Vec::new();
        for _ in 0..=DEEPEST {
            let kinds = kinds(lab, graph, &world);
            for command in kinds.into_iter().filter(|kind| !tried.contains(&kind.name)).collect::<Vec<_>>() {
                if lab.over() {
                    return Ok(bases);
                }
                tried.push(command.name.clone());
                let base = Base { steps: steps.clone(), world: world.clone(), command };
                if is_accepted(lab, &base, tried.len() as u64).await? {
                    bases.push(base);
                }
            }
            let Some((step, behind)) = lab.fertile(graph, &world).filter(|_| tried.len() < all) else {
                break;
            };
            world = behind;
            steps.push(step);
        }
    }
    Ok(bases)
}

/// Of each kind of command that changes something here, the one that says the most: it can be wrong in more ways.
fn kinds(lab: &Lab, graph: &Graph, world: &World<Record>) -> Vec<Command> {
    let mut kinds: Vec<Command> = Vec::new();
    for (command, _) in lab.options(graph, world).visible(lab, world) {
        match kinds.iter_mut().find(|kind| kind.name == command.name) {
            Some(kind) if said(kind) < said(command) => *kind = command.clone(),
            Some(_) => {}
            None => kinds.push(command.clone()),
        }
    }
    kinds
}

async fn is_accepted(lab: &Lab, base: &Base, number: u64) -> Result<bool, Unreachable> {
    let mut case = Case::open(lab, TRIED, number).await?;
    if !base.brought(&mut case).await {
        return Ok(false);
    }
    let outcome = case.send(0, &base.command).await;
    if !outcome.is_accepted() {
        let why = format!("a valid {} is {outcome}, so none that is wrong was tried", base.command.name);
        for id in [ClauseId::Ch2, ClauseId::Se2] {
            lab.ledger.doubt(id, why.clone());
        }
    }
    Ok(outcome.is_accepted())
}

/// How much a command says.
fn said(command: &Command) -> usize {
    command.fields.iter().map(|(_, value)| leaves(value)).sum()
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::List(elements) => elements.iter().map(leaves).sum(),
        Value::Record(record) => record.iter().map(|(_, value)| leaves(value)).sum(),
        _ => 1,
    }
}
