//! For each kind of command one that is accepted, and how to get to where it is: what is made wrong has to be right before.

use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::protocol::{Command, Outcome};
use crate::target::Unreachable;
use crate::value::Value;

use super::choice::changes;

/// How many commands an aggregate is brought on by, at most.
const DEEPEST: usize = 3;

/// A command that was accepted behind a few others.
pub(super) struct Base {
    graph: usize,
    depth: usize,
    /// In names.
    pub(super) command: Command,
    /// How it was sent, in names.
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
        let there = brought(&mut case, self.graph, self.depth).await;
        Ok(there.then_some(case))
    }
}

async fn brought(case: &mut Case<'_>, graph: usize, depth: usize) -> bool {
    let graph = &case.lab.graphs[graph];
    depth == 0 || case.set_up(graph, depth - 1).await
}

/// One of each kind, as far as they are reached by few commands. Each is tried, under `name`; what is refused is a doubt of the clauses.
pub(super) async fn bases(lab: &Lab, name: &str, clauses: &[&str]) -> Result<Vec<Base>, Unreachable> {
    let (mut bases, mut tried) = (Vec::new(), Vec::new());
    let mut number = 0;
    for graph in 0..lab.graphs.len() {
        for depth in 0..=DEEPEST {
            while !lab.over() {
                let mut case = Case::open(lab, name, number).await?;
                number += 1;
                if !brought(&mut case, graph, depth).await {
                    break;
                }
                let Some(command) = another(&case, graph, &tried) else { break };
                tried.push(command.name.clone());
                let outcome = case.send(0, &command).await;
                if matches!(outcome, Outcome::Accepted(_)) {
                    let request = case.last_request();
                    bases.push(Base { graph, depth, command, request });
                    continue;
                }
                for clause in clauses {
                    let why =
                        format!("a valid {} is {outcome}, so none that is wrong was tried", command.name);
                    lab.ledger.doubt(clause, why);
                }
            }
        }
    }
    Ok(bases)
}

/// A command of a kind that was not tried yet; of those that say the most.
fn another(case: &Case<'_>, graph: usize, tried: &[std::sync::Arc<str>]) -> Option<Command> {
    let all = changes(case, &case.lab.graphs[graph]).into_iter().map(|(command, _)| command);
    let mut all: Vec<Command> = all.filter(|command| !tried.contains(&command.name)).collect();
    let first = all.first()?.name.clone();
    all.retain(|command| command.name == first);
    // The first of several.
    all.into_iter()
        .rev()
        .max_by_key(|command| command.fields.iter().map(|(_, value)| leaves(value)).sum::<usize>())
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Null => 0,
        Value::List(elements) => elements.iter().map(leaves).sum(),
        Value::Record(record) => record.iter().map(|(_, value)| leaves(value)).sum(),
        _ => 1,
    }
}
