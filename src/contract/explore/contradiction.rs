//! Rules that contradict themselves or each other, as exploration finds them.

use std::collections::HashSet;
use std::sync::Arc;

use super::graph::{Fired, Graph};
use crate::contract::rules::{Interpreted, ModelError};
use crate::contract::{Contract, Type};
use crate::protocol::Command;
use crate::text::{Code, Diagnostic};
use crate::value::Value;

/// How many commands of a path are told.
const TOLD: usize = 6;

/// What the graphs say against the contract. What contradicts itself at a command that was found is an error, with the
/// shortest way there; what was never found is a warning, since exploration doesn't try every value.
pub fn contradictions(model: &Interpreted, graphs: &[Graph]) -> Vec<Diagnostic> {
    let mut told = Vec::new();
    for graph in graphs {
        broken(graph, &mut told);
        commands(model, graph, &mut told);
        members(model, graph, &mut told);
    }
    told
}

fn broken(graph: &Graph, told: &mut Vec<Diagnostic>) {
    for broken in &graph.broken {
        let mut path = graph.path(broken.from);
        path.push(&broken.sent);
        let (code, span) = match &broken.error {
            ModelError::Invariant { span, .. } => (Code::BROKEN_INVARIANT, *span),
            ModelError::Unlawful { span, .. } => (Code::UNLAWFUL_EFFECT, *span),
            ModelError::Rule(error) => (Code::RULE_WITHOUT_VALUE, error.span),
            ModelError::UnknownMessage { .. } => continue,
        };
        if told.iter().any(|known| known.code == code && known.span == span) {
            continue;
        }
        let advice = format!("the shortest way there: {}", in_words(&path));
        // A number that has grown too large to be exact is no contradiction.
        let told_as = if code == Code::RULE_WITHOUT_VALUE { Diagnostic::warning } else { Diagnostic::error };
        told.push(told_as(code, span, broken.error.to_string()).advise(advice));
    }
}

fn commands(model: &Interpreted, graph: &Graph, told: &mut Vec<Diagnostic>) {
    let own = |kind: &str| graph.subjects.iter().any(|subject| *subject.kind == *kind);
    for def in model.contract().commands().filter(|command| own(&command.aggregate)) {
        let Some(rules) = model.rules(&def.name) else { continue };
        let name: Arc<str> = def.name.clone();
        let tried = graph.tried.get(&name).copied().unwrap_or(0);
        let breaks = graph.broken.iter().any(|broken| broken.sent.name == name);
        let led_to = |fired| graph.ways.iter().any(|way| way.is_to(&name, fired));
        let accepted = led_to(Fired::Accepted)
            || graph.edges.iter().any(|edge| edge.sent.name == name && edge.fired == Fired::Accepted);
        let mut always = false;
        for (at, reject) in rules.rejects.iter().enumerate() {
            let applied = graph.applied.get(&(name.clone(), at)).copied().unwrap_or(0);
            let (code, message) = if applied == 0 && !led_to(Fired::Alone(at)) {
                (Code::NEVER_REJECTS, format!("`{}` never stops `{name}`", reject.code.text))
            } else if applied > 0 && applied == tried && !accepted {
                always = true;
                (Code::ALWAYS_REJECTS, format!("`{}` stops every `{name}`", reject.code.text))
            } else {
                continue;
            };
            told.push(searched(graph, Diagnostic::warning(code, reject.when.span, message)));
        }
        if !accepted && !always && !breaks && tried > 0 {
            let message = format!("`{name}` is never accepted");
            told.push(searched(graph, Diagnostic::warning(Code::NEVER_ACCEPTED, def.span, message)));
        }
    }
}

/// Members of enums that no state reaches.
fn members(model: &Interpreted, graph: &Graph, told: &mut Vec<Diagnostic>) {
    let kinds: HashSet<&str> = graph.subjects.iter().map(|subject| &*subject.kind).collect();
    let contract: &Contract = model.contract();
    for aggregate in contract.aggregates().filter(|aggregate| kinds.contains(&*aggregate.name)) {
        // Of what a command does that the rules leave open, nothing can be said.
        let open = contract.commands().filter(|command| command.aggregate == aggregate.name);
        let open = open.filter_map(|command| model.rules(&command.name));
        if open
            .into_iter()
            .any(|rules| rules.emits.is_empty() && rules.sets.is_empty() && rules.no_effect.is_none())
        {
            continue;
        }
        for field in &aggregate.state.fields {
            let Type::Enum(members) = &field.ty else { continue };
            let mut reached = HashSet::new();
            for node in &graph.nodes {
                for subject in graph.subjects.iter().filter(|subject| *subject.kind == *aggregate.name) {
                    let state = model.state(&node.world, &subject.kind, &subject.id);
                    reached.extend(state.and_then(|state| state.get(&field.name).cloned()));
                }
            }
            for world in graph.ways.iter().flat_map(|way| way.worlds(model)) {
                let own = world.entries().iter().filter(|entry| entry.aggregate == aggregate.name);
                reached.extend(own.filter_map(|entry| entry.state.get(&field.name).cloned()));
            }
            for member in members.iter().filter(|member| !reached.contains(&Value::from(&***member))) {
                let message = format!("`{}` is never `{member}`", field.name);
                told.push(searched(graph, Diagnostic::warning(Code::UNREACHED_MEMBER, field.span, message)));
            }
        }
    }
}

/// Says how far it was looked.
fn searched(graph: &Graph, told: Diagnostic) -> Diagnostic {
    let more = if graph.cut { ", and there are more states than were looked at" } else { "" };
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for subject in &graph.subjects {
        match kinds.last_mut() {
            Some((kind, count)) if **kind == *subject.kind => *count += 1,
            _ => kinds.push((&subject.kind, 1)),
        }
    }
    let among: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    told.advise(format!(
        "none of {} commands in {} states of {} was found that shows otherwise{more}",
        graph.inputs,
        graph.nodes.len(),
        among.join(" and ")
    ))
}

/// `OpenAccount on $account1 { owner: "$owner1" }, then …`.
fn in_words(path: &[&Command]) -> String {
    let one = |command: &&Command| {
        let on = command.on.as_ref().map(ToString::to_string).unwrap_or_default();
        let fields = if command.fields.is_empty() {
            String::new()
        } else {
            format!(" {}", Value::Record(command.fields.clone()).brief(80))
        };
        format!("{} on {on}{fields}", command.name)
    };
    let left_out = path.len().saturating_sub(TOLD);
    let mut words: Vec<String> = path.iter().skip(left_out).map(one).collect();
    if left_out > 0 {
        words.insert(0, format!("{left_out} commands"));
    }
    words.join(", then ")
}
