//! What the next command is to come to: of all that the states of the aggregates let through, what came least so far.

use super::chance::Chance;
use super::palette::Palette;
use crate::contract::explore::{Fired, Subject};
use crate::contract::rules::{Entry, Interpreted, World};
use crate::value::{Record, Value};

/// Of 100 commands, those that are to be accepted.
const ACCEPTED: usize = 65;
/// Of 100 commands, those that the law must refuse.
const LAWLESS: usize = 5;
/// Of 100 goals, those that came least so far; the others are any, so that no course repeats itself.
const RAREST: usize = 60;
/// So many misses count as one hit: what can't be reached at all is not tried for ever.
const MISSES: usize = 4;
/// So often a comparison is tried before it is known to give nothing.
const BARREN: usize = 16;

/// What kind of outcome a command is to have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Wanted {
    Accepted,
    Refused,
    Lawless,
}

/// A command and the aggregate it is for, each by its place, and what is to decide about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Goal {
    pub(super) command: usize,
    pub(super) subject: usize,
    pub(super) outcome: Fired,
}

/// What came of all commands so far.
#[derive(Clone, Debug)]
pub(super) struct Lead {
    /// By command and outcome.
    tallies: Vec<Vec<Tally>>,
    /// By command and comparison: how often it was tried, and how often it gave a value.
    tried: Vec<Vec<(usize, usize)>>,
    /// What stops commands on the aggregates of this sequence.
    guards: Vec<Guarded>,
    /// The same of aggregates that nothing has happened to; those are alike from sequence to sequence.
    untouched: Vec<Guarded>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Tally {
    came: usize,
    missed: usize,
}

/// An aggregate as it was last seen, and for each command the rules that stop it by that state alone.
#[derive(Clone, Debug)]
struct Guarded {
    id: Value,
    entry: Option<Entry<Record>>,
    stopped: Vec<Vec<usize>>,
}

impl Wanted {
    pub(super) fn by(chance: usize) -> Self {
        match chance {
            _ if chance < ACCEPTED => Self::Accepted,
            _ if chance < 100 - LAWLESS => Self::Refused,
            _ => Self::Lawless,
        }
    }

    pub(super) fn fits(self, fired: Fired) -> bool {
        match fired {
            Fired::Accepted => self == Self::Accepted,
            Fired::Alone(_) => self == Self::Refused,
            Fired::Malformed => self == Self::Lawless,
            Fired::Several => false,
        }
    }
}

impl Lead {
    pub(super) fn new(commands: &[Palette]) -> Self {
        let outcomes = |palette: &Palette| vec![Tally::default(); place(Fired::Alone(palette.rules()))];
        Self {
            tallies: commands.iter().map(outcomes).collect(),
            tried: commands.iter().map(|palette| vec![(0, 0); palette.comparisons.len()]).collect(),
            guards: Vec::new(),
            untouched: Vec::new(),
        }
    }

    /// Another sequence begins, in a world of its own.
    pub(super) fn begin(&mut self) {
        self.guards.clear();
    }

    /// What commands on these aggregates may come to, as far as the states of the aggregates decide.
    pub(super) fn goals(
        &mut self,
        commands: &[Palette],
        (model, world): (&Interpreted, &World<Record>),
        subjects: &[Subject],
        wanted: Wanted,
    ) -> Vec<Goal> {
        let mut goals = Vec::new();
        for (subject, of) in subjects.iter().enumerate() {
            let guarded = self.guarded(commands, (model, world), of);
            for (command, palette) in commands.iter().enumerate() {
                if palette.aggregate != of.kind || !model.can_be_sent(world, &palette.name, &of.id) {
                    continue;
                }
                let mut add = |outcome| goals.push(Goal { command, subject, outcome });
                match (wanted, &guarded.stopped[command][..]) {
                    (Wanted::Accepted, []) => add(Fired::Accepted),
                    (Wanted::Lawless, []) if !palette.fields.is_empty() => add(Fired::Malformed),
                    (Wanted::Refused, []) => palette.free.iter().for_each(|rule| add(Fired::Alone(*rule))),
                    (Wanted::Refused, [rule]) => add(Fired::Alone(*rule)),
                    (Wanted::Refused, [rule, ..]) if palette.in_order => add(Fired::Alone(*rule)),
                    _ => {}
                }
            }
        }
        goals
    }

    /// The rules that stop commands on this aggregate, whatever they carry.
    fn guarded(
        &mut self,
        commands: &[Palette],
        (model, world): (&Interpreted, &World<Record>),
        subject: &Subject,
    ) -> &Guarded {
        let entry =
            world.entries().iter().find(|entry| entry.id == subject.id && *entry.aggregate == *subject.kind);
        let guards = if entry.is_some() { &mut self.guards } else { &mut self.untouched };
        let at = guards.iter().position(|known| known.id == subject.id).unwrap_or(guards.len());
        if guards.get(at).is_none_or(|known| known.entry.as_ref() != entry) {
            let stopped = |palette: &Palette| {
                if palette.aggregate != subject.kind {
                    return Vec::new();
                }
                model.guarding(world, &palette.name, &subject.id, &palette.guards)
            };
            let stopped = commands.iter().map(stopped).collect();
            let guarded = Guarded { id: subject.id.clone(), entry: entry.cloned(), stopped };
            match guards.get_mut(at) {
                Some(known) => *known = guarded,
                None => guards.push(guarded),
            }
        }
        &guards[at]
    }

    /// One of these goals, mostly one that was reached least.
    pub(super) fn pick(&self, goals: &[Goal], chance: &mut Chance) -> Option<Goal> {
        if !chance.percent(RAREST) {
            return chance.pick(goals).copied();
        }
        let weight = |goal: &Goal| {
            let tally = self.tallies[goal.command][place(goal.outcome)];
            tally.came + tally.missed / MISSES
        };
        let least = goals.iter().map(weight).min()?;
        let rarest: Vec<&Goal> = goals.iter().filter(|goal| weight(goal) == least).collect();
        chance.pick(&rarest).map(|goal| **goal)
    }

    /// How often that came so far.
    pub(super) fn came(&self, command: usize, outcome: Fired) -> usize {
        self.tallies[command][place(outcome)].came
    }

    /// A command that came to that is sent.
    pub(super) fn sent(&mut self, command: usize, outcome: Fired) {
        self.tallies[command][place(outcome)].came += 1;
    }

    /// A command that was made up for the goal came to something else.
    pub(super) fn missed(&mut self, goal: Goal) {
        self.tallies[goal.command][place(goal.outcome)].missed += 1;
    }

    /// Whether it is worth looking for values on this comparison: one that never gave any is tried now and then.
    pub(super) fn is_worth(&self, command: usize, comparison: usize, chance: &mut Chance) -> bool {
        let (tried, gave) = self.tried[command][comparison];
        gave > 0 || tried < BARREN || chance.below(BARREN) == 0
    }

    /// The comparison was tried; whether it gave values.
    pub(super) fn tried(&mut self, command: usize, comparison: usize, gave: bool) {
        let (tried, found) = &mut self.tried[command][comparison];
        *tried += 1;
        *found += usize::from(gave);
    }
}

/// Where an outcome is counted.
fn place(outcome: Fired) -> usize {
    match outcome {
        Fired::Accepted => 0,
        Fired::Malformed => 1,
        Fired::Several => 2,
        Fired::Alone(rule) => 3 + rule,
    }
}
