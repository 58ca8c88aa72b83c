//! Sequences by chance, led by the rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::chance::Chance;
use super::fresh::{Fresh, Renewed};
use super::lead::{Goal, Lead, Wanted};
use super::palette::Palette;
use super::{names, reads};
use crate::contract::Type;
use crate::contract::explore::{Fired, Naming, Subject, command, counted, decides, ends};
use crate::contract::rules::{Interpreted, World};
use crate::protocol::Command;
use crate::step::{Aim, Sequence, Source, Step};
use crate::value::{Record, Value};

/// Aggregates of each kind in one sequence.
const SUBJECTS: usize = 3;
/// Commands that are looked at before one is sent.
const LOOKED_AT: usize = 12;
/// Of 100 steps, those that read.
const READS: usize = 20;
/// Of 100 fields, those that get the plainest value of their type.
const PLAIN: usize = 60;
/// Of 100 commands that are looked at, those whose texts, moments and amounts no command before had.
const FRESH: usize = 80;
/// Of 100 commands that are looked at, those with a value on a rule's comparison.
const COMPARED: usize = 40;
/// Of 100 commands that are looked at, those near a rule with several conditions, where there is one.
const NEAR: usize = 30;
/// Of 100 commands that are looked at, those with a number at an end of its range or beyond it.
const ENDS: usize = 10;

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
    lead: Lead,
    /// Of each command, how many were made up near a rule with several conditions: these take turns.
    near: Vec<usize>,
}

/// A command by its place, as it was made up, and what decides about it.
struct Drawn {
    sent: Command,
    command: usize,
    fired: Fired,
    /// What is used up behind it.
    fresh: Fresh,
}

/// A command, what decides about it, and the world behind it if it is accepted.
type Chosen = (Command, Fired, Option<World<Record>>);

impl Random {
    /// A source of random sequences of a contract's commands.
    pub fn new(model: Arc<Interpreted>, settings: Settings) -> Self {
        let naming = Naming::of(&model);
        let commands = Palette::of_all(&model, &naming, (2 * SUBJECTS).max(names_needed(&model)));
        let lead = Lead::new(&commands);
        let near = vec![0; commands.len()];
        Self { model, naming, commands, settings, made: 0, aims: Vec::new(), lead, near }
    }

    /// A command for this world, what decides about it, and the world behind it.
    fn choose(
        &mut self,
        world: &World<Record>,
        subjects: &mut Vec<Subject>,
        fresh: &mut Fresh,
        chance: &mut Chance,
    ) -> Option<Chosen> {
        let wanted = Wanted::by(chance.below(100));
        let goals = self.goals(world, subjects, wanted);
        let mut looked_at: Vec<((bool, bool, usize), Drawn)> = Vec::new();
        for _ in 0..LOOKED_AT {
            let goal = self.lead.pick(&goals, chance)?;
            let mut used = *fresh;
            let drawn = self.draw(world, subjects, goal, &mut used, chance);
            // A command by which the contract breaks itself has no outcome to hold a target against.
            let Some((sent, fired)) = drawn.and_then(|sent| self.decided(world, sent)) else {
                self.lead.missed(goal);
                continue;
            };
            let came = self.lead.came(goal.command, fired);
            let other = wanted.fits(fired) && came <= self.lead.came(goal.command, goal.outcome);
            let drawn = Drawn { sent, command: goal.command, fired, fresh: used };
            if fired == goal.outcome || other {
                looked_at = vec![((false, false, 0), drawn)];
                break;
            }
            self.lead.missed(goal);
            // What fits comes first, then what lets the state go on; of each, what came least so far.
            looked_at.push(((!wanted.fits(fired), fired != Fired::Accepted, came), drawn));
        }
        looked_at.sort_by_key(|(rank, _)| *rank);
        let (drawn, behind) = looked_at.into_iter().find_map(|(_, drawn)| {
            let accepted = drawn.fired == Fired::Accepted;
            let behind = if accepted { self.model.behind(world, &drawn.sent).ok()? } else { None };
            Some((drawn, behind))
        })?;
        let Drawn { sent, command, fired, fresh: used } = drawn;
        if wanted == Wanted::Accepted && fired != Fired::Accepted {
            self.renew(subjects);
        }
        *fresh = used;
        self.lead.sent(command, fired);
        Some((sent, fired, behind))
    }

    /// What commands may come to here. Where none can be accepted any more, the aggregates have come to an end: others take
    /// their place.
    fn goals(&mut self, world: &World<Record>, subjects: &mut Vec<Subject>, wanted: Wanted) -> Vec<Goal> {
        for wanted in [wanted, Wanted::Accepted] {
            let goals = self.lead.goals(&self.commands, (&self.model, world), subjects, wanted);
            if !goals.is_empty() {
                return goals;
            }
        }
        self.renew(subjects);
        let goals = self.lead.goals(&self.commands, (&self.model, world), subjects, Wanted::Accepted);
        if !goals.is_empty() {
            return goals;
        }
        self.lead.goals(&self.commands, (&self.model, world), subjects, Wanted::Refused)
    }

    /// The command, and what decides about it.
    fn decided(&self, world: &World<Record>, sent: Command) -> Option<(Command, Fired)> {
        let declared = self.model.contract().command(&sent.name)?;
        if !self.naming.takes(&declared.fields, &sent.fields) {
            return None;
        }
        let stops = self.model.stops(world, &sent).ok()?;
        let fired = decides(&self.model, &sent, &stops).ok()?;
        Some((sent, fired))
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

    /// A command for this goal. Whether it reaches it is for the rules to say.
    fn draw(
        &mut self,
        world: &World<Record>,
        subjects: &[Subject],
        goal: Goal,
        fresh: &mut Fresh,
        chance: &mut Chance,
    ) -> Option<Command> {
        let commands = self.commands.clone();
        let palette = commands.get(goal.command)?;
        let on = subjects.get(goal.subject)?;
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
        if !palette.given.is_empty() && chance.percent(FRESH) {
            sent = fresh.command(&self.naming, &palette.given, &sent, Renewed::All);
        }
        if !palette.near.is_empty() && chance.percent(NEAR) {
            let near = chance.pick(&palette.near)?;
            let all = near.propose(&self.model, &self.naming, (world, subjects), &sent);
            let turn = &mut self.near[goal.command];
            if let Some(moved) = all.get(*turn % all.len().max(1)) {
                *turn += 1;
                return Some(moved.clone());
            }
        }
        let way = chance.below(100);
        if goal.outcome == Fired::Malformed || (COMPARED..COMPARED + ENDS).contains(&way) {
            at_an_end(palette, &mut sent, chance);
        } else if way < COMPARED
            && let Some(moved) = self.compared(world, &sent, goal, chance)
        {
            return Some(moved);
        } else {
            for field in palette.fields.iter().filter(|field| !field.ids.is_empty()) {
                if let Some(id) = chance.pick(&field.ids) {
                    sent.fields.insert(field.def.name.clone(), id.clone());
                }
            }
        }
        Some(sent)
    }

    /// The command with a value on a comparison, or beside it: of the rule that is to stop it, if that compares anything.
    fn compared(
        &mut self,
        world: &World<Record>,
        sent: &Command,
        goal: Goal,
        chance: &mut Chance,
    ) -> Option<Command> {
        let all = &self.commands[goal.command].comparisons;
        let of_rule =
            |at: &usize| matches!((all[*at].0, goal.outcome), (Some(of), Fired::Alone(rule)) if of == rule);
        let own: Vec<usize> = (0..all.len()).filter(of_rule).collect();
        let at = if own.is_empty() { chance.below(all.len()) } else { *chance.pick(&own)? };
        let (_, comparison) = all.get(at)?;
        if !self.lead.is_worth(goal.command, at, chance) {
            return None;
        }
        let mut found = Vec::new();
        comparison.propose(&self.model, world, sent, &mut found);
        self.lead.tried(goal.command, at, !found.is_empty());
        chance.pick(&found).and_then(|boundary| boundary.put(sent))
    }
}

/// Puts a number at an end of its range, or beyond it.
fn at_an_end(palette: &Palette, sent: &mut Command, chance: &mut Chance) {
    let ends = palette.fields.iter().flat_map(|field| {
        let ends = sent.fields.get(&field.def.name).map(|value| ends(&field.def, value));
        ends.into_iter().flatten().map(|end| (field.def.name.clone(), end))
    });
    let ends: Vec<_> = ends.collect();
    if let Some((field, end)) = chance.pick(&ends) {
        sent.fields.insert(field.clone(), end.clone());
    }
}

/// How many names for ids it takes to come to where a rule counts, and one more.
fn names_needed(model: &Interpreted) -> usize {
    counted(model).map_or(0, |count| count + 2)
}

impl Source for Random {
    fn next(&mut self) -> Option<Sequence> {
        self.aims.clear();
        self.lead.begin();
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
        let (mut world, mut steps, mut used, mut fresh) =
            (World::new(), Vec::new(), Vec::new(), Fresh::from(self.made));
        while steps.len() < length {
            if !steps.is_empty()
                && chance.percent(READS)
                && let Some(query) = reads::read((&model, &world), &naming, &subjects, &used, &mut chance)
            {
                steps.push(Step::Ask(query));
                self.aims.push(Aim::Reads);
                continue;
            }
            let Some(chosen) = self.choose(&world, &mut subjects, &mut fresh, &mut chance) else { break };
            let (sent, fired, behind) = chosen;
            self.aims.push(aim(&model, &sent, fired));
            used.extend(
                sent.fields.iter().filter(|(_, value)| value.as_name().is_some()).map(|(_, id)| id.clone()),
            );
            // Nothing behind it could be judged, so it comes last.
            let last = fired == Fired::Accepted && model.leaves_open(&world, &sent);
            world = behind.unwrap_or(world);
            steps.push(sent.into());
            if last {
                break;
            }
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
