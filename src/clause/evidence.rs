//! Evidence: what was done and seen in one case, and what a check makes of it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::{Check, Judged, ONE_BY_ONE, Wrong};
use crate::contract::Contract;
use crate::contract::rules::{Interpreted, Model as _, World};
use crate::history::{Act, Done, HELD_AT, HeldUp, Operation, Part, Quiet, Role, Spoiled};
use crate::judge::{Cause, Course, Judgement, MismatchKind, Settings, judge};
use crate::protocol::{
    Actor, Answer, ClauseId, Command, Head, Outcome, Promises, Query, Seen, ShellLine, Verdict, Version,
};
use crate::value::{Precision, Record, Value};

/// What evidence of one target is held against.
#[derive(Clone, Debug)]
pub struct Bench {
    /// The rules.
    pub contract: Arc<Contract>,
    /// The same as a model.
    pub model: Arc<Interpreted>,
    /// What the target declares.
    pub settings: Settings,
    /// Whether nobody else uses the target (capability `exclusive`), even if cases of ours share it.
    pub exclusive: bool,
}

/// What was done and seen in one case of an experiment. All that a check may look at.
#[derive(Debug)]
pub struct Evidence<'a> {
    bench: &'a Bench,
    /// In the order of their calls.
    pub operations: &'a [Operation],
    /// For each operation, what it was done for.
    pub parts: &'a [Part],
    /// What was done besides, in the order in which it was begun.
    pub deeds: Vec<Arc<Done>>,
    /// Of these the commands that were made wrong, with their places.
    spoiled: Vec<(usize, Spoiled)>,
    /// For each operation, how its answer over HTTP began; nothing at all where there is no wire.
    heads: &'a [Option<Head>],
    requests: &'a [Option<ShellLine>],
    ours: HashSet<Value>,
    held: Vec<HeldUp>,
    /// Who spoke beside the default actor, by session.
    strangers: BTreeMap<u64, Actor>,
    twin: Option<&'a Evidence<'a>>,
    judgement: OnceCell<Judgement>,
}

/// A command in a case.
#[derive(Clone, Copy, Debug)]
pub struct Submitted<'a> {
    /// Its place among the operations.
    pub at: usize,
    /// What was sent.
    pub command: &'a Arc<Command>,
    /// 0 for the first time, one more for each retry.
    pub attempt: u32,
    /// What came of it.
    pub outcome: &'a Outcome,
    /// What it was done for.
    pub part: Part,
}

/// Why a case is set aside whose control shows something wrong.
const WITHOUT: &str = "what is wrong behind a race, or in a hurry, is wrong without one, too";
impl<'a> Evidence<'a> {
    /// A case. `ours` are the values that were drawn for its names.
    pub fn new(
        bench: &'a Bench,
        (operations, parts): (&'a [Operation], &'a [Part]),
        ours: impl IntoIterator<Item = Value>,
    ) -> Self {
        let ours = ours.into_iter().collect();
        let (held, strangers) = (Vec::new(), BTreeMap::new());
        let (deeds, spoiled) = (Vec::new(), Vec::new());
        let (heads, requests) = (&[][..], &[][..]);
        let (twin, judgement) = (None, OnceCell::new());
        Self {
            bench,
            operations,
            parts,
            deeds,
            spoiled,
            heads,
            requests,
            ours,
            held,
            strangers,
            twin,
            judgement,
        }
    }

    /// The same with what was done besides commands and queries.
    #[must_use]
    pub fn with_deeds(self, deeds: Vec<Arc<Done>>) -> Self {
        let spoiled = deeds.iter().enumerate().filter_map(|(at, done)| Some((at, done.spoiled()?)));
        Self { spoiled: spoiled.collect(), deeds, ..self }
    }

    /// The commands that were made wrong, with their places among the deeds.
    pub fn spoiled(&self) -> impl Iterator<Item = (usize, &Spoiled)> {
        self.spoiled.iter().map(|(at, spoiled)| (*at, spoiled))
    }

    /// The same with the request of each operation and how its answer began, over HTTP.
    #[must_use]
    pub fn with_wire(self, heads: &'a [Option<Head>], requests: &'a [Option<ShellLine>]) -> Self {
        Self { heads, requests, ..self }
    }

    /// How the answer to the operation at this place began, over HTTP.
    pub fn head(&self, at: usize) -> Option<&Head> {
        self.heads.get(at)?.as_ref()
    }

    /// Whether two commands were sent in one and the same request, but for their ids and keys; never where there is no wire.
    pub fn is_same_request(&self, one: &Submitted<'_>, other: &Submitted<'_>) -> bool {
        let request = |sent: &Submitted<'_>| {
            let line = self.requests.get(sent.at)?.as_ref()?.to_string().replace(&*sent.command.id, "");
            Some(sent.command.key.as_ref().map_or(line.clone(), |key| line.replace(&**key, "")))
        };
        request(one).is_some_and(|one| Some(one) == request(other))
    }

    /// The same on a machine that was held up.
    #[must_use]
    pub fn held_up(self, held: Vec<HeldUp>) -> Self {
        Self { held, ..self }
    }

    /// How much later something may have come between two times on the run's clock because the machine was held up.
    pub fn late_between(&self, from: Duration, to: Duration) -> Duration {
        let inside = |(begun, over): &HeldUp| (*over).min(to).saturating_sub((*begun).max(from));
        self.held.iter().map(inside).sum::<Duration>() * HELD_AT
    }

    /// Each operation that ended, with its place; of polls that brought the same again and again, only the first. A lane lets the others go.
    pub fn ended(&self) -> impl Iterator<Item = (usize, &'a Operation)> {
        let mut last: Vec<(u64, &'a Query, &'a Answer)> = Vec::new();
        self.operations.iter().enumerate().filter(move |(at, operation)| {
            let Act::Ask { query, answer } = &operation.act else { return operation.end.is_some() };
            let known =
                last.iter_mut().find(|(client, asked, _)| *client == operation.client && *asked == &**query);
            let is_new = match known {
                Some((_, _, before)) => std::mem::replace(before, answer) != answer,
                None => {
                    last.push((operation.client, query, answer));
                    true
                }
            };
            operation.end.is_some() && (is_new || self.parts[*at].role != Role::Poll)
        })
    }

    /// What the target promises.
    pub fn promises(&self) -> &Promises {
        &self.bench.settings.promises
    }

    /// Whether an answer is what it must be in that world: of a list our rows alone, and a total where nobody else can have a part in it.
    pub fn shows(&self, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
        self.shows_to(world, query, answer, None)
    }

    /// Whether an answer is what it must be in a world that the feed's events add up to, which know moments as finely as it tells them.
    pub fn shows_folded(&self, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
        self.shows_to(world, query, answer, self.promises().feed_precision())
    }

    fn shows_to(
        &self,
        world: &World<Record>,
        query: &Query,
        answer: &Answer,
        known: Option<Precision>,
    ) -> bool {
        let Ok(expected) = self.bench.model.answer(world, query) else { return true };
        let own = |value: &Value| self.ours.contains(value);
        let alone = self.bench.settings.alone || self.bench.model.is_of_own(query, &own);
        let seen = match &answer.seen {
            Seen::Found(Value::List(rows)) => {
                Seen::Found(rows.iter().filter(|row| self.has_ours(row)).cloned().collect())
            }
            seen => seen.clone(),
        };
        let answer = Answer { seen, total: answer.total.filter(|_| alone), ..answer.clone() };
        let tolerances = self.promises().tolerances_of(&query.name).known_to(known);
        expected.differences(&answer, &tolerances).is_empty()
    }

    /// The same, of which some sessions are those of others than the default actor, or of nobody.
    #[must_use]
    pub fn with_strangers(self, sessions: impl IntoIterator<Item = (u64, Actor)>) -> Self {
        Self { strangers: sessions.into_iter().collect(), ..self }
    }

    /// The same beside its twin: a case that went the same course without what this one is about.
    #[must_use]
    pub fn beside(self, twin: &'a Evidence<'a>) -> Self {
        Self { twin: Some(twin), ..self }
    }

    /// Its twin, where it has one.
    pub fn twin(&self) -> Option<&Evidence<'a>> {
        self.twin
    }

    /// Whether nobody else's aggregates can have a part in the answer to a query.
    pub fn is_ours_alone(&self, query: &Query) -> bool {
        let own = |value: &Value| self.ours.contains(value);
        let alone = self.bench.settings.alone || self.bench.exclusive;
        query.on.is_some() || alone || self.bench.model.is_of_own(query, &own)
    }

    /// The rules that it is held against.
    pub fn contract(&self) -> &Contract {
        &self.bench.contract
    }

    /// The same as a model.
    pub fn model(&self) -> &Interpreted {
        &self.bench.model
    }

    /// Who did the operation at this place, if that was not the default actor.
    pub fn stranger(&self, at: usize) -> Option<&Actor> {
        self.strangers.get(&self.operations[at].client)
    }

    /// Whether only the owner of what a query shows may ask it.
    pub fn is_private(&self, query: &str) -> bool {
        self.bench.settings.promises.private.iter().any(|private| **private == *query)
    }

    /// Whether a value that was drawn for the case is part of this one.
    pub fn has_ours(&self, value: &Value) -> bool {
        let within = match value {
            Value::List(elements) => elements.iter().any(|element| self.has_ours(element)),
            Value::Record(record) => record.iter().any(|(_, value)| self.has_ours(value)),
            _ => false,
        };
        within || self.ours.contains(value)
    }

    /// What all of it proves by the rules alone, whoever did it.
    pub fn judgement(&self) -> &Judgement {
        self.judgement.get_or_init(|| self.judge(self.operations))
    }

    /// What operations prove that might have been instead.
    pub fn judge(&self, operations: &[Operation]) -> Judgement {
        judge(&*self.bench.model, &self.settings(), operations)
    }

    fn settings(&self) -> Settings {
        Settings { ours: self.ours.clone(), ..self.bench.settings.clone() }
    }

    /// What would explain that the answers to a query are wrong, all that explains it equally well; nothing where they are not, or nothing does.
    pub fn causes(&self, query: &str) -> Vec<Cause> {
        let mut wrong = self.judgement().mismatches.iter().filter(|mismatch| mismatch.is_read());
        let Some(mismatch) = wrong.find(|mismatch| *mismatch.message == *query) else { return Vec::new() };
        let settings = self.settings();
        let course = Course::of(&self.bench.model, &settings, self.operations);
        course.map(|course| course.diagnose(mismatch)).unwrap_or_default()
    }

    /// Whether what is wrong with the answers to a query is another clause's to tell.
    pub fn is_of_others(&self, query: &str, id: ClauseId) -> bool {
        let causes = self.causes(query);
        !causes.is_empty() && causes.iter().all(|cause| !cause.breaks.contains(&id))
    }

    /// Whether the rules explain operations that might have been instead.
    pub fn explains(&self, operations: &[Operation]) -> bool {
        self.judge(operations).verdict() == Verdict::Pass
    }

    /// Whether some read among these shows what nothing that was done explains, however far read models may lag.
    pub fn is_phantom(&self, operations: &[Operation]) -> bool {
        let settings = Settings { lagging: true, ..self.settings() };
        let restless = operations.iter().filter(|operation| !matches!(operation.act, Act::Quiet(_)));
        let judged = judge(&*self.bench.model, &settings, &restless.cloned().collect::<Vec<_>>());
        judged.mismatches.iter().any(|mismatch| mismatch.kind == MismatchKind::Unexplained)
    }

    /// Whether something is wrong in these operations that nothing but one of `rivals` explains: what might have been instead. What an
    /// effect explains that only shows late, or is lost on the way to a read model, is that, however well a rival fits; and no rival
    /// may lead to another version than reads at rest tell.
    pub fn blames(&self, operations: &[Operation], rivals: impl IntoIterator<Item = Vec<Operation>>) -> bool {
        let mut rivals = rivals.into_iter();
        !self.judge(operations).mismatches.is_empty()
            && !self.is_late(operations)
            && rivals.any(|rival| self.explains(&rival) && self.leads_to_what_is_told(&rival))
    }

    /// Whether every read shows something that was the case at some time.
    fn is_late(&self, operations: &[Operation]) -> bool {
        let settings = Settings { lagging: true, ..self.settings() };
        let restless = operations.iter().filter(|operation| !matches!(operation.act, Act::Quiet(_)));
        judge(&*self.bench.model, &settings, &restless.cloned().collect::<Vec<_>>()).mismatches.is_empty()
    }

    /// Whether the version that the last read of an aggregate tells is the one that the rules count behind these operations. Where
    /// no read tells one, or the target counts otherwise, that says nothing.
    fn leads_to_what_is_told(&self, operations: &[Operation]) -> bool {
        let last = operations.iter().rev().find_map(|operation| match &operation.act {
            Act::Ask { query, answer } => Some((query.on.as_ref()?, answer.version.as_ref()?)),
            _ => None,
        });
        let Some((on, Version::Number(told))) = last else { return true };
        // The first command that was accepted, alone: is that what the target calls its version, too?
        let first = operations.iter().position(|operation| match &operation.act {
            Act::Submit { command, outcome: Outcome::Accepted(_), .. } => command.on.as_ref() == Some(on),
            _ => false,
        });
        let counted = |operations: &[Operation]| {
            let world = self.behind_all(operations);
            world.entries().iter().find(|entry| entry.id == *on).map(|entry| entry.version)
        };
        let Some(first) = first else { return true };
        let calls_it = match &operations[first].act {
            Act::Submit { outcome: Outcome::Accepted(receipt), .. } => receipt.version.clone(),
            _ => None,
        };
        let alike = calls_it.is_some() && calls_it == counted(&operations[..=first]).map(Version::Number);
        !alike || counted(operations) == Some(*told)
    }

    /// The world behind all that was accepted before a place, in the order in which it was called. That is one of those that
    /// may have been.
    pub fn world(&self, before: usize) -> World<Record> {
        self.behind_all(&self.operations[..before])
    }

    fn behind_all(&self, operations: &[Operation]) -> World<Record> {
        let mut world = World::new();
        for operation in operations {
            let Act::Submit { command, outcome: Outcome::Accepted(_), .. } = &operation.act else { continue };
            world = super::probe::behind(self, &world, command).unwrap_or(world);
        }
        world
    }

    /// Whether nobody else does anything where the target is.
    pub fn is_exclusive(&self) -> bool {
        self.bench.exclusive || self.bench.settings.alone
    }

    /// All commands, in the order in which they were called.
    pub fn submitted(&self) -> impl DoubleEndedIterator<Item = Submitted<'a>> + use<'a> {
        let all = self.operations.iter().zip(self.parts).enumerate();
        all.filter_map(|(at, (operation, part))| match &operation.act {
            Act::Submit { command, attempt, outcome } => {
                Some(Submitted { at, command, attempt: *attempt, outcome, part: *part })
            }
            _ => None,
        })
    }

    /// The first command that came to something else than a yes although the rules accept it: what follows it could not be done.
    pub fn turned_away(&self) -> Option<Submitted<'a>> {
        self.submitted().find(|sent| {
            let accepts = || super::probe::behind(self, &self.world(sent.at), sent.command).is_some();
            sent.part.role != Role::Racer && !sent.is_accepted() && sent.attempt == 0 && accepts()
        })
    }

    /// The commands that raced, race by race.
    pub fn races(&self) -> Vec<Vec<Submitted<'a>>> {
        let mut races: Vec<(Option<u64>, Vec<Submitted<'a>>)> = Vec::new();
        for sent in self.submitted().filter(|sent| sent.part.role == Role::Racer) {
            match races.iter_mut().find(|(race, _)| *race == sent.part.race) {
                Some((_, of_race)) => of_race.push(sent),
                None => races.push((sent.part.race, vec![sent])),
            }
        }
        races.into_iter().map(|(_, of_race)| of_race).collect()
    }

    /// What the commands that raced are called, each once, in order.
    pub fn raced(&self) -> Vec<Arc<str>> {
        let racers = self.races().into_iter().flatten().map(|racer| racer.command.name.clone());
        racers.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Whether two of these were under way at the same time.
    pub fn overlapped(&self, racers: &[Submitted<'_>]) -> bool {
        let span = |sent: &Submitted<'_>| {
            let operation = &self.operations[sent.at];
            (operation.call.index, operation.end.map_or(u64::MAX, |end| end.index))
        };
        let meets = |one: &Submitted<'_>, other: &Submitted<'_>| {
            let (one, other) = (span(one), span(other));
            one.0 < other.1 && other.0 < one.1
        };
        racers.iter().enumerate().any(|(at, one)| racers[at + 1..].iter().any(|other| meets(one, other)))
    }

    /// The place of the first command behind one, of those that are no copy of it; else where the case ends.
    pub fn until_next(&self, sent: &Submitted<'_>) -> usize {
        let next = self.submitted().find(|next| next.at > sent.at && next.command.id != sent.command.id);
        next.map_or(self.operations.len(), |next| next.at)
    }

    /// Whether everything was read at proven rest behind a place and before another one, and every read was answered.
    pub fn is_seen_at_rest(&self, behind: usize, before: usize) -> bool {
        self.is_seen_behind(&[Quiet::Proved], behind, before)
    }

    /// The same at rest that may have been assumed: enough for what is there, and not for what is not.
    pub fn is_settled(&self, behind: usize, before: usize) -> bool {
        self.is_seen_behind(&[Quiet::Proved, Quiet::Assumed], behind, before)
    }

    fn is_seen_behind(&self, quiet: &[Quiet], behind: usize, before: usize) -> bool {
        let span = &self.operations[behind + 1..before.max(behind + 1)];
        let is_quiet = |one: &Operation| matches!(one.act, Act::Quiet(how) if quiet.contains(&how));
        let Some(rest) = span.iter().rposition(is_quiet) else { return false };
        let mut reads = span[rest..].iter().filter_map(|operation| match &operation.act {
            Act::Ask { answer, .. } => Some(matches!(answer.seen, Seen::Found(_) | Seen::Absent)),
            _ => None,
        });
        reads.next().is_some_and(|first| first && reads.all(|answered| answered))
    }

    /// What would have been with another command, or another outcome, in one place; up to `before`.
    pub fn instead(
        &self,
        at: usize,
        before: usize,
        change: impl FnOnce(&mut Command, &mut Outcome),
    ) -> Vec<Operation> {
        let mut operations = self.operations[..before].to_vec();
        if let Act::Submit { command, attempt, outcome } = &mut operations[at].act {
            change(Arc::make_mut(command), outcome);
            *attempt = 0;
        }
        operations
    }

    /// What would have been without what stands in these places; up to `before`.
    pub fn without(&self, places: &[usize], before: usize) -> Vec<Operation> {
        let kept = self.operations[..before].iter().enumerate().filter(|(at, _)| !places.contains(at));
        kept.map(|(_, operation)| operation.clone()).collect()
    }
}

impl Submitted<'_> {
    /// Whether it was accepted.
    pub fn is_accepted(&self) -> bool {
        matches!(self.outcome, Outcome::Accepted(_))
    }

    /// The id of the aggregate that a yes names, if it names one.
    fn told(&self) -> Option<&Value> {
        match self.outcome {
            Outcome::Accepted(receipt) => receipt.id.as_ref(),
            _ => None,
        }
    }

    /// Whether both were accepted, and each names another aggregate.
    pub fn is_told_as_another_than(&self, other: &Submitted<'_>) -> bool {
        matches!((self.told(), other.told()), (Some(one), Some(other)) if one != other)
    }

    /// Whether both were accepted, and this one names what the other one was to create.
    pub fn names_what(&self, other: &Submitted<'_>) -> bool {
        self.told().is_some() && self.told() == other.command.on.as_ref() && other.is_accepted()
    }

    /// Whether another one asks for the same, whatever its key.
    pub fn asks_for_the_same(&self, other: &Submitted<'_>) -> bool {
        let (a, b) = (self.command, other.command);
        a.name == b.name && a.on == b.on && a.fields == b.fields
    }
}

/// What the clauses make of a case of an experiment: of those that judge its cases, one each.
pub fn judged(experiment: &str, evidence: &Evidence<'_>) -> Vec<(ClauseId, Judged)> {
    let checks = super::all().flat_map(|clause| clause.checks.iter().map(|check| (clause.id, check)));
    let own = checks.filter(|(_, check)| check.experiment == experiment);
    own.map(|(id, check)| (id, (check.judge)(evidence))).collect()
}

/// What the clauses make of a case that hold each answer by itself to something, whatever it was asked for.
pub fn watched(evidence: &Evidence<'_>) -> Vec<(ClauseId, Judged)> {
    judged(Check::EVERY, evidence)
}

/// The same of a case that raced, came at once, or did something besides, in the light of one that went the same course without:
/// where something is wrong in that one as well, it has another cause.
pub fn controlled(judged: Vec<(ClauseId, Judged)>, control: &Judgement) -> Vec<(ClauseId, Judged)> {
    let Some(mismatch) = control.mismatches.first() else { return judged };
    let aside = |judged: Judged| {
        let findings = judged.findings.into_iter().filter(|finding| finding.certain).collect();
        let mut judged = Judged { findings, ..Judged::default() };
        judged.aside(WITHOUT, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        judged
    };
    judged.into_iter().map(|(id, judged)| (id, aside(judged))).collect()
}
