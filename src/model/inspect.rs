//! A contract's rules one by one, for those who look for what they do.

use super::interpreted::{Interpreted, Reading};
use super::law::{complete, fields, lawful};
use super::rules::truth;
use super::{Law, Met, ModelError, World};
use crate::contract::{Contract, FieldDef};
use crate::expr::eval;
use crate::language::syntax::Expr;
use crate::language::syntax::contract::{CommandDecl, Invariant};
use crate::protocol::{Command, Outcome};
use crate::value::{Record, Value};

/// Which rules stop a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stops {
    /// Those that apply, by their place among the command's rejections, in file order.
    pub rules: Vec<usize>,
    /// Whether it is outside of the law.
    pub lawless: bool,
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

impl Stops {
    /// The rule that alone decides; `in_order` the first one does, but only if the law has nothing to say.
    pub fn alone(&self, in_order: bool) -> Option<usize> {
        match self.rules[..] {
            [rule] => Some(rule),
            [rule, ..] if in_order && !self.lawless => Some(rule),
            _ => None,
        }
    }
}

impl Interpreted {
    /// The names and types that the rules speak of.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The rules of a command. In them `to.balance` is written as `@to.balance`, and `to == self` as `to == self.id`.
    pub fn rules(&self, command: &str) -> Option<&CommandDecl> {
        self.commands.get(command).map(|rules| &rules.decl)
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
        let given = complete(&rules.fields, &command.fields);
        let on = command.on.clone().unwrap_or(Value::Null);
        let own = Value::Record(self.aggregates[rules.aggregate].state(world, &on));
        Ok(eval(expr, &self.names(Some(&own), &given, &rules.fields, world))?)
    }

    /// Which rules stand behind the outcome of a command: those that apply and have the code of its refusal.
    pub(super) fn behind(&self, before: &World<Record>, command: &Command, outcome: &Outcome) -> Option<Met> {
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
        let given = complete(declared, given);
        Ok(eval(expr, &self.names(Some(&own), &given, declared, world))?)
    }

    /// The world behind the command's effect alone: no rejection stops it, and no invariant is asked. Nothing where the law
    /// forbids it, or the rules don't say what comes of it.
    pub fn aftermath(&self, world: &World<Record>, command: &Command) -> Option<World<Record>> {
        let rules = self.commands.get(&*command.name)?;
        let on = command.on.as_ref()?;
        if fields(&rules.fields, &command.fields) != Law::Lawful {
            return None;
        }
        let given = complete(&rules.fields, &command.fields);
        let own = Value::Record(self.aggregates[rules.aggregate].state(world, on));
        let names = self.names(Some(&own), &given, &rules.fields, world);
        let done = self.done(world, rules, on, &names).ok()?;
        (!done.unspecified).then_some(done.world)
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

    /// Which rules stop the command, each looked at for itself. A rule that has no value doesn't apply.
    pub fn stops(&self, world: &World<Record>, command: &Command) -> Result<Stops, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "command", name: command.name.to_string() };
        let rules = self.commands.get(&*command.name).ok_or_else(unknown)?;
        let aggregate = &self.aggregates[rules.aggregate];
        let given = complete(&rules.fields, &command.fields);
        let on = command.on.clone().unwrap_or(Value::Null);
        let own = Value::Record(aggregate.state(world, &on));
        let names = self.names(Some(&own), &given, &rules.fields, world);
        let law = fields(&rules.fields, &command.fields).and(|| lawful(&aggregate.fields.fields[0].ty, &on));
        let applies = rules.decl.rejects.iter().map(|reject| truth(&reject.when, &names).unwrap_or(false));
        let rules = applies.enumerate().filter_map(|(at, applies)| applies.then_some(at)).collect();
        Ok(Stops { rules, lawless: law != Law::Lawful })
    }
}
