//! Evidence: what was done and seen in one case, and what a check makes of it.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use super::Unit;
use crate::contract::Contract;
use crate::contract::rules::{Interpreted, Model as _, World};
use crate::history::{Act, Done, HeldUp, Operation, Part, Quiet, Role};
use crate::judge::{Judgement, Mismatch, Settings, judge};
use crate::protocol::{
    Actor, Answer, ClauseId, Command, Head, Outcome, Promises, Query, Seen, Verdict, Version,
};
use crate::value::{Record, Value};

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
    /// For each operation, how its answer over HTTP began; nothing at all where there is no wire.
    heads: &'a [Option<Head>],
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

/// What a check makes of a case.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Judged {
    /// What speaks for the clause: so much of that.
    pub counted: Vec<(Unit, u32)>,
    /// How it is broken.
    pub findings: Vec<Finding>,
    /// What is wrong in it, and not this clause's to tell.
    pub asides: Vec<SetAside>,
    /// Why it decides nothing.
    pub doubts: Vec<String>,
    /// What has to be alike in all cases.
    pub notes: Vec<Note>,
}

/// What a case says of something that has to be alike in all of them, where one case alone decides nothing.
#[derive(Clone, PartialEq, Debug)]
pub struct Note {
    /// What it is said of.
    pub about: String,
    /// What is said.
    pub says: &'static str,
    /// How the clause is broken if another case, or this one, says something else of it.
    pub otherwise: Finding,
}

/// How a clause is broken.
#[derive(Clone, PartialEq, Debug)]
pub struct Finding {
    /// What is wrong.
    pub wrong: Wrong,
    /// The first thing to look at.
    pub first: String,
    /// The place from which on nothing is needed to show it, where there is one.
    pub until: Option<usize>,
    /// What else shows it, a sentence each.
    pub more: Vec<String>,
}

/// What is wrong in a case.
#[derive(Clone, PartialEq, Debug)]
pub enum Wrong {
    /// In a sentence without a full stop. The whole case shows it.
    Said(String),
    /// What the judge says of one operation.
    Mismatch(Mismatch),
}

/// Evidence in which something is wrong that is not this clause's to tell.
#[derive(Clone, PartialEq, Debug)]
pub struct SetAside {
    /// Why it is set aside, in a clause without a full stop.
    pub why: &'static str,
    /// What is wrong.
    pub wrong: Wrong,
    /// It is explained if one of these clauses is broken.
    pub explained_by: &'static [ClauseId],
}

/// What explains that something is wrong where commands come one by one.
pub(crate) const ONE_BY_ONE: &[ClauseId] = &[
    ClauseId::Br1,
    ClauseId::Br3,
    ClauseId::Br6,
    ClauseId::Ch1,
    ClauseId::Ec1,
    ClauseId::Ec3,
    ClauseId::Ec5,
    ClauseId::Oc4,
    ClauseId::Qs5,
];

/// Why evidence is set aside that nothing explains which the clause is about.
const UNEXPLAINED: &str = "reads at rest show what no way to do these commands leads to";
/// Why a case is set aside whose control shows something wrong.
const WITHOUT: &str = "what is wrong behind a race, or in a hurry, is wrong without one, too";
/// Why evidence is set aside that could not be judged.
const UNDECIDED: &str = "what came of the commands could not be decided";

impl<'a> Evidence<'a> {
    /// A case. `ours` are the values that were drawn for its names.
    pub fn new(
        bench: &'a Bench,
        (operations, parts): (&'a [Operation], &'a [Part]),
        ours: impl IntoIterator<Item = Value>,
    ) -> Self {
        let ours = ours.into_iter().collect();
        let (held, strangers) = (Vec::new(), BTreeMap::new());
        let (deeds, heads, twin, judgement) = (Vec::new(), [].as_slice(), None, OnceCell::new());
        Self { bench, operations, parts, deeds, heads, ours, held, strangers, twin, judgement }
    }

    /// The same with what was done besides commands and queries.
    #[must_use]
    pub fn with_deeds(self, deeds: Vec<Arc<Done>>) -> Self {
        Self { deeds, ..self }
    }

    /// The same with how the answer to each operation began, over HTTP.
    #[must_use]
    pub fn with_heads(self, heads: &'a [Option<Head>]) -> Self {
        Self { heads, ..self }
    }

    /// How the answer to the operation at this place began, over HTTP.
    pub fn head(&self, at: usize) -> Option<&Head> {
        self.heads.get(at)?.as_ref()
    }

    /// The same on a machine that was held up.
    #[must_use]
    pub fn held_up(self, held: Vec<HeldUp>) -> Self {
        Self { held, ..self }
    }

    /// How long the machine was held up between two times on the run's clock.
    pub fn late_between(&self, from: Duration, to: Duration) -> Duration {
        let inside = |(begun, over): &HeldUp| (*over).min(to).saturating_sub((*begun).max(from));
        self.held.iter().map(inside).sum()
    }

    /// What the target promises.
    pub fn promises(&self) -> &Promises {
        &self.bench.settings.promises
    }

    /// Whether an answer is what it must be in that world: of a list our rows alone, and a total where nobody else can have a part in it.
    pub fn shows(&self, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
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
        expected.differences(&answer, self.promises().tolerances_of(&query.name)).is_empty()
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

    /// Whether the rules explain operations that might have been instead.
    pub fn explains(&self, operations: &[Operation]) -> bool {
        self.judge(operations).verdict() == Verdict::Pass
    }

    /// Whether some read among these shows what nothing that was done explains, however far read models may lag.
    pub fn is_phantom(&self, operations: &[Operation]) -> bool {
        is_phantom(&self.bench.model, self.settings(), operations)
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

    /// Whether another one asks for the same, whatever its key.
    pub fn asks_for_the_same(&self, other: &Submitted<'_>) -> bool {
        let (a, b) = (self.command, other.command);
        a.name == b.name && a.on == b.on && a.fields == b.fields
    }
}

impl Judged {
    /// Whether something in the case is not as it must be, whoever has to tell it.
    pub fn is_wrong(&self) -> bool {
        let wrong = |aside: &SetAside| matches!(aside.wrong, Wrong::Mismatch(_));
        !self.findings.is_empty() || self.asides.iter().any(wrong)
    }

    /// Something more speaks for the clause.
    pub fn count(&mut self, unit: Unit) {
        self.counted.push((unit, 1));
    }

    /// The clause is broken.
    pub fn broken(&mut self, wrong: impl Into<String>, first: &str) {
        self.findings.push(Finding {
            wrong: Wrong::Said(wrong.into()),
            first: first.to_owned(),
            until: None,
            more: Vec::new(),
        });
    }

    /// The same; what was done before the place `until` shows it.
    pub fn broken_by_then(&mut self, until: usize, wrong: impl Into<String>, first: &str) {
        let (wrong, until) = (Wrong::Said(wrong.into()), Some(until));
        self.findings.push(Finding { wrong, first: first.to_owned(), until, more: Vec::new() });
    }

    /// The clause is broken, as the judge says.
    pub fn broken_by(&mut self, mismatch: &Mismatch, first: &str) {
        let wrong = Wrong::Mismatch(mismatch.clone());
        self.findings.push(Finding { wrong, first: first.to_owned(), until: None, more: Vec::new() });
    }

    /// The clause is broken, and these sentences show how, behind all that was done.
    pub fn broken_as(&mut self, wrong: impl Into<String>, more: Vec<String>, first: &str) {
        let (wrong, first) = (Wrong::Said(wrong.into()), first.to_owned());
        self.findings.push(Finding { wrong, first, until: None, more });
    }

    /// What was seen is not as it must be, and the clause does not say why: evidence for something else, or for nothing. Says
    /// whether it is so.
    pub fn is_set_aside(&mut self, judgement: &Judgement) -> bool {
        if let Some(mismatch) = judgement.mismatches.first() {
            self.aside(UNEXPLAINED, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        } else if let Some(undecided) = judgement.undecided.first() {
            self.aside(UNDECIDED, Wrong::Said(undecided.why.clone()), &[]);
        } else {
            return judgement.verdict() != Verdict::Pass;
        }
        true
    }

    /// Sets evidence aside.
    pub fn aside(&mut self, why: &'static str, wrong: Wrong, explained_by: &'static [ClauseId]) {
        self.asides.push(SetAside { why, wrong, explained_by });
    }
}

/// What the clauses make of a case of an experiment: of those that judge its cases, one each.
pub fn judged(experiment: &str, evidence: &Evidence<'_>) -> Vec<(ClauseId, Judged)> {
    let checks = super::all().flat_map(|clause| clause.checks.iter().map(|check| (clause.id, check)));
    let own = checks.filter(|(_, check)| check.experiment == experiment);
    own.map(|(id, check)| (id, (check.judge)(evidence))).collect()
}

/// The same of a case that raced, or came at once, in the light of one that did it one by one: where something is wrong in that
/// one as well, it has another cause.
pub fn controlled(judged: Vec<(ClauseId, Judged)>, control: &Judgement) -> Vec<(ClauseId, Judged)> {
    let Some(mismatch) = control.mismatches.first() else { return judged };
    let aside = || {
        let mut judged = Judged::default();
        judged.aside(WITHOUT, Wrong::Mismatch(mismatch.clone()), ONE_BY_ONE);
        judged
    };
    judged.into_iter().map(|(id, _)| (id, aside())).collect()
}

/// Whether some read shows what nothing that was done explains, however far read models may lag.
pub(crate) fn is_phantom(model: &Interpreted, settings: Settings, operations: &[Operation]) -> bool {
    let settings = Settings { lagging: true, ..settings };
    let restless = operations.iter().filter(|operation| !matches!(operation.act, Act::Quiet(_)));
    let judged = judge(model, &settings, &restless.cloned().collect::<Vec<_>>());
    judged.mismatches.iter().any(|mismatch| mismatch.kind == crate::judge::MismatchKind::Unexplained)
}
