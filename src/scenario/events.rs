//! Events that are made to happen or must have happened, and read models that are built anew.

use std::sync::Arc;

use super::resolve::Planner;
use super::{Action, Block};
use crate::contract::{Contract, EventDef, RecordType, Type, check_fields};
use crate::language::syntax::{Emitted, EventCall, Ident, Role};
use crate::text::{Code, Diagnostic, did_you_mean};

impl Planner<'_> {
    /// `event OrderConfirmed on $o { … }`
    pub(super) fn event(&mut self, call: &EventCall) -> Action {
        let known = self.variables.known();
        for value in call.on.iter().chain(call.fields.iter().map(|field| &field.value)) {
            known.check(value, self.contract, &mut self.mistakes);
        }
        if let Some(event) = known_event(&call.name, self.contract, &mut self.mistakes) {
            let wrong = check_fields(&call.name.text, &event.fields, &call.fields, call.name.span);
            self.mistakes.extend(wrong);
            if call.on.is_none() {
                let what = format!("{} needs to know what it happens to", call.name.text);
                let mistake = Diagnostic::error(Code::MISSING_AGGREGATE, call.name.span, what);
                self.mistakes.push(mistake.advise(format!("write `event {} on $…`", call.name.text)));
            }
        }
        Action::Seed(call.clone())
    }

    /// `emits nothing`, `emits [A, B { … }]`
    pub(super) fn emits(&mut self, events: &[Emitted]) -> Action {
        for emitted in events {
            let Some(event) = known_event(&emitted.name, self.contract, &mut self.mistakes) else { continue };
            let Some(matcher) = &emitted.fields else { continue };
            self.variables.known().check_matcher(matcher, self.contract, &mut self.mistakes);
            let fields = RecordType {
                name: Some(emitted.name.text.clone()),
                fields: event.fields.clone(),
                open: false,
            };
            let what = format!("what {} carries", emitted.name.text);
            self.mistakes.extend(Type::Record(Arc::new(fields)).check_matcher(&what, matcher));
        }
        Action::Emits(events.to_vec())
    }

    /// `rebuild GetOrderDetails`
    pub(super) fn rebuild(&mut self, query: &Ident) -> Action {
        if self.contract.query(&query.text).is_none() {
            let what = format!("{} has no query `{}`", self.contract.name(), query.text);
            let mistake = Diagnostic::error(Code::UNKNOWN_MESSAGE, query.span, what);
            let names: Vec<&str> = self.contract.queries().map(|query| &*query.name).collect();
            self.mistakes.push(match did_you_mean(&query.text, names.iter().copied()) {
                Some(near) => mistake.suggest(Some(near)),
                None => mistake.advise(format!(
                    "a read model is named by a query that it answers: {}",
                    names.join(", ")
                )),
            });
        }
        Action::Rebuild(query.clone())
    }
}

fn known_event<'a>(
    name: &Ident,
    contract: &'a Contract,
    mistakes: &mut Vec<Diagnostic>,
) -> Option<&'a EventDef> {
    if let Some((_, event)) = contract.event(&name.text) {
        return Some(event);
    }
    let what = format!("{} has no event `{}`", contract.name(), name.text);
    let mistake = Diagnostic::error(Code::UNKNOWN_EVENT, name.span, what);
    let events = contract.aggregates().flat_map(|aggregate| &aggregate.events);
    let names: Vec<&str> = events.map(|event| &*event.name).collect();
    mistakes.push(match did_you_mean(&name.text, names.iter().copied()) {
        Some(near) => mistake.suggest(Some(near)),
        None if names.is_empty() => {
            mistake.advise("the contract declares no events: add `event …` to an aggregate")
        }
        None => mistake.advise(format!("it has {}", names.join(", "))),
    });
    None
}

/// Whether each `emits` of the block has something before it that may have made events happen, to aggregates that are
/// known. `touched` says whether a block before this one has sent a command or made an event happen.
pub(super) fn settle(block: &Block, touched: &mut bool, mistakes: &mut Vec<Diagnostic>) {
    let mut acted = false;
    for step in &block.steps {
        match &*step.action {
            Action::Submit(_) | Action::Resubmit | Action::Race(_) => {
                *touched = true;
                acted |= step.role == Role::When;
            }
            Action::Seed(_) => *touched = true,
            Action::Rebuild(_) => acted |= step.role == Role::When,
            Action::Emits(_) if !(acted && *touched) => {
                let what = "there is no command under `when` before this whose events these could be";
                mistakes.push(Diagnostic::error(Code::NO_COMMAND, step.span, what));
            }
            _ => {}
        }
    }
}
