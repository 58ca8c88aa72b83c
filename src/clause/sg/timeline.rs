//! What the session clauses have in common: the states that an aggregate went through, command by command, and which of them
//! explain a read.

use std::ops::Range;
use std::sync::Arc;

use crate::clause::{Evidence, Submitted};
use crate::contract::rules::{Decision, Entry, Expected, Model as _, World, told_row};
use crate::history::{Act, Operation};
use crate::protocol::{Answer, Command, Outcome, Query, Receipt, Seen, Version};
use crate::value::{Record, Value};

/// One aggregate of a case, as commands that came one behind the other changed it.
pub(super) struct Timeline {
    /// Its id.
    pub(super) id: Value,
    /// Its states, the first of them before there was anything.
    pub(super) points: Vec<Point>,
}

/// A state of an aggregate.
pub(super) struct Point {
    /// A world with nothing else in it.
    alone: World<Record>,
    /// The command that led to it.
    pub(super) write: Option<Write>,
}

/// A command that changed an aggregate.
#[derive(Clone)]
pub(super) struct Write {
    /// Its place among the operations.
    pub(super) at: usize,
    /// What was sent.
    pub(super) command: Arc<Command>,
    /// The version that it told of this very aggregate.
    version: Option<Version>,
    /// The position that it told.
    pub(super) position: Option<u64>,
    /// Whether it is made of several events: a read model that takes in one at a time may be seen between them.
    several: bool,
}

/// What was done in a case, as far as it is certain what the commands came to.
pub(super) struct Timelines {
    all: Vec<Timeline>,
    /// The world behind each command, the first before any.
    worlds: Vec<World<Record>>,
    /// The place from which on it is not certain.
    until: usize,
}

/// What a read says of one aggregate.
pub(super) struct Read<'a> {
    /// Its place among the operations.
    pub(super) at: usize,
    /// The session that asked.
    pub(super) client: u64,
    pub(super) query: &'a Query,
    /// The place of the aggregate's timeline.
    pub(super) of: usize,
    /// The states that explain it, in order; none where it says nothing.
    pub(super) explained: Vec<usize>,
    /// The last state that it may have shown.
    pub(super) last: usize,
    /// Whether the version that it tells says which of them it was.
    pub(super) exact: bool,
    /// The position that the answer reflects, by its own word.
    pub(super) position: Option<u64>,
}

impl Timelines {
    /// Those of a case. They end where a command comes at the same time as another one, has no known outcome, or is one whose effect the
    /// rules leave open.
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let worlds = vec![World::new()];
        let mut found = Self { all: Vec::new(), worlds, until: evidence.operations.len() };
        let mut returned = 0;
        for sent in evidence.submitted() {
            let Operation { call, end, .. } = &evidence.operations[sent.at];
            let certain = match sent.outcome {
                Outcome::NotSent(_) | Outcome::Rejected(_) => true,
                Outcome::Accepted(receipt) => found.accepted(evidence, &sent, receipt),
                Outcome::Unknown(_) => false,
            };
            let Some(end) = end.filter(|_| certain && call.index >= returned) else {
                found.until = sent.at;
                break;
            };
            returned = end.index;
        }
        found
    }

    /// Takes in a command that was accepted. `false` where it is not certain what it did.
    fn accepted(&mut self, evidence: &Evidence<'_>, sent: &Submitted<'_>, receipt: &Receipt) -> bool {
        let before = &self.worlds[self.worlds.len() - 1];
        let departs = |name: &str| evidence.promises().deviations.iter().any(|one| *one.command == *name);
        if sent.attempt > 0 || departs(&sent.command.name) {
            return false;
        }
        let Ok(decisions) = evidence.model().decide(before, sent.command) else { return false };
        let [Decision::Accepted(acceptance)] = &decisions[..] else { return false };
        if acceptance.unspecified {
            return false;
        }
        let several = acceptance.events.len() > 1;
        let changed = |entry: &&Entry<Record>| before.get(&entry.aggregate, &entry.id) != Some(*entry);
        for entry in acceptance.world.entries().iter().filter(changed) {
            let is_its_own = sent.command.on.as_ref() == Some(&entry.id);
            let write = Write {
                at: sent.at,
                command: sent.command.clone(),
                version: receipt.version.clone().filter(|_| is_its_own),
                position: receipt.position,
                several,
            };
            let mut alone = World::new();
            alone.put(entry.clone());
            let timeline = match self.all.iter().position(|known| known.id == entry.id) {
                Some(known) => &mut self.all[known],
                None => {
                    let points = vec![Point { alone: World::new(), write: None }];
                    self.all.push(Timeline { id: entry.id.clone(), points });
                    let last = self.all.len() - 1;
                    &mut self.all[last]
                }
            };
            timeline.points.push(Point { alone, write: Some(write) });
        }
        self.worlds.push(acceptance.world.clone());
        true
    }

    /// The timeline in that place.
    pub(super) fn get(&self, place: usize) -> &Timeline {
        &self.all[place]
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Timeline> {
        self.all.iter()
    }

    /// What was read of each aggregate, in the order of the calls. A query that says of an aggregate what others have a part in says
    /// nothing of it alone.
    pub(super) fn reads<'a>(&self, evidence: &Evidence<'a>) -> Vec<Read<'a>> {
        let mut reads = Vec::new();
        let mut known: Vec<(&Query, usize, bool)> = Vec::new();
        for (at, operation) in evidence.operations[..self.until].iter().enumerate() {
            let Act::Ask { query, answer } = &operation.act else { continue };
            if !matches!(answer.seen, Seen::Found(_) | Seen::Absent) {
                continue;
            }
            for (of, timeline) in self.all.iter().enumerate() {
                let Some(about) = about(evidence, query, answer, &timeline.id) else { continue };
                let asked = known.iter().find(|(known, place, _)| *known == &**query && *place == of);
                let alone = match asked {
                    Some((_, _, alone)) => *alone,
                    None => {
                        let alone = self.is_of_one(evidence, query, timeline);
                        known.push((query, of, alone));
                        alone
                    }
                };
                if alone {
                    let read = timeline.read(evidence, (at, operation, query), (of, &about));
                    reads.extend(read);
                }
            }
        }
        reads
    }

    /// Whether nothing but this aggregate has a part in what a query says of it, wherever the case has come to.
    fn is_of_one(&self, evidence: &Evidence<'_>, query: &Query, timeline: &Timeline) -> bool {
        let answer = |world: &World<Record>| evidence.model().answer(world, query);
        self.worlds.iter().all(|world| {
            let mut alone = World::new();
            if let Some(own) = world.entries().iter().find(|entry| entry.id == timeline.id) {
                alone.put(own.clone());
            }
            match (answer(world), answer(&alone)) {
                (Ok(Expected::Rows(all)), Ok(Expected::Rows(alone))) => {
                    let all = all.rows.iter().map(told_row).filter(|row| holds(row, &timeline.id));
                    all.collect::<Vec<_>>() == alone.rows.iter().map(told_row).collect::<Vec<_>>()
                }
                (Ok(all), Ok(alone)) => query.on.is_some() && all.is_same(&alone),
                _ => false,
            }
        })
    }
}

impl Timeline {
    /// What an answer says of it that is about nothing else.
    fn read<'a>(
        &self,
        evidence: &Evidence<'a>,
        (at, operation, query): (usize, &'a Operation, &'a Query),
        (of, about): (usize, &Answer),
    ) -> Option<Read<'a>> {
        let last = self.points.iter().rposition(|point| point.write.as_ref().is_none_or(|by| by.at < at))?;
        let told = |point: &Point| point.write.as_ref().and_then(|write| write.version.clone());
        let versions = self.points[..=last].iter().any(|point| told(point).is_some());
        let version = about.version.as_ref().filter(|_| versions);
        let explains = |place: &usize| {
            let point = &self.points[*place];
            evidence.shows(&point.alone, query, about)
                // One that was never told may be that of a state between two events.
                && version.is_none_or(|version| told(point).as_ref() == Some(version))
        };
        let explained = (0..=last).filter(explains).collect();
        let (client, position, exact) = (operation.client, about.position, version.is_some());
        Some(Read { at, client, query, of, explained, last, exact, position })
    }

    /// The command that led to a state.
    pub(super) fn write(&self, place: usize) -> Option<&Write> {
        self.points.get(place)?.write.as_ref()
    }

    /// Whether a read may show a state between two events of one of the commands that led to these.
    pub(super) fn is_blurred(&self, places: Range<usize>) -> bool {
        places.into_iter().any(|place| self.write(place).is_some_and(|write| write.several))
    }

    /// Whether a query answers otherwise in the one state than in the other.
    pub(super) fn differs(
        &self,
        evidence: &Evidence<'_>,
        query: &Query,
        (one, other): (usize, usize),
    ) -> bool {
        let answer = |place: usize| evidence.model().answer(&self.points[place].alone, query);
        match (answer(one), answer(other)) {
            (Ok(one), Ok(other)) => !one.is_same(&other),
            _ => false,
        }
    }
}

/// The part of an answer that is about one aggregate. Nothing where it may have more of it on another page, or sums up several.
fn about(evidence: &Evidence<'_>, query: &Query, answer: &Answer, id: &Value) -> Option<Answer> {
    if let Some(on) = &query.on {
        return (on == id).then(|| answer.clone());
    }
    // A number may stand in a row for anything.
    let (Value::Text(_), Seen::Found(Value::List(rows))) = (id, &answer.seen) else { return None };
    let own: Vec<Value> = rows.iter().filter(|row| holds(row, id)).cloned().collect();
    let whole = evidence.model().holds_all_below(query).is_some_and(|most| rows.len() < most);
    if own.is_empty() && !whole {
        return None;
    }
    let seen = Seen::Found(Value::List(own));
    Some(Answer { seen, version: None, position: answer.position, total: None })
}

fn holds(value: &Value, id: &Value) -> bool {
    let within = match value {
        Value::List(elements) => elements.iter().any(|element| holds(element, id)),
        Value::Record(record) => record.iter().any(|(_, value)| holds(value, id)),
        _ => false,
    };
    within || value == id
}
