//! What a drawing of a graph shows: one arrow for all commands between the same two states, and what stays in a state.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::graph::{Fired, Graph};
use crate::contract::rules::Interpreted;

/// All commands that are accepted in one state and lead to the same other one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Arrow {
    pub(super) from: usize,
    pub(super) to: usize,
    /// Each once, in the order they were found.
    pub(super) commands: Vec<Arc<str>>,
}

/// What stays in a state.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Loops {
    /// Commands that are accepted and lead back to it.
    pub(super) accepted: Vec<Arc<str>>,
    /// How many transitions are refusals.
    pub(super) refused: usize,
    /// Which: for each command what refuses it.
    pub(super) refusals: BTreeMap<Arc<str>, Vec<String>>,
}

/// The arrows between different states, in the order they were found, and what stays in each state.
pub(super) fn arrows(model: &Interpreted, graph: &Graph) -> (Vec<Arrow>, Vec<Loops>) {
    let mut arrows: Vec<Arrow> = Vec::new();
    let mut places: HashMap<(usize, usize), usize> = HashMap::new();
    let mut loops = vec![Loops::default(); graph.nodes.len()];
    for edge in &graph.edges {
        let name = edge.sent.name.clone();
        let Some(own) = loops.get_mut(edge.from) else { continue };
        if edge.fired != Fired::Accepted {
            own.refused += 1;
            own.refusals.entry(name.clone()).or_default().push(edge.fired.in_words(model, &name));
        } else if edge.from == edge.to {
            once(&mut own.accepted, name);
        } else {
            let place = *places.entry((edge.from, edge.to)).or_insert(arrows.len());
            if place == arrows.len() {
                arrows.push(Arrow { from: edge.from, to: edge.to, commands: Vec::new() });
            }
            once(&mut arrows[place].commands, name);
        }
    }
    (arrows, loops)
}

fn once(names: &mut Vec<Arc<str>>, name: Arc<str>) {
    if !names.contains(&name) {
        names.push(name);
    }
}

impl Fired {
    /// What decided about a command of that name: `accepted`, `OrderNotFound`, `Malformed`, `several rules`.
    pub fn in_words(self, model: &Interpreted, command: &str) -> String {
        match self {
            Self::Accepted => "accepted".into(),
            Self::Several => "several rules".into(),
            Self::Malformed => "Malformed".into(),
            Self::Alone(rule) => {
                let reject = model.rules(command).and_then(|rules| rules.rejects.get(rule));
                reject.map_or_else(|| format!("rule {rule}"), |reject| reject.code.text.to_string())
            }
        }
    }
}
