//! What may become of a command.

use std::sync::Arc;

use super::interpreted::{Aggregate, CommandRules, Interpreted};
use super::law::{complete, fields, lawful};
use super::names::{Names, referred};
use super::{Acceptance, Decision, Entry, Law, ModelError, World};
use crate::contract::FieldDef;
use crate::expr::{EvalError, eval};
use crate::language::syntax::Expr;
use crate::language::syntax::contract::{Emit, Set};
use crate::protocol::{Command, Event, Expected as Wanted, Version};
use crate::text::Code;
use crate::value::{Record, Value};

/// The refusal of what is outside of the law.
const MALFORMED: &str = "Malformed";
/// The refusal of a command that demands another version.
const CONFLICT: &str = "ConcurrencyConflict";

impl Interpreted {
    pub(super) fn outcomes(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Vec<Decision<Record>>, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "command", name: command.name.to_string() };
        let rules = self.commands.get(&*command.name).ok_or_else(unknown)?;
        let aggregate = &self.aggregates[rules.aggregate];
        let Some(on) = &command.on else { return Ok(vec![Decision::Rejected(MALFORMED.into())]) };
        let given = complete(&rules.fields, &command.fields);
        let own = Value::Record(aggregate.state(world, on));
        let names = self.names(Some(&own), &given, &rules.fields, world);
        let id_law = lawful(&aggregate.fields.fields[0].ty, on);
        let law = fields(&rules.fields, &command.fields).and(|| id_law);
        let lawless = matches!(law, Law::Unlawful(_));
        let mut refusals = refusals(rules, &names, lawless)?;
        let refused = !refusals.is_empty();
        if law != Law::Lawful {
            refusals.push(MALFORMED.into());
        }
        let version = world.get(&aggregate.name, on).map_or(0, |entry| entry.version);
        let demanded = match &command.expected {
            Wanted::Any => true,
            Wanted::Exactly(Version::Number(number)) => *number == version,
            Wanted::Exactly(Version::Opaque(_)) => false,
        };
        if !demanded {
            refusals.push(CONFLICT.into());
        }
        let opaque = matches!(&command.expected, Wanted::Exactly(Version::Opaque(_)));
        let stopped = lawless || refused || (!demanded && !opaque);
        let mut decisions = Vec::new();
        if !stopped {
            let acceptance = self.accept(world, (command, rules), on, &names)?;
            decisions.push(Decision::Accepted(acceptance));
        }
        decisions.extend(refusals.into_iter().map(Decision::Rejected));
        Ok(decisions)
    }

    /// What would come of the command if no rule stopped it; nothing where the law does, or where it has no value.
    pub(super) fn effect(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Option<Acceptance<Record>>, ModelError> {
        match self.unchecked(world, command) {
            Some(Ok(acceptance)) => Ok(Some(acceptance)),
            // Behind a rule that is not kept, an invariant may not hold either: then nobody says what comes of it.
            None | Some(Err(ModelError::Invariant { .. } | ModelError::Unlawful { .. })) => Ok(None),
            Some(Err(error)) => Err(error),
        }
    }

    /// Whether `command`, accepted against its rules, would lead to where an invariant says that nothing ever leads.
    pub fn breaks_invariant(&self, world: &World<Record>, command: &Command) -> bool {
        matches!(self.unchecked(world, command), Some(Err(ModelError::Invariant { .. })))
    }

    /// What comes of a command whatever its rules say; nothing where it isn't one by the law.
    fn unchecked(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Option<Result<Acceptance<Record>, ModelError>> {
        let (Some(rules), Some(on)) = (self.commands.get(&*command.name), &command.on) else {
            return None;
        };
        if matches!(fields(&rules.fields, &command.fields), Law::Unlawful(_)) {
            return None;
        }
        let given = complete(&rules.fields, &command.fields);
        let own = Value::Record(self.aggregates[rules.aggregate].state(world, on));
        let names = self.names(Some(&own), &given, &rules.fields, world);
        Some(self.accept(world, (command, rules), on, &names))
    }

    /// The world behind an event, as its `set`s say; nothing where the rules don't say what comes of it.
    ///
    /// # Errors
    /// When the contract has no such event, or its rules can't be evaluated for what it holds.
    pub fn evolve(&self, world: &World<Record>, event: &Event) -> Result<Option<World<Record>>, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "event", name: event.name.to_string() };
        let mut all = self.aggregates.iter();
        let aggregate =
            all.find(|aggregate| aggregate.events.contains_key(&*event.name)).ok_or_else(unknown)?;
        let rules = &aggregate.events[&*event.name];
        let carried = complete(&rules.fields, &event.fields);
        let mut behind = world.clone();
        let certain =
            self.apply(&mut behind, (aggregate, &event.on), &rules.sets, (&carried, &rules.fields))?;
        Ok(certain.then_some(behind))
    }

    /// Whether the events alone tell what has become of each aggregate: no command sets anything by itself, and each
    /// that has an effect says which events it emits.
    pub fn is_told_by_events(&self) -> bool {
        self.commands.values().all(|rules| {
            let decl = &rules.decl;
            decl.sets.is_empty() && (!decl.emits.is_empty() || decl.no_effect.is_some())
        })
    }

    pub(super) fn names<'a>(
        &'a self,
        own: Option<&'a Value>,
        given: &'a Record,
        declared: &'a [FieldDef],
        world: &'a World<Record>,
    ) -> Names<'a> {
        Names { own, fields: given, declared, world, aggregates: &self.aggregates, all: None }
    }

    /// What comes of the command, by which every invariant still holds.
    fn accept(
        &self,
        world: &World<Record>,
        (command, rules): (&Command, &CommandRules),
        on: &Value,
        names: &Names<'_>,
    ) -> Result<Acceptance<Record>, ModelError> {
        let done = self.done(world, rules, on, names)?;
        if !done.unspecified {
            self.hold(world, &done.world, command)?;
        }
        Ok(done)
    }

    /// What comes of the command: its own `set`s, then each event's, in file order.
    pub(super) fn done(
        &self,
        world: &World<Record>,
        rules: &CommandRules,
        on: &Value,
        names: &Names<'_>,
    ) -> Result<Acceptance<Record>, ModelError> {
        let decl = &rules.decl;
        let unsaid = decl.emits.is_empty() && decl.sets.is_empty();
        if unsaid {
            let unspecified = decl.no_effect.is_none();
            return Ok(Acceptance { world: world.clone(), events: Vec::new(), unspecified });
        }
        let aggregate = &self.aggregates[rules.aggregate];
        let mut acceptance = Acceptance { world: world.clone(), events: Vec::new(), unspecified: false };
        let mut certain = true;
        if !decl.sets.is_empty() {
            certain &= self.apply(
                &mut acceptance.world,
                (aggregate, on),
                &decl.sets,
                (names.fields, &rules.fields),
            )?;
        }
        for emit in &decl.emits {
            let Some(event) = aggregate.events.get(&emit.event.text) else { continue };
            let carried = complete(&event.fields, &carried(emit, names)?);
            certain &=
                self.apply(&mut acceptance.world, (aggregate, on), &event.sets, (&carried, &event.fields))?;
            acceptance.events.push(Event {
                name: (&*emit.event.text).into(),
                on: on.clone(),
                fields: carried,
                version: None,
                position: None,
                id: None,
                causation: None,
            });
        }
        acceptance.unspecified = !certain;
        Ok(acceptance)
    }

    /// Does all of `sets` at once: each reads the state before. Returns whether the rules say what comes of it; they
    /// don't where a value is the service's choice, or where an aggregate is set through a reference to itself.
    fn apply(
        &self,
        world: &mut World<Record>,
        (aggregate, on): (&Aggregate, &Value),
        sets: &[Set],
        (given, declared): (&Record, &[FieldDef]),
    ) -> Result<bool, ModelError> {
        let before = world.clone();
        let own = Value::Record(aggregate.state(&before, on));
        let names = self.names(Some(&own), given, declared, &before);
        let mut changed: Vec<(&Aggregate, Value, Record)> =
            vec![(aggregate, on.clone(), aggregate.state(&before, on))];
        let mut certain = !declared.iter().any(|field| field.chosen && !given.contains(&field.name));
        for set in sets.iter().filter(|_| certain) {
            let value = eval(&set.value, &names)?;
            let (at, state) = match &*set.path {
                [state] => (0, state),
                [field, state] if referred(declared, &field.text).is_some() => {
                    match self.other(&before, (given, declared), &field.text, &mut changed) {
                        Some(at) => (at, state),
                        None => {
                            certain = false;
                            break;
                        }
                    }
                }
                _ => return Err(nowhere(set)),
            };
            let (aggregate, _, record) = &mut changed[at];
            let ty = aggregate.fields.field(&state.text).map(|field| &field.ty);
            if let Some(Law::Unlawful(why)) = ty.map(|ty| lawful(ty, &value)) {
                return Err(ModelError::Unlawful { state: state.text.to_string(), why, span: set.span });
            }
            record.insert(&*state.text, value);
        }
        if !certain {
            changed.truncate(1);
            changed[0].2 = aggregate.state(&before, on);
        }
        for (aggregate, id, state) in changed {
            let version = before.get(&aggregate.name, &id).map_or(0, |entry| entry.version) + 1;
            world.put(Entry { aggregate: aggregate.name.clone(), id, state, version });
        }
        Ok(certain)
    }

    /// The place in `changed` of the aggregate that `field` refers to; nothing if that is the one the command is on.
    fn other<'a>(
        &'a self,
        before: &World<Record>,
        (given, declared): (&Record, &[FieldDef]),
        field: &str,
        changed: &mut Vec<(&'a Aggregate, Value, Record)>,
    ) -> Option<usize> {
        let id = given.get(field)?;
        let name = referred(declared, field)?;
        let aggregate = self.aggregates.iter().find(|aggregate| *aggregate.name == *name)?;
        let same = |(known, known_id, _): &(&Aggregate, Value, Record)| {
            known.name == aggregate.name && known_id == id
        };
        match changed.iter().position(same) {
            Some(0) => None,
            Some(at) => Some(at),
            None => {
                changed.push((aggregate, id.clone(), aggregate.state(before, id)));
                Some(changed.len() - 1)
            }
        }
    }

    /// Every invariant of every aggregate that is not as it was.
    fn hold(
        &self,
        before: &World<Record>,
        after: &World<Record>,
        command: &Command,
    ) -> Result<(), ModelError> {
        for entry in after.entries() {
            let Some(aggregate) = self.aggregates.iter().find(|aggregate| aggregate.name == entry.aggregate)
            else {
                continue;
            };
            if aggregate.invariants.is_empty() || before.get(&entry.aggregate, &entry.id) == Some(entry) {
                continue;
            }
            let (own, none) = (Value::Record(entry.state.clone()), Record::new());
            let names = self.names(Some(&own), &none, &[], after);
            for invariant in &aggregate.invariants {
                if !truth(&invariant.condition, &names)? {
                    return Err(ModelError::Invariant {
                        command: command.name.to_string(),
                        invariant: invariant.name.node.to_string(),
                        span: invariant.span,
                    });
                }
            }
        }
        Ok(())
    }
}

/// The declared rejections that apply. What the law forbids may have no value in some rules; those don't apply.
fn refusals(rules: &CommandRules, names: &Names<'_>, lawless: bool) -> Result<Vec<Arc<str>>, ModelError> {
    let mut refusals: Vec<Arc<str>> = Vec::new();
    for reject in &rules.decl.rejects {
        let applies = match truth(&reject.when, names) {
            Err(_) if lawless => false,
            applies => applies?,
        };
        if applies && !refusals.iter().any(|code| **code == *reject.code.text) {
            refusals.push((&*reject.code.text).into());
            if rules.decl.in_order.is_some() {
                break;
            }
        }
    }
    Ok(refusals)
}

/// What `emit` says that the event carries.
fn carried(emit: &Emit, names: &Names<'_>) -> Result<Record, EvalError> {
    emit.fields.iter().map(|field| Ok((&*field.name.text, eval(&field.value, names)?))).collect()
}

/// A condition, which must be true or false.
pub(super) fn truth(condition: &Expr, names: &Names<'_>) -> Result<bool, EvalError> {
    let value = eval(condition, names)?;
    value.as_bool().ok_or_else(|| {
        let message = format!("a condition must be true or false, not {}", value.brief(60));
        EvalError::new(Code::WRONG_KIND, condition.span, message)
    })
}

fn nowhere(set: &Set) -> ModelError {
    let path: Vec<&str> = set.path.iter().map(|name| &*name.text).collect();
    let message = format!("`{}` is no state that can be set", path.join("."));
    EvalError::new(Code::UNKNOWN_STATE, set.span, message)
        .fix("set a state, or the state of an aggregate that a field refers to")
        .into()
}
