//! Sequences by chance, led by the rules.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::chance::Chance;
use super::palette::{Field, Palette};
use super::{Aim, Sequence, Source, Step, names, reads};
use crate::contract::{Range, Type};
use crate::explore::{Fired, Naming, Subject, command, decides, ends};
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
    commands: Arc<[Palette]>,
    settings: Settings,
    made: usize,
    aims: Vec<Aim>,
    /// How often each rule of each command has fired alone.
    fired: HashMap<(Arc<str>, Fired), usize>,
}

/// What a command is to come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Wanted {
    Accepted,
    Refused,
    Lawless,
}

impl Wanted {
    fn by(chance: usize) -> Self {
        match chance {
            _ if chance < ACCEPTED => Self::Accepted,
            _ if chance < 100 - LAWLESS => Self::Refused,
            _ => Self::Lawless,
        }
    }

    fn fits(self, fired: Fired) -> bool {
        match fired {
            Fired::Accepted => self == Self::Accepted,
            Fired::Alone(_) => self == Self::Refused,
            Fired::Malformed => self == Self::Lawless,
            Fired::Several => false,
        }
    }
}

/// A command, what decides about it, and the world behind it if it is accepted.
type Chosen = (Command, Fired, Option<World<Record>>);

impl Random {
    /// A source of random sequences of a contract's commands.
    pub fn new(model: Arc<Interpreted>, settings: Settings) -> Self {
        let naming = Naming::new(model.contract());
        let commands = Palette::of_all(&model, &naming, 2 * SUBJECTS);
        Self { model, naming, commands, settings, made: 0, aims: Vec::new(), fired: HashMap::new() }
    }

    /// A command for this world, what decides about it, and the world behind it.
    fn choose(
        &mut self,
        world: &World<Record>,
        subjects: &mut Vec<Subject>,
        sums: &mut u32,
        chance: &mut Chance,
    ) -> Option<Chosen> {
        let wanted = Wanted::by(chance.below(100));
        let rare = self.usual(wanted);
        let mut looked_at: Vec<((usize, usize), Command, Fired)> = Vec::new();
        for _ in 0..LOOKED_AT {
            let Some(sent) = self.draw(world, subjects, *sums, chance) else { continue };
            let decided =
                self.model.stops(world, &sent).and_then(|stops| decides(&self.model, &sent, &stops));
            // A command by which the contract breaks itself has no outcome to hold a target against.
            let Ok(fired) = decided else { continue };
            let before = self.fired.get(&(sent.name.clone(), fired)).copied().unwrap_or(0);
            // What fits comes first, then what lets the state go on; of each, what came least so far.
            let fits = wanted.fits(fired);
            let order = [fits, fired == Fired::Accepted].iter().position(|first| *first).unwrap_or(2);
            looked_at.push(((order, before), sent, fired));
            if fits && before <= rare {
                break;
            }
        }
        looked_at.sort_by_key(|(rank, ..)| *rank);
        let (sent, fired, behind) = looked_at.into_iter().find_map(|(_, sent, fired)| {
            let accepted = fired == Fired::Accepted;
            let behind = if accepted { self.model.behind(world, &sent).ok()? } else { None };
            Some((sent, fired, behind))
        })?;
        if wanted == Wanted::Accepted && fired != Fired::Accepted {
            self.renew(subjects);
        }
        *sums = (*sums + 1) % GREATEST;
        *self.fired.entry((sent.name.clone(), fired)).or_default() += 1;
        Some((sent, fired, behind))
    }

    /// How often each of what is wanted came so far, on average: what came no more often is rare enough to be sent without
    /// looking any further.
    fn usual(&self, wanted: Wanted) -> usize {
        let fit = self.fired.iter().filter(|((_, fired), _)| wanted.fits(*fired)).map(|(_, count)| *count);
        let (kinds, sum) = fit.fold((0_usize, 0), |(kinds, sum), count| (kinds + 1, sum + count));
        sum.checked_div(kinds).unwrap_or(0)
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
        let palette = chance.pick(&self.commands)?;
        let own = || subjects.iter().filter(|subject| subject.kind == palette.aggregate);
        let on = own().nth(chance.below(own().count()))?;
        let mut fields = Record::new();
        for field in &palette.fields {
            let value = if let Type::Reference(kind) = &field.def.ty {
                self.referred(world, on, (kind, subjects), chance)
            } else {
                let choose =
                    |values: &[Value]| if chance.percent(PLAIN) { 0 } else { chance.below(values.len()) };
                field.sample(&self.naming, subjects, choose)?
            };
            fields.insert(field.def.name.clone(), value);
        }
        let mut sent = command(palette.name.clone(), &on.id, fields);
        match chance.below(100) {
            way if way < COMPARED => {
                let mut found = Vec::new();
                if let Some(comparison) = chance.pick(&palette.comparisons) {
                    comparison.propose(&self.model, world, &sent, &mut found);
                }
                let moved = chance.pick(&found).and_then(|boundary| boundary.put(&sent));
                return Some(moved.unwrap_or(sent));
            }
            way if way < COMPARED + ENDS => {
                let ends = palette.fields.iter().flat_map(|field| {
                    let ends = sent.fields.get(&field.def.name).map(|value| ends(&field.def, value));
                    ends.into_iter().flatten().map(|end| (field.def.name.clone(), end))
                });
                let ends: Vec<_> = ends.collect();
                if let Some((field, end)) = chance.pick(&ends) {
                    sent.fields.insert(field.clone(), end.clone());
                }
            }
            _ => {
                for field in &palette.fields {
                    let value = sent.fields.get(&field.def.name);
                    if let Some(value) = value.and_then(|plain| distinct(field, plain, sums, chance)) {
                        sent.fields.insert(field.def.name.clone(), value);
                    }
                }
            }
        }
        Some(sent)
    }
}

/// A power of two for a number, so that every subset of effects has a sum of its own; a name by chance for an id, some
/// of which are used again.
fn distinct(field: &Field, plain: &Value, sums: u32, chance: &mut Chance) -> Option<Value> {
    match (&field.def.ty, plain) {
        (Type::Int(law) | Type::Decimal(law), Value::Number(_)) => {
            let sum = Number::from(1_u64 << sums);
            let inside = |range: &Range| {
                range.min.as_ref().is_none_or(|min| sum >= *min)
                    && range.max.as_ref().is_none_or(|max| sum <= *max)
            };
            (inside(law) && field.def.try_range.as_ref().is_none_or(inside)).then_some(Value::Number(sum))
        }
        (Type::Id, _) => chance.pick(&field.ids).cloned(),
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
