//! Commands that came one by one, as an assumption looks at them: the world behind them, and what it would be if something were so.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::Side;
use crate::contract::rules::{Acceptance, Expected, Interpreted, Model as _, World};
use crate::history::{Act, Operation};
use crate::judge::Settings;
use crate::protocol::{Answer, Command, Expected as Wanted, Outcome, Query, Rejection, Seen, Version};
use crate::value::{Record, Value};

/// Of more commands than these, no course is made up: each assumption goes through all of them, for each of them.
const MOST: usize = 64;

/// So many commands a read may be behind that was not asked at rest.
const BEHIND: usize = 8;

/// What was done and seen where one command came behind the other.
#[derive(Debug)]
pub struct Course<'a> {
    pub(super) model: &'a Interpreted,
    settings: &'a Settings,
    operations: &'a [Operation],
    sent: Vec<Sent<'a>>,
    ours: HashSet<&'a Value>,
}

/// A command of a course.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent<'a> {
    /// Its place among the operations.
    pub(super) at: usize,
    pub(super) command: &'a Arc<Command>,
    pub(super) came_to: CameTo<'a>,
}

/// What came of a command.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum CameTo<'a> {
    /// It was accepted.
    Effect,
    /// It was accepted, and another one under its key was before.
    Replay,
    /// It was refused.
    Refusal(&'a Rejection),
}

/// A read of a course.
#[derive(Clone, Copy, Debug)]
pub(super) struct Read<'a> {
    /// Its place among the operations.
    pub(super) at: usize,
    pub(super) query: &'a Query,
    pub(super) answer: &'a Answer,
}

/// For how much of a course an assumption speaks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scope {
    /// It is always so.
    Always,
    /// It happened once.
    Once,
}

/// On which side a fault is, and whether anything told, or it only looks so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Told {
    pub(super) side: Side,
    pub(super) certain: bool,
}

/// What there would be before each place if something were so; nothing where nobody can say.
pub(super) type Way<'w> = &'w dyn Fn(usize) -> Option<World<Record>>;

impl<'a> Course<'a> {
    /// The course of these operations; nothing where commands came at the same time, where nobody knows what came of one, or where there are
    /// too many of them.
    pub fn of(model: &'a Interpreted, settings: &'a Settings, operations: &'a [Operation]) -> Option<Self> {
        let mut sent: Vec<Sent<'a>> = Vec::new();
        let mut over = None;
        for (at, operation) in operations.iter().enumerate() {
            let Act::Submit { command, outcome, .. } = &operation.act else { continue };
            if over.is_some_and(|over| operation.call.index < over) || sent.len() == MOST {
                return None;
            }
            over = Some(operation.end?.index);
            let is_before = |other: &Sent<'_>| {
                let same = other.command.key == command.key && other.came_to == CameTo::Effect;
                settings.keys && command.key.is_some() && same
            };
            let came_to = match outcome {
                Outcome::Accepted(_) if sent.iter().any(is_before) => CameTo::Replay,
                Outcome::Accepted(_) => CameTo::Effect,
                Outcome::Rejected(rejection) => CameTo::Refusal(rejection),
                Outcome::NotSent(_) => continue,
                Outcome::Unknown(_) => return None,
            };
            sent.push(Sent { at, command, came_to });
        }
        let ids = sent.iter().filter_map(|sent| sent.command.on.as_ref());
        let ours = settings.ours.iter().chain(ids).collect();
        Some(Self { model, settings, operations, sent, ours })
    }

    /// The commands before a place, in order.
    pub(super) fn sent(&self, before: usize) -> &[Sent<'a>] {
        &self.sent[..self.sent.partition_point(|sent| sent.at < before)]
    }

    /// Those of them that took effect.
    pub(super) fn done(&self, before: usize) -> impl DoubleEndedIterator<Item = Sent<'a>> + Clone {
        self.sent(before).iter().filter(|sent| sent.came_to == CameTo::Effect).copied()
    }

    /// The places of all commands that took effect and are of the kind of this one.
    pub(super) fn alike(&self, sent: &Sent<'_>) -> Vec<usize> {
        let alike = self.done(self.len()).filter(|other| other.command.name == sent.command.name);
        alike.map(|other| other.at).collect()
    }

    /// The command at a place, with what came of it.
    pub(super) fn command(&self, at: usize) -> Option<Sent<'a>> {
        self.sent.iter().find(|sent| sent.at == at).copied()
    }

    /// The read at a place.
    pub(super) fn read(&self, at: usize) -> Option<Read<'a>> {
        match &self.operations.get(at)?.act {
            Act::Ask { query, answer } => Some(Read { at, query, answer }),
            _ => None,
        }
    }

    /// All reads at these places that were answered.
    pub(super) fn reads(&self, within: Range<usize>) -> impl Iterator<Item = Read<'a>> {
        let reads = within.filter_map(|at| self.read(at));
        reads.filter(|read| !matches!(read.answer.seen, Seen::Broken(_) | Seen::NotSent(_)))
    }

    /// How many operations there are.
    pub(super) fn len(&self) -> usize {
        self.operations.len()
    }

    /// Whether a read was asked when the target was quiet, and nothing was sent since; and any of a query that shows every effect at once.
    pub(super) fn is_at_rest(&self, at: usize) -> bool {
        if self.read(at).is_some_and(|read| self.settings.is_immediate(&read.query.name)) {
            return true;
        }
        let before = self.operations[..at].iter().rev();
        let mut last = before.filter(|operation| !matches!(operation.act, Act::Ask { .. }));
        last.next().is_some_and(|last| matches!(last.act, Act::Quiet(_)))
    }

    /// The world behind these commands, one after the other, whatever refuses them.
    pub(super) fn behind<'s>(&self, sent: impl IntoIterator<Item = &'s Command>) -> Option<World<Record>> {
        sent.into_iter().try_fold(World::new(), |world, command| self.effect(&world, command))
    }

    /// The world behind one more, whatever refuses it; nothing where the rules leave open what it does.
    pub(super) fn effect(&self, world: &World<Record>, command: &Command) -> Option<World<Record>> {
        self.acceptance(world, command).map(|acceptance| acceptance.world)
    }

    /// What comes of one more, whatever refuses it; nothing where the rules leave that open.
    pub(super) fn acceptance(&self, world: &World<Record>, command: &Command) -> Option<Acceptance<Record>> {
        let acceptance = self.model.forced(world, command)?;
        (!acceptance.unspecified).then_some(acceptance)
    }

    /// The world before a place, as the rules have it.
    pub(super) fn world(&self, before: usize) -> Option<World<Record>> {
        self.behind(self.done(before).map(|sent| &**sent.command))
    }

    /// The world before a place if the commands at some places had no effect.
    pub(super) fn without(&self, places: &[usize], before: usize) -> Option<World<Record>> {
        let kept = self.done(before).filter(|sent| !places.contains(&sent.at));
        self.behind(kept.map(|sent| &**sent.command))
    }

    /// Whether a read is as it must be in a world.
    pub(super) fn fits(&self, world: &World<Record>, read: &Read<'_>) -> bool {
        let Ok(expected) = self.model.answer(world, read.query) else { return false };
        self.is(&expected, read)
    }

    /// Whether a read shows what is expected: of a list our rows alone, and a total where nobody else can have a part in it.
    pub(super) fn is(&self, expected: &Expected, read: &Read<'_>) -> bool {
        let own = |value: &Value| self.ours.contains(value);
        let alone = self.settings.alone || self.model.is_of_own(read.query, &own);
        let seen = match self.rows(read) {
            Some(rows) => Seen::Found(rows.into_iter().cloned().collect()),
            None => read.answer.seen.clone(),
        };
        let answer = Answer { seen, total: read.answer.total.filter(|_| alone), ..read.answer.clone() };
        expected.differences(&answer, self.settings.promises.tolerances_of(&read.query.name)).is_empty()
    }

    /// The rows of a list that are ours; nothing for another answer.
    pub(super) fn rows<'r>(&self, read: &Read<'r>) -> Option<Vec<&'r Value>> {
        let Seen::Found(Value::List(rows)) = &read.answer.seen else { return None };
        Some(rows.iter().filter(|row| self.has_ours(row)).collect())
    }

    /// Whether a value that is ours is part of this one.
    fn has_ours(&self, value: &Value) -> bool {
        match value {
            Value::List(elements) => elements.iter().any(|element| self.has_ours(element)),
            Value::Record(record) => record.iter().any(|(_, value)| self.has_ours(value)),
            value => self.ours.contains(value),
        }
    }

    /// Whether a way explains a read: that one itself, and those of the same query that were asked at rest; of something that happened
    /// once, until the next command took effect, since something else may have happened by then.
    pub(super) fn is_read_so(&self, read: &Read<'_>, scope: Scope, way: Way<'_>) -> bool {
        self.is_read_of_places_so(read, &[read.at], scope, way)
    }

    /// The same of something that happened once, where what was not read at rest may be of a moment before: a read model that lags.
    pub(super) fn is_read_so_behind(&self, read: &Read<'_>, way: Way<'_>) -> bool {
        let behind = if self.is_at_rest(read.at) { 0 } else { BEHIND };
        let before = self.sent(read.at).iter().rev().take(behind);
        let places: Vec<usize> = std::iter::once(read.at).chain(before.map(|sent| sent.at)).collect();
        self.is_read_of_places_so(read, &places, Scope::Once, way)
    }

    /// The same of a read that may be of any of these moments.
    fn is_read_of_places_so(&self, read: &Read<'_>, places: &[usize], scope: Scope, way: Way<'_>) -> bool {
        let fits = |read: &Read<'_>, place: usize| way(place).is_some_and(|world| self.fits(&world, read));
        let until = match scope {
            Scope::Always => self.len(),
            Scope::Once => {
                let mut later = self.done(self.len()).filter(|sent| sent.at > read.at);
                later.next().map_or(self.len(), |next| next.at)
            }
        };
        let of_query = self.reads(0..until).filter(|other| other.query.name == read.query.name);
        let mut at_rest = of_query.filter(|other| other.at != read.at && self.is_at_rest(other.at));
        places.iter().any(|place| fits(read, *place)) && at_rest.all(|other| fits(&other, other.at))
    }

    /// On which side it is that a way is taken which explains a read. What another query shows at rest as it must be is there, and what
    /// later decisions know nothing of is not.
    pub(super) fn side(&self, read: &Read<'_>, way: Way<'_>) -> Told {
        let query = || Side::Read(read.query.name.clone());
        let shown = self.reads(0..self.len()).any(|other| {
            let others = other.query.name != read.query.name && self.is_at_rest(other.at);
            others
                && matches!((self.world(other.at), way(other.at)), (Some(right), Some(wrong))
                    if self.fits(&right, &other) && !self.fits(&wrong, &other))
        });
        if shown {
            Told { side: query(), certain: true }
        } else if self.is_decided_so(way) {
            Told { side: Side::Write, certain: true }
        } else {
            match self.is_counted_so(read, way) {
                Some(true) => Told { side: Side::Write, certain: true },
                Some(false) => Told { side: query(), certain: true },
                None => Told { side: query(), certain: false },
            }
        }
    }

    /// Whether the version that a read tells is that of a way, and not that of the rules; the other way round, `false`. Where it tells none,
    /// or the target does not count as the rules do, nobody knows.
    fn is_counted_so(&self, read: &Read<'_>, way: Way<'_>) -> Option<bool> {
        let on = read.query.on.as_ref()?;
        // What is done to it by way of another one may be counted, or not.
        if self.done(read.at).any(|sent| sent.command.fields.iter().any(|(_, value)| value == on)) {
            return None;
        }
        let version = |world: &World<Record>| {
            let entry = world.entries().iter().find(|entry| entry.id == *on)?;
            Some(Version::Number(entry.version))
        };
        // The first command that was accepted, alone: is that what the target calls its version, too?
        let first = self.done(read.at).find(|sent| sent.command.on.as_ref() == Some(on))?;
        let Act::Submit { outcome: Outcome::Accepted(receipt), .. } = &self.operations[first.at].act else {
            return None;
        };
        if receipt.version != version(&self.world(first.at + 1)?) {
            return None;
        }
        let (right, wrong) = (version(&self.world(read.at)?), version(&way(read.at)?));
        let told = &read.answer.version;
        match (*told == right, *told == wrong) {
            (true, false) => Some(false),
            (false, true) => Some(true),
            _ => None,
        }
    }

    /// Whether some decision is right in the world of a way, and not in that of the rules.
    pub(super) fn is_decided_so(&self, way: Way<'_>) -> bool {
        self.sent.iter().any(|sent| {
            let right = |world: Option<World<Record>>| world.is_some_and(|world| self.is_right(&world, sent));
            !right(self.world(sent.at)) && right(way(sent.at))
        })
    }

    /// Whether what was decided is right in a world, by the version that was demanded or whatever that was: the target may count otherwise.
    pub(super) fn is_right(&self, world: &World<Record>, sent: &Sent<'_>) -> bool {
        let Act::Submit { outcome, .. } = &self.operations[sent.at].act else { return false };
        let allows = |command: &Command| {
            let decisions = self.model.decide(world, command).unwrap_or_default();
            decisions.iter().any(|decision| decision.allows(outcome))
        };
        allows(&Command { expected: Wanted::Any, ..(**sent.command).clone() }) || allows(sent.command)
    }
}
