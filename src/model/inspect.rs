//! A contract's rules one by one, for those who look for what they do.

use super::interpreted::Interpreted;
use super::law::complete;
use super::rules::truth;
use super::{Law, ModelError, World};
use crate::contract::Contract;
use crate::expr::{EvalError, eval};
use crate::language::syntax::Expr;
use crate::language::syntax::contract::{CommandDecl, Invariant};
use crate::protocol::Command;
use crate::value::{Record, Value};

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

impl Interpreted {
    /// The names and types that the rules speak of.
    pub fn contract(&self) -> &Contract {
        &self.contract
    }

    /// The rules of a command. In them `to.balance` is written as `@to.balance`, `to == self` as
    /// `to == self.id`, and a member of an enum as a text.
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
        let Some(asked) = self.asked(world, command)? else {
            let law = Law::Unlawful("it is on no aggregate".into());
            return Ok(Stops { rules: Vec::new(), law, outdated: false, without_value: None });
        };
        let (law, outdated) = (asked.law(), asked.is_current() == Some(false));
        let mut stops = Stops { rules: Vec::new(), law, outdated, without_value: None };
        let names = asked.names();
        for (at, reject) in asked.rules.decl.rejects.iter().enumerate() {
            match truth(&reject.when, &names) {
                Ok(true) => stops.rules.push(at),
                Err(error) if stops.without_value.is_none() => stops.without_value = Some((at, error)),
                Ok(false) | Err(_) => {}
            }
        }
        Ok(stops)
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
}
