//! Everything a contract declares, each name once.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::members;
use super::types::{Types, is_built_in};
use crate::contract::names::infer::shown;
use crate::contract::{AggregateDef, CommandDef, Contract, RecordType, Type};
use crate::language::Sink;
use crate::language::syntax::contract::{AggregateDecl, CommandDecl};
use crate::language::syntax::{ContractFile, Ident};
use crate::text::{Code, Diagnostic, Span};

pub(super) fn contract(file: &ContractFile, out: &mut Sink) -> Contract {
    unique_names(file, out);
    let mut contract = Contract {
        name: file.name.as_ref().map_or_else(Arc::default, |name| name.text.clone()),
        ..Contract::default()
    };
    let mut types = Types::new(file, out);
    for decl in &file.types {
        let ty = types.declared(decl);
        contract.types.insert(&decl.name.text, ty);
    }
    for decl in &file.aggregates {
        let state = states(decl, &mut types);
        let aggregate =
            AggregateDef { name: decl.name.text.clone(), state, events: Vec::new(), span: decl.name.span };
        contract.aggregates.insert(&decl.name.text, aggregate);
        for command in &decl.commands {
            let fields = types.fields(&command.fields);
            let mut rejections: Vec<Arc<str>> = Vec::new();
            for reject in &command.rejects {
                contract.rejections.insert(&reject.code.text, ());
                if !rejections.contains(&reject.code.text) {
                    rejections.push(reject.code.text.clone());
                }
            }
            let def = CommandDef {
                name: command.name.text.clone(),
                aggregate: decl.name.text.clone(),
                fields,
                rejections,
                effects: effects(command),
                span: command.name.span,
            };
            contract.commands.insert(&command.name.text, def);
        }
    }
    // What events carry and queries show depends on states and commands, also of other aggregates.
    let events = members::events(&contract, file, &mut types);
    for (name, events) in events {
        contract
            .aggregates
            .get_mut(name)
            .into_iter()
            .for_each(|aggregate| aggregate.events.clone_from(&events));
    }
    for query in members::queries(&contract, file, &mut types) {
        let name = query.name.clone();
        contract.queries.insert(&name, query);
    }
    contract
}

fn states<'a>(decl: &'a AggregateDecl, types: &mut Types<'a>) -> Arc<RecordType> {
    let mut fields = vec![shown(&"id".into(), Type::Reference((*decl.name.text).into()), decl.name.span)];
    for state in &decl.states {
        let ty = types.resolve(&state.ty);
        let mut field = shown(&state.name.text, ty, state.name.span);
        field.default.clone_from(&state.default);
        fields.push(field);
    }
    Arc::new(RecordType { name: None, fields, open: false })
}

fn unique_names(file: &ContractFile, out: &mut Sink) {
    let mut types = Seen::new("a type or aggregate", out);
    for name in file.types.iter().map(|decl| &decl.name).chain(file.aggregates.iter().map(|decl| &decl.name))
    {
        if is_built_in(&name.text) {
            let message = format!("`{}` is a type of the language", name.text);
            types.out.push(|| {
                Diagnostic::error(Code::DUPLICATE_NAME, name.span, message).advise("choose another name")
            });
        }
        types.add(name);
    }
    // A step names commands and queries alike.
    let mut messages = Seen::new("a command, query or view", out);
    for aggregate in &file.aggregates {
        aggregate.commands.iter().for_each(|command| messages.add(&command.name));
        aggregate.queries.iter().for_each(|query| messages.add(&query.name));
    }
    file.views.iter().for_each(|view| messages.add(&view.name));
    for aggregate in &file.aggregates {
        let mut events = Seen::new("an event", out);
        aggregate.events.iter().for_each(|event| events.add(&event.name));
        let mut states = Seen::new("a state", out);
        aggregate.states.iter().for_each(|state| states.add(&state.name));
        for state in &aggregate.states {
            if &*state.name.text == "id" {
                let message = "every aggregate has an `id`";
                out.push(|| {
                    Diagnostic::error(Code::DUPLICATE_NAME, state.name.span, message)
                        .advise("delete this state, or choose another name")
                });
            }
        }
        let mut invariants = Seen::new("an invariant", out);
        for invariant in &aggregate.invariants {
            invariants.add(&Ident { text: invariant.name.node.clone(), span: invariant.name.span });
        }
    }
}

/// Names of one kind, and where each was seen first.
struct Seen<'a> {
    what: &'static str,
    first: HashMap<Arc<str>, Span>,
    out: &'a mut Sink,
}

impl<'a> Seen<'a> {
    fn new(what: &'static str, out: &'a mut Sink) -> Self {
        Self { what, first: HashMap::new(), out }
    }

    fn add(&mut self, name: &Ident) {
        if let Some(first) = self.first.get(&name.text) {
            let message = format!("there is already {} called `{}`", self.what, name.text);
            self.out.push(|| {
                Diagnostic::error(Code::DUPLICATE_NAME, name.span, message)
                    .related(*first, "the first one")
                    .advise("choose another name")
            });
            return;
        }
        self.first.insert(name.text.clone(), name.span);
    }
}

/// Events are told one by one; what a command sets without one is told aggregate by aggregate.
fn effects(command: &CommandDecl) -> usize {
    let set: BTreeSet<_> = command
        .sets
        .iter()
        .map(|set| if set.path.len() > 1 { set.path.first().map(|field| &*field.text) } else { None })
        .collect();
    command.emits.len() + set.len()
}
