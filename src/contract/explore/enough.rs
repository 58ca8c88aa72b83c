//! As many aggregates as the rules need: one of each kind tells nothing of a rule that compares two of them.

use std::sync::Arc;

use super::graph::{Bounds, Graph, one};
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
        if graph.lacking(model).is_empty() {
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
        match larger.min_by_key(|larger| larger.lacking(model).len()) {
            Some(larger) if larger.lacking(model).len() < graph.lacking(model).len() => graph = larger,
            _ => break,
        }
    }
    graph
}
