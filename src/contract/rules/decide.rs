//! What may become of a command.

use super::interpreted::{Aggregate, CommandRules, Interpreted};
use super::law::{complete, fields, lawful};
use super::names::{Names, referred};
use super::{Acceptance, Decision, Law, ModelError, World};
use crate::contract::FieldDef;
use crate::contract::expr::{EvalError, eval, holds};
use crate::language::syntax::contract::{Emit, Set};
use crate::protocol::{CONFLICT, Command, Event, Expected as Wanted, Version};
use crate::text::Code;
use crate::value::{Record, Value};

/// The refusal of what is outside of the law.
const MALFORMED: &str = "Malformed";

/// A command and the world it comes upon: all that rules may ask.
pub(super) struct Asked<'a> {
    model: &'a Interpreted,
    pub(super) rules: &'a CommandRules,
    aggregate: &'a Aggregate,
    world: &'a World<Record>,
    command: &'a Command,
    on: &'a Value,
    given: Record,
    own: Value,
}

/// What states keep to while an effect is worked out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// The types that the rules give them.
    All,
    /// Nothing: somebody did what no rule allows.
    Nothing,
}

impl Asked<'_> {
    pub(super) fn names(&self) -> Names<'_> {
        self.model.names(Some(&self.own), &self.given, &self.rules.fields, self.world)
    }

    /// What types say of its fields and its aggregate's id.
    pub(super) fn law(&self) -> Law {
        let id = &self.aggregate.fields.fields[0].ty;
        fields(&self.rules.fields, &self.command.fields).and(|| lawful(id, self.on))
    }

    /// Whether the aggregate has the version that is demanded; nothing where that can't be known.
    pub(super) fn is_current(&self) -> Option<bool> {
        match &self.command.expected {
            Wanted::Any => Some(true),
            Wanted::Exactly(Version::Number(number)) => {
                let Some(entry) = self.world.get(&self.aggregate.name, self.on) else {
                    return Some(*number == 0);
                };
                // What was removed has a version still, or none any more: services see it either way (RFC 9110, section 13.1.1).
                let is_gone = self.model.is_absent(self.aggregate, &self.own, self.world);
                (!is_gone).then_some(*number == entry.version)
            }
            Wanted::Exactly(Version::Opaque(_)) => None,
        }
    }

    /// What comes of it if no rule stops it, by which every invariant still holds.
    pub(super) fn accepted(&self) -> Result<Acceptance<Record>, ModelError> {
        let done = self.done()?;
        if !done.unspecified {
            self.model.hold(self.world, &done.world, self.command)?;
        }
        Ok(done)
    }

    /// What its effect alone comes to: no invariant is asked.
    pub(super) fn done(&self) -> Result<Acceptance<Record>, ModelError> {
        self.model.done(self, &self.names(), Kept::All)
    }
}

impl Interpreted {
    /// The command as its rules see it; nothing for one that is on no aggregate.
    pub(super) fn asked<'a>(
        &'a self,
        world: &'a World<Record>,
        command: &'a Command,
    ) -> Result<Option<Asked<'a>>, ModelError> {
        let unknown = || ModelError::UnknownMessage { kind: "command", name: command.name.to_string() };
        let rules = self.commands.get(&*command.name).ok_or_else(unknown)?;
        let aggregate = &self.aggregates[rules.aggregate];
        let asked = |on| {
            let given = complete(&rules.fields, command.fields.clone());
            let own = Value::Record(aggregate.state(world, on));
            Asked { model: self, rules, aggregate, world, command, on, given, own }
        };
        Ok(command.on.as_ref().map(asked))
    }

    pub(super) fn outcomes(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Result<Vec<Decision<Record>>, ModelError> {
        let Some(asked) = self.asked(world, command)? else {
            return Ok(vec![Decision::Rejected(MALFORMED.into())]);
        };
        let law = asked.law();
        let lawless = matches!(law, Law::Unlawful(_));
        let mut decisions = refusals(asked.rules, &asked.names(), lawless)?;
        let refused = !decisions.is_empty();
        if law != Law::Lawful {
            decisions.push(Decision::Rejected(MALFORMED.into()));
        }
        let current = asked.is_current();
        if current != Some(true) {
            decisions.push(Decision::Rejected(CONFLICT.into()));
        }
        if !(lawless || refused || current == Some(false)) {
            decisions.insert(0, Decision::Accepted(asked.accepted()?));
        }
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

    /// What would come of `command` if it were done whatever rules, types and invariants say; nothing where that has no value.
    pub fn forced(&self, world: &World<Record>, command: &Command) -> Option<Acceptance<Record>> {
        let asked = self.asked(world, command).ok().flatten()?;
        self.done(&asked, &asked.names(), Kept::Nothing).ok()
    }

    /// What comes of a command whatever its rules say; nothing where it isn't one by the law.
    fn unchecked(
        &self,
        world: &World<Record>,
        command: &Command,
    ) -> Option<Result<Acceptance<Record>, ModelError>> {
        let asked = self.asked(world, command).ok().flatten()?;
        (!matches!(asked.law(), Law::Unlawful(_))).then(|| asked.accepted())
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
        let carried = complete(&rules.fields, event.fields.clone());
        let mut behind = world.clone();
        let mut own = Value::Record(aggregate.state(world, &event.on));
        let on = (aggregate, &event.on, &mut own);
        let certain = self.apply(&mut behind, on, &rules.sets, (&carried, &rules.fields), Kept::All)?;
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

    /// What comes of the command: its own `set`s, then each event's, in file order.
    fn done(
        &self,
        asked: &Asked<'_>,
        names: &Names<'_>,
        kept: Kept,
    ) -> Result<Acceptance<Record>, ModelError> {
        let Asked { rules, aggregate, world, on, .. } = *asked;
        let decl = &rules.decl;
        let events = Vec::with_capacity(decl.emits.len());
        let mut acceptance = Acceptance { world: world.clone(), events, unspecified: false };
        if decl.emits.is_empty() && decl.sets.is_empty() {
            acceptance.unspecified = decl.no_effect.is_none();
            return Ok(acceptance);
        }
        let (mut certain, mut own) = (true, asked.own.clone());
        if !decl.sets.is_empty() {
            let given = (names.fields, &*rules.fields);
            let own = (aggregate, on, &mut own);
            certain &= self.apply(&mut acceptance.world, own, &decl.sets, given, kept)?;
        }
        for emit in &decl.emits {
            let Some(event) = aggregate.events.get(&emit.event.text) else { continue };
            let carried = complete(&event.fields, carried(emit, names)?);
            let given = (&carried, &*event.fields);
            let own = (aggregate, on, &mut own);
            certain &= self.apply(&mut acceptance.world, own, &event.sets, given, kept)?;
            acceptance.events.push(Event {
                name: emit.event.text.clone(),
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

    /// Does all of `sets` at once: each reads the state before, which is the aggregate's `own` until the one behind takes its
    /// place. Returns whether the rules say what comes of it; they don't where a value is the service's choice, or where
    /// an aggregate is set through a reference to itself.
    fn apply(
        &self,
        world: &mut World<Record>,
        (aggregate, on, own): (&Aggregate, &Value, &mut Value),
        sets: &[Set],
        (given, declared): (&Record, &[FieldDef]),
        kept: Kept,
    ) -> Result<bool, ModelError> {
        let before = own.as_record().cloned().unwrap_or_default();
        let names = self.names(Some(own), given, declared, world);
        let (mut after, mut others) = (before.clone(), Vec::new());
        let mut certain = !declared.iter().any(|field| field.chosen && !given.contains(&field.name));
        for set in sets.iter().filter(|_| certain) {
            let value = eval(&set.value, &names)?;
            let (aggregate, record, state) = match &*set.path {
                [state] => (aggregate, &mut after, state),
                [field, state] if referred(declared, &field.text).is_some() => {
                    let other = self.other((aggregate, on), (&names, &field.text), &mut others);
                    let Some((aggregate, _, record)) = other else {
                        certain = false;
                        break;
                    };
                    (*aggregate, record, state)
                }
                _ => return Err(nowhere(set)),
            };
            let ty = aggregate.fields.field(&state.text).map(|field| &field.ty);
            if let Some(Law::Unlawful(why)) = ty.filter(|_| kept == Kept::All).map(|ty| lawful(ty, &value)) {
                return Err(ModelError::Unlawful { state: state.text.to_string(), why, span: set.span });
            }
            record.insert(state.text.clone(), value);
        }
        if !certain {
            (after, others) = (before.clone(), Vec::new());
        }
        *own = Value::Record(after.clone());
        let before = Value::Record(before);
        let is_absent = |state| self.is_absent(aggregate, state, world);
        let again = aggregate.aged && is_absent(&before) && !is_absent(own);
        let known = again && world.get(&aggregate.name, on).is_some();
        world.advance(&aggregate.name, on, after);
        if known {
            world.make_again(&aggregate.name, on);
        }
        for (aggregate, id, state) in others {
            world.advance(&aggregate.name, &id, state);
        }
        Ok(certain)
    }

    /// Whether its queries say of an aggregate in that state that it is not there.
    fn is_absent(&self, aggregate: &Aggregate, own: &Value, world: &World<Record>) -> bool {
        let nothing = Record::new();
        let names = self.names(Some(own), &nothing, &[], world);
        aggregate.absent.iter().any(|when| holds(when, &names).unwrap_or(false))
    }

    /// The one of `others`, those that are set through references, that `field` refers to; nothing if that is the very
    /// aggregate the command is `on`.
    fn other<'a, 'o>(
        &'a self,
        (own, on): (&Aggregate, &Value),
        (names, field): (&Names<'_>, &str),
        others: &'o mut Vec<(&'a Aggregate, Value, Record)>,
    ) -> Option<&'o mut (&'a Aggregate, Value, Record)> {
        let id = names.fields.get(field)?;
        let name = referred(names.declared, field)?;
        let aggregate = self.aggregates.iter().find(|aggregate| *aggregate.name == *name)?;
        if aggregate.name == own.name && id == on {
            return None;
        }
        let known = |(known, known_id, _): &(&Aggregate, Value, Record)| {
            known.name == aggregate.name && known_id == id
        };
        let at = others.iter().position(known).unwrap_or_else(|| {
            others.push((aggregate, id.clone(), aggregate.state(names.world, id)));
            others.len() - 1
        });
        others.get_mut(at)
    }

    /// Every invariant of every aggregate that is not as it was.
    fn hold(
        &self,
        before: &World<Record>,
        after: &World<Record>,
        command: &Command,
    ) -> Result<(), ModelError> {
        for (at, entry) in after.entries().iter().enumerate() {
            // An aggregate keeps its place from world to world, and whatever happens to it counts.
            if before.entries().get(at).is_some_and(|before| before.version == entry.version) {
                continue;
            }
            let Some(aggregate) = self.aggregates.iter().find(|aggregate| aggregate.name == entry.aggregate)
            else {
                continue;
            };
            if aggregate.invariants.is_empty() {
                continue;
            }
            let (own, none) = (Value::Record(entry.state.clone()), Record::new());
            let names = self.names(Some(&own), &none, &[], after);
            for invariant in &aggregate.invariants {
                if !holds(&invariant.condition, &names)? {
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
fn refusals(
    rules: &CommandRules,
    names: &Names<'_>,
    lawless: bool,
) -> Result<Vec<Decision<Record>>, ModelError> {
    let mut refusals: Vec<Decision<Record>> = Vec::new();
    for reject in &rules.decl.rejects {
        let applies = match holds(&reject.when, names) {
            Err(_) if lawless => false,
            applies => applies?,
        };
        let known =
            |known: &Decision<_>| matches!(known, Decision::Rejected(code) if *code == reject.code.text);
        if applies && !refusals.iter().any(known) {
            refusals.push(Decision::Rejected(reject.code.text.clone()));
            if rules.decl.in_order.is_some() {
                break;
            }
        }
    }
    Ok(refusals)
}

/// What `emit` says that the event carries.
fn carried(emit: &Emit, names: &Names<'_>) -> Result<Record, EvalError> {
    emit.fields.iter().map(|field| Ok((field.name.text.clone(), eval(&field.value, names)?))).collect()
}

fn nowhere(set: &Set) -> ModelError {
    let path: Vec<&str> = set.path.iter().map(|name| &*name.text).collect();
    let message = format!("`{}` is no state that can be set", path.join("."));
    EvalError::new(Code::UNKNOWN_STATE, set.span, message)
        .fix("set a state, or the state of an aggregate that a field refers to")
        .into()
}
