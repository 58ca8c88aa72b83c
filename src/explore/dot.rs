use std::fmt::Write as _;

use super::graph::{Edge, Fired, Graph};
use crate::model::Interpreted;

impl Graph {
    /// The graph in the language of Graphviz. Commands that are accepted are arrows, several between the same states
    /// one arrow with several words; what is refused changes nothing and is counted in the state. Texts are quoted.
    pub fn to_dot(&self, model: &Interpreted) -> String {
        let mut dot = String::from("digraph states {\n  node [shape=box, style=rounded];\n");
        for (at, node) in self.nodes.iter().enumerate() {
            let refused =
                self.edges.iter().filter(|edge| edge.from == at && edge.fired != Fired::Accepted).count();
            let label = format!("{}\n{refused} refused", node.label);
            let _ = writeln!(dot, "  s{at} [label={}];", quoted(&label));
        }
        let accepted = || self.edges.iter().filter(|edge| edge.fired == Fired::Accepted);
        for (at, edge) in accepted().enumerate() {
            let same = |other: &&Edge| (other.from, other.to) == (edge.from, edge.to);
            if accepted().take(at).any(|other| same(&other)) {
                continue;
            }
            let mut names: Vec<&str> = accepted().filter(same).map(|edge| &*edge.sent.name).collect();
            names.dedup();
            let _ = writeln!(dot, "  s{} -> s{} [label={}];", edge.from, edge.to, quoted(&names.join("\n")));
        }
        let _ = writeln!(dot, "  label={};\n}}", quoted(&self.in_words(model)));
        dot
    }

    /// Its size, and what of the contract it was made from: `16 states, 121 transitions, from 2304 commands`.
    pub fn in_words(&self, model: &Interpreted) -> String {
        let more = if self.cut { "; a bound cut it off, there are more" } else { "" };
        format!(
            "{}: {} states, {} transitions, from {} commands{more}",
            model.contract().name(),
            self.nodes.len(),
            self.edges.len(),
            self.inputs
        )
    }
}

/// A quoted text of DOT: quotes and backslashes escaped, lines as `\n`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
