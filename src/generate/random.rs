//! Sequences by chance, led by the rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::chance::Chance;
use super::{Aim, Sequence, Source, Step, names, reads};
use crate::contract::{FieldDef, Range, Type};
use crate::explore::{Fired, Naming, Subject, boundaries, command, ends, fire, samples};
use crate::model::{Interpreted, World};
use crate::protocol::Command;
use crate::value::{Number, Record, Value};

/// Aggregates of each kind in one sequence.
const SUBJECTS: usize = 3;
/// Commands that are looked at before one is sent.
const LOOKED_AT: usize = 12;
/// Of 100 steps, those that read.
const READS: usize = 20;
/// Of 100 commands, those that are to be accepted.
const ACCEPTED: usize = 65;
/// Of 100 commands, those that the law must refuse.
const LAWLESS: usize = 5;
/// Of 100 fields, those that get the plainest value of their type.
const PLAIN: usize = 60;
/// Of 100 commands that are looked at, those with a value on a rule's comparison; of the others, numbers are powers of
/// two that no command before had.
const COMPARED: usize = 40;
/// Of 100 commands that are looked at, those with a number at an end of its range or beyond it.
const ENDS: usize = 10;
/// The greatest power of two that is given to a number.
const GREATEST: u32 = 20;

/// What the sources are made with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    /// What decides about everything that is left to chance.
    pub seed: u64,
    /// Steps of one sequence, at most.
    pub max_len: usize,
    /// Sequences, at most.
    pub cases: usize,
}

/// Sequences by chance. Most commands are accepted, so that the state goes on; each rejection comes alone, the rarest
/// first; several aggregates take part, and reads are in between.
#[derive(Clone, Debug)]
pub struct Random {
    model: Arc<Interpreted>,
    naming: Naming,
    settings: Settings,
    made: usize,
    aims: Vec<Aim>,
    /// How often each rule of each command has fired alone.
    fired: HashMap<(Arc<str>, Fired), usize>,
}

/// A command, what decides about it, and the world behind it if it is accepted.
type Chosen = (Command, Fired, Option<World<Record>>);

impl Random {
    /// A source of random sequences of a contract's commands.
    pub fn new(model: Arc<Interpreted>, settings: Settings) -> Self {
        let naming = Naming::new(model.contract());
        Self { model, naming, settings, made: 0, aims: Vec::new(), fired: HashMap::new() }
    }

    /// A command for this world, what decides about it, and the world behind it.
    fn choose(
        &mut self,
        world: &World<Record>,
        subjects: &mut Vec<Subject>,
        sums: &mut u32,
        chance: &mut Chance,
    ) -> Option<Chosen> {
        let wanted = chance.below(100);
        let mut best: Option<(usize, Chosen)> = None;
        for _ in 0..LOOKED_AT {
            let Some(sent) = self.draw(world, subjects, *sums, chance) else { continue };
            // A command by which the contract breaks itself has no outcome to hold a target against.
            let Ok((fired, behind)) = fire(&self.model, world, &sent) else { continue };
            let before = self.fired.get(&(sent.name.clone(), fired)).copied().unwrap_or(0);
            let fits = match fired {
                Fired::Accepted => wanted < ACCEPTED,
                Fired::Malformed => wanted >= 100 - LAWLESS,
                Fired::Alone(_) => (ACCEPTED..100 - LAWLESS).contains(&wanted),
                Fired::Several => false,
            };
            // What fits comes first; of that, what came least so far.
            let rank = if fits { before } else { usize::MAX / 2 + before };
            if best.as_ref().is_none_or(|(best, _)| rank < *best) {
                best = Some((rank, (sent, fired, behind)));
            }
        }
        let (_, (sent, fired, behind)) = best?;
        if wanted < ACCEPTED && fired != Fired::Accepted {
            self.renew(subjects);
        }
        *sums = (*sums + 1) % GREATEST;
        *self.fired.entry((sent.name.clone(), fired)).or_default() += 1;
        Some((sent, fired, behind))
    }

    /// Puts new aggregates in the place of the oldest: those that are left may have come to an end.
    fn renew(&self, subjects: &mut Vec<Subject>) {
        for aggregate in self.model.contract().aggregates() {
            let of_kind = || subjects.iter().enumerate().filter(|(_, known)| *known.kind == *aggregate.name);
            let (Some((oldest, _)), Some((_, newest))) = (of_kind().next(), of_kind().next_back()) else {
                continue;
            };
            let new = self.naming.subject(&aggregate.name, newest.number + 1);
            subjects.remove(oldest);
            subjects.push(new);
        }
    }

    /// What a reference to that kind leads to: the aggregate that the command is for, one that never came into being, or
    /// one of the others. Of those each kind of state is as likely as any other, so that the few which have come to an
    /// end are not lost among the many that live.
    fn referred(
        &self,
        world: &World<Record>,
        on: &Subject,
        (kind, subjects): (&str, &[Subject]),
        chance: &mut Chance,
    ) -> Value {
        let mut groups: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
        for subject in subjects.iter().filter(|subject| *subject.kind == *kind && *subject != on) {
            groups.entry(self.standing(world, subject)).or_default().push(&subject.id);
        }
        let nobody = self.naming.nobody(kind).id;
        groups.entry(String::new()).or_default().push(&nobody);
        let mut groups: Vec<Vec<&Value>> = groups.into_values().collect();
        if *on.kind == *kind {
            groups.push(vec![&on.id]);
        }
        chance.pick(&groups).and_then(|group| chance.pick(group)).map_or(Value::Null, |id| (*id).clone())
    }

    /// What an aggregate's enums and truth values are; nothing for one that nothing has happened to.
    fn standing(&self, world: &World<Record>, subject: &Subject) -> String {
        let aggregate = self.model.contract().aggregate(&subject.kind);
        let (Some(aggregate), Some(entry)) = (aggregate, world.get(&subject.kind, &subject.id)) else {
            return String::new();
        };
        let fields = aggregate.state.fields.iter();
        let told = fields.filter(|field| matches!(field.ty, Type::Enum(_) | Type::Bool));
        told.filter_map(|field| Some(format!("{},", entry.state.get(&field.name)?))).collect()
    }

    fn draw(
        &self,
        world: &World<Record>,
        subjects: &[Subject],
        sums: u32,
        chance: &mut Chance,
    ) -> Option<Command> {
        let defs: Vec<_> = self.model.contract().commands().collect();
        let def = chance.pick(&defs)?;
        let own: Vec<_> = subjects.iter().filter(|subject| *subject.kind == *def.aggregate).collect();
        let on = chance.pick(&own)?;
        let given: Vec<_> = def.fields.iter().filter(|field| !field.chosen).collect();
        let mut fields = Record::new();
        for field in &given {
            if let Type::Reference(kind) = &field.ty {
                let found = self.referred(world, on, (kind, subjects), chance);
                fields.insert(&*field.name, found);
                continue;
            }
            let values = samples(&self.naming, field, subjects);
            let value = if chance.percent(PLAIN) { values.first() } else { chance.pick(&values) };
            fields.insert(&*field.name, value?.clone());
        }
        let mut sent = command(&def.name, &on.id, fields);
        match chance.below(100) {
            way if way < COMPARED => {
                let found = boundaries(&self.model, world, &sent);
                let moved = chance.pick(&found).and_then(|boundary| boundary.put(&sent));
                return Some(moved.unwrap_or(sent));
            }
            way if way < COMPARED + ENDS => {
                let ends: Vec<_> = given
                    .iter()
                    .flat_map(|field| {
                        let ends = sent.fields.get(&field.name).map(|value| ends(field, value));
                        ends.into_iter().flatten().map(|end| (field.name.clone(), end))
                    })
                    .collect();
                if let Some((field, end)) = chance.pick(&ends) {
                    sent.fields.insert(&**field, end.clone());
                }
            }
            _ => {
                for field in given {
                    let plain = sent.fields.get(&field.name).cloned();
                    let value = plain.and_then(|plain| distinct(&self.naming, field, &plain, sums, chance));
                    if let Some(value) = value {
                        sent.fields.insert(&*field.name, value);
                    }
                }
            }
        }
        Some(sent)
    }
}

/// A power of two for a number, so that every subset of effects has a sum of its own; a name by chance for an id, some
/// of which are used again.
fn distinct(
    naming: &Naming,
    field: &FieldDef,
    plain: &Value,
    sums: u32,
    chance: &mut Chance,
) -> Option<Value> {
    match (&field.ty, plain) {
        (Type::Int(law) | Type::Decimal(law), Value::Number(_)) => {
            let sum = Number::from(1_u64 << sums);
            let inside = |range: &Range| {
                range.min.as_ref().is_none_or(|min| sum >= *min)
                    && range.max.as_ref().is_none_or(|max| sum <= *max)
            };
            (inside(law) && field.try_range.as_ref().is_none_or(inside)).then_some(Value::Number(sum))
        }
        (Type::Id, _) => Some(naming.id(&field.name, 1 + chance.below(2 * SUBJECTS))),
        _ => None,
    }
}

impl Source for Random {
    fn next(&mut self) -> Option<Sequence> {
        self.aims.clear();
        if self.made >= self.settings.cases {
            return None;
        }
        // Each sequence has a chance of its own, so that its course doesn't hang on how long others are.
        let mut chance =
            Chance::new(self.settings.seed ^ (self.made as u64).wrapping_mul(0xd134_2543_de82_ef95));
        self.made += 1;
        let model = self.model.clone();
        let (contract, naming) = (model.contract(), self.naming.clone());
        let mut subjects: Vec<Subject> = contract
            .aggregates()
            .flat_map(|aggregate| (1..=SUBJECTS).map(|number| naming.subject(&aggregate.name, number)))
            .collect();
        let length = 1 + chance.below(self.settings.max_len.max(1));
        let (mut world, mut steps, mut used, mut sums) = (World::new(), Vec::new(), Vec::new(), 0);
        while steps.len() < length {
            if !steps.is_empty()
                && chance.percent(READS)
                && let Some(query) = reads::read((&model, &world), &naming, &subjects, &used, &mut chance)
            {
                steps.push(Step::Ask(query));
                self.aims.push(Aim::Reads);
                continue;
            }
            let Some(chosen) = self.choose(&world, &mut subjects, &mut sums, &mut chance) else { break };
            let (sent, fired, behind) = chosen;
            self.aims.push(aim(&model, &sent, fired));
            used.extend(
                sent.fields.iter().filter(|(_, value)| value.as_text().is_some()).map(|(_, id)| id.clone()),
            );
            world = behind.unwrap_or(world);
            steps.push(Step::Submit(sent));
        }
        Some(names::sequence(&naming, steps))
    }

    fn aims(&self) -> &[Aim] {
        &self.aims
    }
}

/// What a command is meant for, that this decides about.
pub(super) fn aim(model: &Interpreted, sent: &Command, fired: Fired) -> Aim {
    match fired {
        Fired::Accepted => Aim::Accepted,
        Fired::Several => Aim::Several,
        Fired::Malformed => Aim::Malformed,
        Fired::Alone(rule) => {
            let code = model.rules(&sent.name).and_then(|rules| Some(&*rules.rejects.get(rule)?.code.text));
            code.map_or(Aim::Several, |code| Aim::Rejected(code.into()))
        }
    }
}
