//! Graphs in the language of Graphviz.

use std::fmt::Write as _;

use super::arrows::arrows;
use super::graph::Graph;
use crate::contract::rules::Interpreted;

/// The graphs in the language of Graphviz, each in a frame of its own. Commands that are accepted are arrows, several
/// between the same states one arrow with several words; what is refused changes nothing and is counted in the state.
/// Texts are quoted.
pub fn dot(model: &Interpreted, graphs: &[Graph]) -> String {
    let mut dot = String::from("digraph states {\n  node [shape=box, style=rounded];\n");
    for (number, graph) in graphs.iter().enumerate() {
        let (arrows, loops) = arrows(model, graph);
        let _ = writeln!(dot, "  subgraph cluster_{number} {{");
        let _ = writeln!(dot, "    label={};", quoted(&graph.in_words()));
        let _ = writeln!(dot, "    start{number} [shape=point];\n    start{number} -> s{number}_0;");
        for (at, (node, stays)) in graph.nodes.iter().zip(&loops).enumerate() {
            let frames = if graph.is_end(at) { ", peripheries=2" } else { "" };
            let label = format!("{}\n{} refused", node.label, stays.refused);
            let _ = writeln!(dot, "    s{number}_{at} [label={}{frames}];", quoted(&label));
            if !stays.accepted.is_empty() {
                let names = quoted(&stays.accepted.join("\n"));
                let _ = writeln!(dot, "    s{number}_{at} -> s{number}_{at} [label={names}];");
            }
        }
        for arrow in arrows {
            let names = quoted(&arrow.commands.join("\n"));
            let _ = writeln!(dot, "    s{number}_{} -> s{number}_{} [label={names}];", arrow.from, arrow.to);
        }
        dot.push_str("  }\n");
    }
    dot.push_str("}\n");
    dot
}

/// A quoted text of DOT: quotes and backslashes escaped, lines as `\n`.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}
