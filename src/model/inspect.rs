//! A contract's rules one by one, for those who look for what they do.

use super::interpreted::Interpreted;
use super::law::{complete, fields, lawful};
use super::rules::truth;
use super::{Law, ModelError, World};
use crate::contract::Contract;
use crate::expr::eval;
use crate::language::syntax::Expr;
use crate::language::syntax::contract::{CommandDecl, Invariant};
use crate::protocol::Command;
use crate::value::{Record, Value};

/// Which rules stop a command.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stops {
    /// Those that apply, by their place among the command's rejections, in file order.
    pub rules: Vec<usize>,
    /// Whether it is outside of the law.
    pub lawless: bool,
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
