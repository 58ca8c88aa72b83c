//! As many aggregates as the rules need: one of each kind tells nothing of a rule that compares two of them.

use std::collections::HashSet;
use std::sync::Arc;

use super::graph::{Bounds, Fired, Graph, one};
use super::{Naming, Subject};
use crate::contract::rules::Interpreted;

/// So many aggregates are added to a group at most.
const MORE: usize = 2;

/// The graph of these aggregates. Where some rule stops nothing by itself in it, or a command is never accepted, and they are of several kinds
/// that refer to each other, it is that of one more of some kind, if more happens there.
pub(super) fn enough(
    model: &Interpreted,
    naming: &Arc<Naming>,
    subjects: Vec<Subject>,
    bounds: Bounds,
) -> Graph {
    let mut kinds: Vec<Arc<str>> = subjects.iter().map(|subject| subject.kind.clone()).collect();
    kinds.dedup();
    let mut graph = one(model, naming, subjects, bounds);
    if kinds.len() < 2 {
        return graph;
    }
    for _ in 0..MORE {
        if lacking(model, &graph) == 0 {
            break;
        }
        let larger = kinds.iter().map(|kind| {
            let mut subjects = graph.subjects.clone();
            let behind =
                subjects.iter().rposition(|subject| subject.kind == *kind).map_or(0, |last| last + 1);
            let number = subjects.iter().filter(|subject| subject.kind == *kind).count() + 1;
            subjects.insert(behind, naming.subject(kind, number));
            one(model, naming, subjects, bounds)
        });
        match larger.min_by_key(|larger| lacking(model, larger)) {
            Some(larger) if lacking(model, &larger) < lacking(model, &graph) => graph = larger,
            _ => break,
        }
    }
    graph
}

/// How many rules have stopped nothing by themselves, and how many commands were never accepted.
fn lacking(model: &Interpreted, graph: &Graph) -> usize {
    let own = |kind: &str| graph.subjects.iter().any(|subject| *subject.kind == *kind);
    let seen: HashSet<(&str, Fired)> =
        graph.edges.iter().map(|edge| (&*edge.sent.name, edge.fired)).collect();
    let commands = model.contract().commands().filter(|command| own(&command.aggregate));
    let lacking = commands.map(|command| {
        let rules = model.rules(&command.name).map_or(0, |rules| rules.rejects.len());
        let kinds = (0..rules).map(Fired::Alone).chain([Fired::Accepted]);
        kinds.filter(|fired| !seen.contains(&(&*command.name, *fired))).count()
    });
    lacking.sum()
}
