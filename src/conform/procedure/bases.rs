//! For each kind of command one that is accepted, and how to get to where it is: what is made wrong has to be right before.

use super::choice::changes;
use crate::adapter::Unreachable;
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::contract::rules::World;
use crate::protocol::{ClauseId, Command, Outcome};
use crate::value::{Record, Value};

/// How many commands an aggregate is brought on by, at most.
const DEEPEST: usize = 3;

/// A command that was accepted behind a few others. All is in names.
pub(super) struct Base {
    /// What comes before it.
    steps: Vec<Command>,
    /// The world in which it is accepted.
    pub(super) world: World<Record>,
    pub(super) command: Command,
    /// How it was sent.
    pub(super) request: Option<String>,
}

impl Base {
    /// An experiment in which it is accepted next; nothing where the target doesn't go along this time.
    pub(super) async fn stage<'l>(
        &self,
        lab: &'l Lab,
        name: &str,
        number: u64,
    ) -> Result<Option<Case<'l>>, Unreachable> {
        let mut case = Case::open(lab, name, number).await?;
        let there = brought(&mut case, &self.steps).await;
        Ok(there.then_some(case))
    }
}

async fn brought(case: &mut Case<'_>, steps: &[Command]) -> bool {
    for step in steps {
        if !matches!(case.send(0, step).await, Outcome::Accepted(_)) {
            return false;
        }
    }
    true
}

/// One of each kind, as far as few commands lead to where it is accepted. Each is tried, under `name`; what is refused is a doubt
/// of the clause.
pub(super) async fn bases(lab: &Lab, name: &str, clause: ClauseId) -> Result<Vec<Base>, Unreachable> {
    let all = lab.contract.commands().filter(|command| lab.engine.target.knows(&command.name)).count();
    let mut bases: Vec<Base> = Vec::new();
    let mut tried: Vec<std::sync::Arc<str>> = Vec::new();
    let mut number = 0;
    for graph in &lab.graphs {
        // Nothing is sent in this one: it only follows the rules.
        let mut rules = Case::open(lab, name, number).await?;
        let mut steps = Vec::new();
        for _ in 0..=DEEPEST {
            let mut kinds: Vec<Command> = Vec::new();
            for (command, _) in changes(&rules, graph) {
                match kinds.iter_mut().find(|kind| kind.name == command.name) {
                    // What says more can be wrong in more ways.
                    Some(kind) if said(kind) < said(&command) => *kind = command,
                    Some(_) => {}
                    None => kinds.push(command),
                }
            }
            for command in kinds.into_iter().filter(|kind| !tried.contains(&kind.name)).collect::<Vec<_>>() {
                if lab.over() {
                    return Ok(bases);
                }
                number += 1;
                tried.push(command.name.clone());
                let mut base =
                    Base { steps: steps.clone(), world: rules.world.clone(), command, request: None };
                let Some(mut case) = base.stage(lab, name, number).await? else { continue };
                let outcome = case.send(0, &base.command).await;
                if matches!(outcome, Outcome::Accepted(_)) {
                    base.request = case.last_request();
                    bases.push(base);
                } else {
                    let kind = &base.command.name;
                    let why = format!("a valid {kind} is {outcome}, so none that is wrong was tried");
                    lab.ledger.doubt(clause, why);
                }
            }
            let Some(step) = rules.fertile(graph).filter(|_| tried.len() < all) else { break };
            rules.follow(&step);
            steps.push(step);
        }
    }
    Ok(bases)
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
