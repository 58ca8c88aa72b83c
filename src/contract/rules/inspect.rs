//! A contract's rules one by one, for those who look for what they do.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::interpreted::{Interpreted, Reading};
use super::law::complete;
use super::{Decision, Effect, Law, Met, Model as _, ModelError, World};
use crate::contract::expr::{EvalError, eval, holds};
use crate::contract::{Contract, FieldDef};
use crate::language::syntax::contract::{CommandDecl, Invariant, Set, ShownValue};
use crate::language::syntax::{Expr, ExprKind};
use crate::protocol::{Command, Outcome, Promises};
use crate::value::{Demand, Precision, Record, Value};

/// What stops a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stops {
    /// The rules that apply, by their place among the command's rejections, in file order.
    pub rules: Vec<usize>,
    /// What types say of it.
    pub law: Law,
    /// Whether it demands another version than its aggregate has.
    pub outdated: bool,
    /// The first rule that has no value, and why.
    pub without_value: Option<(usize, EvalError)>,
}

/// Which aggregates a query or view shows: `absent when …`, or `where …`.
#[derive(Clone, Copy, Debug)]
pub struct Filter<'a> {
    /// The query or view.
    pub query: &'a str,
    /// The kind of the aggregates.
    pub aggregate: &'a str,
    /// The condition, by which a view shows, and a query does not.
    pub condition: &'a Expr,
}

/// A field that a query, or the rows of a view, show of an aggregate, and what it is by the rules.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shown<'a> {
    /// The query or view.
    pub(crate) query: &'a Arc<str>,
    /// The field.
    pub(crate) field: &'a Arc<str>,
    /// The kind of the aggregate.
    pub(crate) aggregate: &'a Arc<str>,
    /// Its value.
    pub(crate) value: &'a Expr,
}

impl Stops {
    /// The rule that alone decides; `in_order` the first one does, but only if the law has nothing to say.
    pub fn alone(&self, in_order: bool) -> Option<usize> {
        match self.rules[..] {
            [rule] => Some(rule),
            [rule, ..] if in_order && self.law == Law::Lawful => Some(rule),
            _ => None,
        }
    }
}

impl Interpreted {
    /// The names and types that the rules speak of.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The same rules for a target that can take, or be sent, less than the contract says: what is made up by them is fit for it.
    #[must_use]
    pub fn fit_for(self, promises: &Promises) -> Self {
        let Promises { demands, creations, sent, .. } = promises.clone();
        Self { demands: demands.into(), creations: creations.into(), sent: sent.into(), ..self }
    }

    /// Whether the command can be sent to its aggregate in this world: one that creates others under ids of the target's own has no
    /// way to name what is there.
    pub fn can_be_sent(&self, world: &World<Record>, command: &str, on: &Value) -> bool {
        let kind = || self.contract.command(command).map(|command| &command.aggregate);
        !self.creations.contains(command) || kind().is_none_or(|kind| world.get(kind, on).is_none())
    }

    /// What the target asks of values in fields of these names.
    pub(crate) fn demands(&self) -> &Arc<BTreeMap<Arc<str>, Demand>> {
        &self.demands
    }

    /// How finely the target is sent the moments in a command's fields; to the millisecond where nobody says.
    pub(crate) fn sent_to(&self, command: &str, path: &[&str]) -> Precision {
        let told = self.sent.get(command).cloned().unwrap_or_default();
        path.iter().fold(told, |told, field| told.within(field)).here().unwrap_or(Precision::Millisecond)
    }

    /// The rules of a command. In them `to.balance` is written as `@to.balance`, `to == self` as
    /// `to == self.id`, and a member of an enum as a text.
    pub fn rules(&self, command: &str) -> Option<&CommandDecl> {
        self.commands.get(command).map(|rules| &rules.decl)
    }

    /// All that a command may set: by itself, or with the events it emits.
    pub(crate) fn sets(&self, command: &str) -> impl Iterator<Item = &Set> {
        self.commands.get(command).into_iter().flat_map(|rules| {
            let events = &self.aggregates[rules.aggregate].events;
            let emitted = rules.decl.emits.iter().filter_map(|emit| events.get(&emit.event.text));
            rules.decl.sets.iter().chain(emitted.flat_map(|event| &event.sets))
        })
    }

    /// The invariants of an aggregate.
    pub fn invariants(&self, aggregate: &str) -> &[Invariant] {
        let found = self.aggregates.iter().find(|found| *found.name == *aggregate);
        found.map_or(&[], |aggregate| &aggregate.invariants)
    }

    /// What the aggregate of that kind and id remembers; what it starts as if nothing has happened to it.
    pub fn state(&self, world: &World<Record>, aggregate: &str, id: &Value) -> Option<Record> {
        let found = self.aggregates.iter().find(|found| *found.name == *aggregate)?;
        Some(found.state(world, id))
    }

    /// The value of an expression in one of the command's rules, for this very command.
    pub fn value(&self, world: &World<Record>, command: &Command, expr: &Expr) -> Result<Value, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "command", name: command.name.to_string() };
        let rules = self.commands.get(&*command.name).ok_or_else(unknown)?;
        let given = complete(&rules.fields, command.fields.clone());
        let on = command.on.clone().unwrap_or(Value::Null);
        let own = Value::Record(self.aggregates[rules.aggregate].state(world, &on));
        Ok(eval(expr, &self.names(Some(&own), &given, &rules.fields, world))?)
    }

    /// Which rules stand behind the outcome of a command: those that apply and have the code of its refusal.
    pub(super) fn reasons(
        &self,
        before: &World<Record>,
        command: &Command,
        outcome: &Outcome,
    ) -> Option<Met> {
        let code = match outcome {
            Outcome::Accepted(_) => return Some(Met::default()),
            Outcome::Rejected(rejection) => rejection.code.as_deref()?,
            Outcome::Unknown(_) | Outcome::NotSent(_) => return None,
        };
        let decl = self.rules(&command.name)?;
        let stops = self.stops(before, command).ok()?;
        let alone = stops.alone(decl.in_order.is_some());
        let told = |rule: &usize| decl.rejects.get(*rule).is_some_and(|reject| *reject.code.text == *code);
        let rules = match alone {
            Some(rule) => Some(rule).into_iter().filter(told).collect(),
            None => stops.rules.iter().copied().filter(told).collect::<Vec<_>>(),
        };
        Some(Met { alone: alone.is_some() && !rules.is_empty(), rules, transition: None })
    }

    /// The value of an expression about one aggregate, with what a query is asked with.
    pub fn value_of(
        &self,
        world: &World<Record>,
        (aggregate, id): (&str, &Value),
        declared: &[FieldDef],
        given: &Record,
        expr: &Expr,
    ) -> Result<Value, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "aggregate", name: aggregate.to_owned() };
        let own = Value::Record(self.state(world, aggregate, id).ok_or_else(unknown)?);
        let given = complete(declared, given.clone());
        Ok(eval(expr, &self.names(Some(&own), &given, declared, world))?)
    }

    /// The world behind the command's effect alone: no rejection stops it, and no invariant is asked. Nothing where the law
    /// forbids it, or the rules don't say what comes of it.
    pub fn aftermath(&self, world: &World<Record>, command: &Command) -> Option<World<Record>> {
        let asked = self.asked(world, command).ok().flatten()?;
        let done = (asked.law() == Law::Lawful).then(|| asked.done())?.ok()?;
        (!done.unspecified).then_some(done.world)
    }

    /// Which commands set, to something that they carry, what which field of a query shows, or of a row that shows whose it is.
    pub(super) fn shown_effects(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        for command in self.contract.commands() {
            let carried = self.sets(&command.name).filter(|set| speaks_of_more_than(&set.value, "self"));
            let set: Vec<&str> = carried.filter_map(|set| Some(&*set.path.last()?.text)).collect();
            for query in self.contract.queries() {
                let Some(rules) = self.queries.get(&query.name) else { continue };
                let shows = match &rules.rules {
                    Reading::One(decl) => decl.shows.as_ref(),
                    Reading::Many(decl) => decl.shows.as_ref().filter(|_| query.id_field.is_some()),
                };
                let own = self.aggregates[rules.aggregate].name == command.aggregate;
                for field in shows.filter(|_| own).into_iter().flat_map(|shows| &shows.fields) {
                    let ShownValue::Computed(value) = &field.value else { continue };
                    if set.iter().any(|state| reads(value, state)) {
                        effects.push(Effect {
                            command: command.name.clone(),
                            query: query.name.clone(),
                            field: field.name.text.clone(),
                        });
                    }
                }
            }
        }
        effects
    }

    /// The kind of the aggregates that a query or view shows.
    pub fn kind_shown(&self, query: &str) -> Option<&Arc<str>> {
        self.queries.get(query).map(|rules| &self.aggregates[rules.aggregate].name)
    }

    /// The conditions that decide whether queries and views show an aggregate.
    pub fn filters(&self) -> impl Iterator<Item = Filter<'_>> {
        // In the order of the contract, not in that of a table.
        self.contract.queries().filter_map(|def| {
            let rules = self.queries.get(&def.name)?;
            let condition = match &rules.rules {
                Reading::One(decl) => decl.absent_when.as_ref()?,
                Reading::Many(decl) => decl.filter.as_ref()?,
            };
            Some(Filter { query: &def.name, aggregate: &self.aggregates[rules.aggregate].name, condition })
        })
    }

    /// What queries and the rows of views show of an aggregate, as the rules work it out.
    pub(crate) fn shown(&self) -> impl Iterator<Item = Shown<'_>> {
        let known = self.contract.queries().filter_map(|def| Some((&def.name, self.queries.get(&def.name)?)));
        known.flat_map(|(query, rules)| {
            let shows = match &rules.rules {
                Reading::One(decl) => decl.shows.as_ref(),
                Reading::Many(decl) => decl.shows.as_ref(),
            };
            let aggregate = &self.aggregates[rules.aggregate].name;
            let fields = shows.into_iter().flat_map(|shows| &shows.fields);
            fields.filter_map(move |field| match &field.value {
                ShownValue::Computed(value) => {
                    Some(Shown { query, field: &field.name.text, aggregate, value })
                }
                ShownValue::Chosen(..) => None,
            })
        })
    }

    /// Which rules stop the command, each looked at for itself. A rule that has no value doesn't apply.
    pub fn stops(&self, world: &World<Record>, command: &Command) -> Result<Stops, ModelError> {
        let Some(asked) = self.asked(world, command)? else {
            let law = Law::Unlawful("it is on no aggregate".into());
            return Ok(Stops { rules: Vec::new(), law, outdated: false, without_value: None });
        };
        let (law, outdated) = (asked.law(), asked.is_current() == Some(false));
        let mut stops = Stops { rules: Vec::new(), law, outdated, without_value: None };
        let names = asked.names();
        for (at, reject) in asked.rules.decl.rejects.iter().enumerate() {
            match holds(&reject.when, &names) {
                Ok(true) => stops.rules.push(at),
                Err(error) if stops.without_value.is_none() => stops.without_value = Some((at, error)),
                Ok(false) | Err(_) => {}
            }
        }
        Ok(stops)
    }

    /// Which of these rules of a command apply to an aggregate, for rules that look at its state alone. One that has no value
    /// doesn't apply.
    pub(crate) fn guarding(
        &self,
        world: &World<Record>,
        command: &str,
        on: &Value,
        rules: &[usize],
    ) -> Vec<usize> {
        let Some(known) = self.commands.get(command) else { return Vec::new() };
        let own = Value::Record(self.aggregates[known.aggregate].state(world, on));
        let none = Record::new();
        let names = self.names(Some(&own), &none, &known.fields, world);
        let applies = |rule: &usize| {
            known.decl.rejects.get(*rule).is_some_and(|reject| holds(&reject.when, &names) == Ok(true))
        };
        rules.iter().copied().filter(applies).collect()
    }

    /// The world behind a command where the rules accept it, whatever else they may say.
    pub fn accepting(&self, world: &World<Record>, command: &Command) -> Option<World<Record>> {
        self.decide(world, command).ok()?.into_iter().find_map(|decision| match decision {
            Decision::Accepted(acceptance) => Some(acceptance.world),
            Decision::Rejected(_) => None,
        })
    }

    /// The world behind a command that nothing stops; nothing for one that is on no aggregate. What would stop it is not
    /// looked at.
    pub fn behind(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Option<World<Record>>, ModelError> {
        let asked = self.asked(world, command)?;
        asked.map(|asked| asked.accepted().map(|acceptance| acceptance.world)).transpose()
    }

    /// Whether the rules don't say what comes of a command that nothing stops: it has no effect that they name, or several
    /// that contradict each other, as a transfer to oneself has. Whatever a target does then is right.
    pub fn leaves_open(&self, world: &World<Record>, command: &Command) -> bool {
        let done = self.asked(world, command).ok().flatten().and_then(|asked| asked.done().ok());
        done.is_some_and(|done| done.unspecified)
    }
}

/// Whether an expression has another name in it.
fn speaks_of_more_than(expr: &Expr, name: &str) -> bool {
    let mut found = false;
    expr.walk(&mut |part| found |= matches!(&part.kind, ExprKind::Name(known) if *known.text != *name));
    found
}

/// Whether an expression reads that state of its aggregate.
fn reads(expr: &Expr, state: &str) -> bool {
    let mut found = false;
    expr.walk(&mut |part| {
        found |= match &part.kind {
            ExprKind::Field(of, name) => {
                *name.text == *state && matches!(&of.kind, ExprKind::Name(own) if &*own.text == "self")
            }
            // Short for `self.items`.
            ExprKind::Name(name) => *name.text == *state,
            _ => false,
        };
    });
    found
}
