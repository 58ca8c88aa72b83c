use std::sync::Arc;

use super::chance::Chance;
use crate::contract::{Contract, Lasts, QueryDef};
use crate::protocol::{Command, Query};
use crate::step::{Binding, Draw, Sequence, Step, Submit, Told};
use crate::value::{Name, Record, Value};

/// How many queries of one view are asked, each with other values.
const LOOKS: usize = 3;

/// Puts reads between the commands of a sequence, repeats some of them with a key, lets some demand a version, and reads
/// everything at the end, once all is quiet.
#[expect(missing_debug_implementations, reason = "what the target has is a function")]
pub struct Weave<'a> {
    /// Which queries there are.
    pub contract: &'a Contract,
    /// Which of them, and which commands, the target has.
    pub knows: &'a dyn Fn(&str) -> bool,
    /// Whether keys may be sent.
    pub keys: bool,
    /// Whether versions may be demanded.
    pub versions: bool,
}

impl Weave<'_> {
    /// The sequence with all that; the same for the same seed.
    pub fn weave(&self, sequence: &Sequence, seed: u64) -> Sequence {
        let mut chance = Chance::new(seed);
        let mut woven = Sequence { names: sequence.names.clone(), steps: Vec::new() };
        let mut keys = 0;
        let all = self.reads(&sequence.steps);
        let touched: Vec<Value> = aggregates(&sequence.steps);
        for step in &sequence.steps {
            let Step::Submit(submit) = step else {
                woven.steps.push(step.clone());
                continue;
            };
            if !(self.knows)(&submit.command.name) {
                continue;
            }
            let mut submit = submit.clone();
            if self.versions && !submit.is_demanding() && chance.below(8) == 0 {
                submit.demands = Some(if chance.below(3) == 0 { Told::Last } else { Told::First });
            }
            let again = self.keys && !submit.is_keyed() && chance.below(6) == 0;
            if again {
                // A field of the contract may be called so, too.
                let name = loop {
                    keys += 1;
                    let name = Name::new(format!("key{keys}"));
                    if !woven.names.iter().any(|binding| binding.name == name) {
                        break name;
                    }
                };
                woven.names.push(Binding { name: name.clone(), draw: Draw::Key });
                submit.key = Some(name);
            }
            woven.steps.push(Step::Submit(submit.clone()));
            if again {
                woven.steps.push(Step::Submit(submit));
            }
            if !all.is_empty() && chance.below(3) == 0 {
                woven.steps.push(Step::Ask(all[chance.below(all.len())].clone()));
            }
        }
        if !touched.is_empty() {
            // What a service chooses until something changes shows only to who asks twice.
            let again = all.iter().filter(|query| self.chooses_until_changed(query)).cloned();
            let again: Vec<Query> = again.collect();
            woven.steps.push(Step::Settle);
            woven.steps.extend(all.into_iter().chain(again).map(Step::Ask));
        }
        woven
    }

    fn chooses_until_changed(&self, query: &Query) -> bool {
        let def = self.contract.query(&query.name);
        def.is_some_and(|def| def.lasting().any(|field| field.lasts == Lasts::UntilChanged))
    }

    /// Every query of the aggregates that the steps touch, and the views with values from the steps.
    pub fn reads(&self, steps: &[Step]) -> Vec<Query> {
        let mut reads = Vec::new();
        for on in aggregates(steps) {
            let kind = steps.iter().find_map(|step| match step {
                Step::Submit(submit) if submit.command.on.as_ref() == Some(&on) => {
                    self.contract.command(&submit.command.name).map(|def| &*def.aggregate)
                }
                _ => None,
            });
            let queries = self.contract.queries().filter(|query| query.aggregate.as_deref() == kind);
            for query in queries.filter(|query| (self.knows)(&query.name) && !query.is_view) {
                for fields in filled(query, steps).into_iter().take(1) {
                    reads.push(Query { name: query.name.clone(), on: Some(on.clone()), fields });
                }
            }
        }
        for view in self.contract.queries().filter(|query| query.is_view && (self.knows)(&query.name)) {
            for fields in filled(view, steps) {
                reads.push(Query { name: view.name.clone(), on: None, fields });
            }
        }
        reads
    }
}

/// What a query may be asked with: each field that must be given takes the values that a command's field of the same
/// name has. Empty where there are none.
pub(super) fn filled(query: &QueryDef, steps: &[Step]) -> Vec<Record> {
    let required: Vec<&Arc<str>> =
        query.fields.iter().filter(|field| field.is_required()).map(|field| &field.name).collect();
    if required.is_empty() {
        return vec![Record::new()];
    }
    let columns: Vec<Vec<Value>> = required.iter().map(|name| values(steps, name)).collect();
    let looks = columns.iter().map(Vec::len).min().unwrap_or(0).min(LOOKS);
    (0..looks)
        .map(|at| {
            required
                .iter()
                .zip(&columns)
                .map(|(name, column)| (Arc::clone(name), column[at].clone()))
                .collect()
        })
        .collect()
}

/// The aggregates that commands are on, in order, each once.
fn aggregates(steps: &[Step]) -> Vec<Value> {
    let mut found = Vec::new();
    for step in steps {
        if let Step::Submit(Submit { command: Command { on: Some(on), .. }, .. }) = step
            && !found.contains(on)
        {
            found.push(on.clone());
        }
    }
    found
}

/// The different values that fields of that name have in commands, in order.
fn values(steps: &[Step], name: &str) -> Vec<Value> {
    let mut found: Vec<Value> = Vec::new();
    for step in steps {
        if let Step::Submit(submit) = step
            && let Some(value) = submit.command.fields.get(name)
            && !found.contains(value)
            && match value {
                Value::Text(text) => !text.trim().is_empty(),
                value => value.as_name().is_some(),
            }
        {
            found.push(value.clone());
        }
    }
    found
}
