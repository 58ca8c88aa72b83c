//! One small experiment: an aggregate or two of our own, commands, reads, and what all of it proves.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::blame::Blame;
use super::lab::Lab;
use super::options::Options;
use super::reach::is_other;
use super::rest::tells_it_is_behind;
use super::telling::says;
use super::{CaseName, Exchange, Latency};
use super::{RaceClass, Turn};
use crate::adapter::{AnyWorld, Malformation, Reaction, Unreachable};
use crate::clause::{self, Bench, Evidence, Judged, Wrong};
use crate::contract::explore::{Graph, fire};
use crate::contract::rules::{Interpreted, World};
use crate::history::{Act, CaseEnd, Operation, Purpose, Role};
use crate::judge::{Judgement, judge};
use crate::protocol::{Actor, Answer, ClauseId, Command, Outcome, Query, Stands};
use crate::run::{Lane, RaceError, Racer, Settled, overlapped};
use crate::step;
use crate::value::{Name, Record, Value};

/// An experiment: a [lane](Lane), and what the rules say of it. Commands and queries name ids (`$order1`); values are drawn when a
/// name is first sent.
pub(crate) struct Case<'l> {
    pub(crate) lab: &'l Lab,
    pub(super) lane: Lane,
    /// Its name, where it is one of an experiment.
    name: Option<CaseName>,
    /// What the rules say the world is now, in names. Whoever races says what came of it.
    pub(crate) world: World<Record>,
    /// Who speaks in it beside the default actor, by session.
    actors: BTreeMap<u64, Actor>,
    /// Whether others are in its place, too.
    shared: bool,
    goes: Goes,
    /// Whether it goes on beside all others, so that it may matter what they do.
    lasts: bool,
    /// Why it came to nothing.
    trouble: Option<String>,
}

/// What a case goes of its course.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goes {
    /// All of it.
    Whole,
    /// What raced in another case, one by one; or the other way round, and without what only shows what came of it.
    InTurn { otherwise: bool },
    /// That of another case, without what that one is about.
    Twin,
}

/// What was done, and where, is read from the lane itself.
impl Deref for Case<'_> {
    type Target = Lane;

    fn deref(&self) -> &Lane {
        &self.lane
    }
}

impl<'l> Case<'l> {
    /// An experiment of its own; the same `name` and `number` draw the same course.
    pub(crate) async fn open(lab: &'l Lab, name: &str, number: u64) -> Result<Self, Unreachable> {
        Self::begin(lab, (name, number), Purpose::Subject).await
    }

    /// The same course once more, with ids and values of its own; what raced comes one by one, and what came at once comes
    /// behind a rest.
    pub(crate) async fn control(lab: &'l Lab, name: &str, turn: Turn) -> Result<Self, Unreachable> {
        let Turn { number, case: of, otherwise } = turn;
        let mut case = Self::begin(lab, (name, number), Purpose::Control { of }).await?;
        case.goes = Goes::InTurn { otherwise };
        Ok(case)
    }

    /// The same course once more, with ids and values of its own, and without what the case is about.
    pub(crate) async fn twin(
        lab: &'l Lab,
        (name, number): (&str, u64),
        of: u64,
    ) -> Result<Self, Unreachable> {
        let mut case = Self::begin(lab, (name, number), Purpose::Twin { of }).await?;
        case.goes = Goes::Twin;
        Ok(case)
    }

    async fn begin(lab: &'l Lab, (name, number): (&str, u64), purpose: Purpose) -> Result<Self, Unreachable> {
        let seed = lab.engine.seed.of_scenario(name, &number.to_string());
        let part = lab.case((name, number), purpose, false);
        Ok(Self::of(lab, (name, number), Lane::open(&lab.engine, seed, part).await?))
    }

    /// The same in a place where other experiments are, too.
    pub(crate) async fn within(
        lab: &'l Lab,
        name: &str,
        number: u64,
        place: Arc<dyn AnyWorld>,
    ) -> Result<Self, Unreachable> {
        let seed = lab.engine.seed.of_scenario(name, &number.to_string());
        let part = lab.case((name, number), Purpose::Subject, true);
        let mut case = Self::of(lab, (name, number), Lane::within(&lab.engine, place, seed, part).await?);
        case.shared = true;
        Ok(case)
    }

    fn of(lab: &'l Lab, (name, number): (&str, u64), lane: Lane) -> Self {
        Self {
            lab,
            lane,
            name: CaseName::of(name, number),
            world: World::new(),
            actors: BTreeMap::new(),
            shared: false,
            goes: Goes::Whole,
            lasts: false,
            trouble: None,
        }
    }

    /// Its number in the history.
    pub(crate) fn number(&self) -> u64 {
        self.lane.case()
    }

    /// The experiment that it is one of.
    pub(crate) fn experiment(&self) -> &'static str {
        self.name.map_or("", |name| name.experiment)
    }

    /// The number of its first session in the history.
    pub(crate) fn client(&self) -> u64 {
        self.lane.client(0)
    }

    pub(crate) fn model(&self) -> &'l Interpreted {
        &self.lab.model
    }

    /// What the rules allow now.
    pub(crate) fn options(&self, graph: &Graph) -> Arc<Options> {
        self.lab.options(graph, &self.world)
    }

    /// Which of the accepted commands that change something comes next: one of each kind, in turn.
    pub(crate) fn next(&self, graph: &Graph, turn: usize) -> Option<Command> {
        self.of_kinds(graph, turn, |_| true)
    }

    /// The same, of those that close nothing for good, as long as there is one.
    pub(crate) fn next_open(&self, graph: &Graph, turn: usize) -> Option<Command> {
        let changes = |world: &World<Record>| {
            let options = self.lab.options(graph, world);
            options.accepted.iter().any(|(_, behind)| is_other(world, behind))
        };
        self.of_kinds(graph, turn, changes).or_else(|| self.next(graph, turn))
    }

    fn of_kinds(
        &self,
        graph: &Graph,
        turn: usize,
        is_one: impl Fn(&World<Record>) -> bool,
    ) -> Option<Command> {
        let options = self.options(graph);
        let mut kinds: Vec<&Command> = Vec::new();
        for (command, behind) in &options.accepted {
            let known = kinds.iter().any(|kind| kind.name == command.name && kind.on == command.on);
            if !known && is_other(&self.world, behind) && is_one(behind) {
                kinds.push(command);
            }
        }
        let count = kinds.len().max(1);
        kinds.get(turn % count).map(|command| (*command).clone())
    }

    /// What the aggregates touched so far are called in the target.
    pub(crate) fn ours(&self) -> Vec<Value> {
        let values = self.lane.values();
        let id = |id: &Value| id.as_name().and_then(|name| values.get(name).cloned());
        self.world.entries().iter().filter_map(|entry| id(&entry.id)).collect()
    }

    /// Brings the first aggregate of a graph into being, and on by `more` accepted commands that keep it changeable.
    /// `false` where the target did not go along.
    pub(crate) async fn set_up(&mut self, graph: &Graph, more: usize) -> bool {
        for step in 0..=more {
            let Some(command) = self.fertile(graph) else { return step > 0 };
            if !matches!(self.send(0, &command).await, Outcome::Accepted(_)) {
                return false;
            }
        }
        true
    }

    /// Sends what brings it somewhere, one by one. `false` where the target did not go along.
    pub(crate) async fn goes(&mut self, way: &[Command]) -> bool {
        for command in way {
            if !self.send(0, command).await.is_accepted() {
                return false;
            }
        }
        true
    }

    /// The accepted command that leaves the most to be done next, which is one that doesn't close anything.
    pub(crate) fn fertile(&self, graph: &Graph) -> Option<Command> {
        self.lab.fertile(graph, &self.world).map(|(command, _)| command)
    }

    /// A value for a name; the same one each time.
    pub(crate) fn value(&mut self, name: &Name) -> Value {
        self.drawn(name, &self.lab.declared(name))
    }

    fn drawn(&mut self, name: &Name, what: &step::Draw) -> Value {
        if let Err(too_few) = self.lane.draw(name, what, &self.lab.naming) {
            self.lab.remark(format!("{name} was drawn once more: {too_few}"));
        }
        self.lane.values().get(name).cloned().unwrap_or(Value::Null)
    }

    /// An idempotency key of that name; the same one each time.
    pub(crate) fn key(&mut self, name: &str) -> Arc<str> {
        self.drawn(&Name::new(name), &step::Draw::Key).as_text().unwrap_or_default().into()
    }

    /// A command as it is sent: with values for its names, and an id.
    pub(crate) fn bound(&mut self, command: &Command) -> Command {
        self.draw_all(command.on.iter().chain(command.fields.iter().map(|(_, value)| value)));
        self.lane.bound(command)
    }

    /// A query as it is asked: with values for its names.
    pub(crate) fn asked(&mut self, query: &Query) -> Query {
        self.draw_all(query.on.iter().chain(query.fields.iter().map(|(_, value)| value)));
        self.lane.bound_query(query)
    }

    fn draw_all<'v>(&mut self, values: impl Iterator<Item = &'v Value>) {
        let mut names = Vec::new();
        values.for_each(|value| value.each_name(&mut |name| names.push(name)));
        for name in names {
            self.value(name);
        }
    }

    /// One more session; its number.
    pub(crate) async fn session(&mut self) -> Result<usize, Unreachable> {
        self.session_as(&Actor::Default).await
    }

    /// A fresh session of the default actor in the place of another one of theirs, which ends.
    pub(crate) async fn reconnect(&mut self, session: usize) -> Result<(), Unreachable> {
        self.lane.reconnect(session).await
    }

    /// The same as somebody else, or as nobody.
    pub(crate) async fn session_as(&mut self, actor: &Actor) -> Result<usize, Unreachable> {
        let session = self.lane.session(actor).await?;
        if *actor != Actor::Default {
            self.actors.insert(self.lane.client(session), actor.clone());
        }
        Ok(session)
    }

    /// Sends a command, and follows the rules if it is accepted.
    pub(crate) async fn send(&mut self, session: usize, command: &Command) -> Outcome {
        let bound = Arc::new(self.bound(command));
        let outcome = self.submit(session, bound, 0).await;
        if matches!(outcome, Outcome::Accepted(_)) {
            self.follow(command);
        }
        outcome
    }

    /// The rules accept the command: the world is the one behind it.
    pub(crate) fn follow(&mut self, command: &Command) {
        let free = Command { expected: crate::protocol::Expected::Any, ..command.clone() };
        if let Ok((_, Some(behind))) = fire(self.model(), &self.world, &free) {
            self.world = behind;
        }
    }

    /// Sends a command as it is; `attempt` is 0 for the first time.
    pub(crate) async fn submit(&mut self, session: usize, bound: Arc<Command>, attempt: u32) -> Outcome {
        let sent = self.lane.submit(session, bound, attempt).await;
        self.look_at(self.lane.operations.last());
        sent.outcome
    }

    /// Sends a command that a client of the contract could not send; nothing where it can't be made so, or nobody knows what came of it.
    pub(crate) async fn misbehave(&mut self, bound: &Command, how: &Malformation) -> Option<Reaction> {
        self.lane.misbehave(bound, how).await
    }

    /// Asks how the last command of a session stands; nothing where it was not only taken in.
    pub(crate) async fn progress(&mut self, session: usize) -> Option<Stands> {
        self.lane.progress(session).await
    }

    /// Asks a query once.
    pub(crate) async fn ask(&mut self, session: usize, query: &Query) -> Answer {
        self.ask_for_pages(session, query).await.0
    }

    /// The same; with it, how many rows each page had that the target read for it.
    pub(crate) async fn ask_for_pages(&mut self, session: usize, query: &Query) -> (Answer, Vec<u64>) {
        let bound = self.asked(query);
        let asked = self.lane.ask(session, &bound).await;
        self.look_at(self.lane.operations.last());
        (asked.answer, asked.pages)
    }

    /// Sends all at the same time, each in a session of its own. Returns the outcomes in the order of the commands, and
    /// whether two of them overlapped.
    ///
    /// # Errors
    /// When nobody knows what came of it.
    pub(crate) async fn burst(
        &mut self,
        commands: Vec<Arc<Command>>,
    ) -> Result<(Vec<Outcome>, bool), Unreachable> {
        if let Goes::InTurn { otherwise } = self.goes {
            let mut outcomes = Vec::with_capacity(commands.len());
            for command in in_order(commands, otherwise) {
                outcomes.push(self.submit(0, command, 0).await);
            }
            return Ok((in_order(outcomes, otherwise), false));
        }
        let before = self.lane.operations.len();
        let racers = commands.into_iter().map(|command| Racer { command, actor: None });
        let sent = self.lane.race(racers.collect()).await.map_err(|error| match error {
            RaceError::Unreachable(unreachable) => unreachable,
            broken @ RaceError::Broken => {
                let target = self.lab.engine.target.describe().name.clone();
                Unreachable { target, why: broken.to_string() }
            }
        })?;
        for operation in &self.lane.operations[before..] {
            self.look_at(Some(operation));
        }
        let overlapped = overlapped(&sent);
        Ok((sent.into_iter().map(|sent| sent.outcome).collect(), overlapped))
    }

    /// Every query and view that shows something of the aggregates touched so far, in names.
    pub(crate) fn reads(&self) -> Vec<Query> {
        self.lab.reads_in(&self.world)
    }

    /// Waits until the target is quiet: it says so itself, or every read is as it must be, or all bounds have passed since
    /// the last command. Then reads everything, to be judged. `false` where it did not catch up by its own word.
    pub(crate) async fn settle(&mut self) -> bool {
        let reads = self.reads();
        self.settle_with(&reads).await
    }

    /// The same with these reads.
    pub(crate) async fn settle_with(&mut self, reads: &[Query]) -> bool {
        let bound: Vec<Query> = reads.iter().map(|query| self.asked(query)).collect();
        let (lab, shared) = (self.lab, self.shared);
        let is_sound = |lane: &Lane| {
            let judged = judge(&*lab.model, &settings(lab, lane, shared), &lane.operations);
            judged.mismatches.is_empty() && judged.parked.is_empty() && !tells_it_is_behind(&lane.operations)
        };
        let looks = |operation: &Operation| look_at(lab, operation);
        match self.lane.settle(&bound, is_sound, looks).await {
            Err(_) => return false,
            // What shows by now is read once more, to be judged.
            Ok(Settled::Shown(_)) => self.lane.assume(),
            Ok(Settled::Proved) => {}
        }
        for query in reads {
            self.ask(0, query).await;
        }
        true
    }

    pub(super) fn settings(&self) -> crate::judge::Settings {
        settings(self.lab, &self.lane, self.shared)
    }

    /// All of it as evidence.
    pub(crate) fn evidence<'e>(&'e self, bench: &'e Bench) -> Evidence<'e> {
        let Lane { operations, parts, heads, requests, engine, .. } = &self.lane;
        let began = operations.first().map(|first| first.call.at).unwrap_or_default();
        let ours = self.lane.values().values().cloned();
        let evidence = Evidence::new(bench, (operations, parts), ours).held_up(engine.held_since(began));
        let evidence = evidence.with_wire(heads, requests).with_deeds(self.lane.place.done());
        evidence.with_strangers(self.actors.clone())
    }

    /// From now on it goes on beside all others.
    pub(crate) fn lasts(&mut self) {
        self.lasts = true;
    }

    /// What is done from now on is done for this.
    pub(crate) fn role(&mut self, role: Role) {
        self.lane.part.role = role;
    }

    /// It comes to nothing, for this reason.
    pub(crate) fn gives_up(&mut self, why: impl Into<String>) {
        self.trouble = Some(why.into());
    }

    /// Why it came to nothing, if it did.
    pub(crate) fn trouble(&self) -> Option<&str> {
        self.trouble.as_deref()
    }

    /// Whether it does one by one what raced in another case.
    pub(crate) fn is_in_turn(&self) -> bool {
        matches!(self.goes, Goes::InTurn { .. })
    }

    /// Whether it leaves out what only shows what came of it.
    pub(crate) fn is_brief(&self) -> bool {
        self.goes == Goes::InTurn { otherwise: true }
    }

    /// Whether it goes the course of another case without what that one is about.
    pub(crate) fn is_twin(&self) -> bool {
        self.goes == Goes::Twin
    }

    /// Takes note of how long an operation took.
    fn look_at(&self, operation: Option<&Operation>) {
        if let Some(operation) = operation {
            look_at(self.lab, operation);
        }
    }

    /// Holds each answer by itself to what every answer has to be.
    fn watch(&self) {
        let bench = self.lab.bench(self.shared);
        for (id, judged) in clause::watched(&self.evidence(&bench)) {
            self.takes(id, judged, (&[], None));
        }
    }

    /// What it breaks, of which this is the judgement, where its commands come one by one.
    pub(super) fn one_by_one(&self, judgement: &Judgement) -> Vec<(ClauseId, Judged)> {
        let (model, contract, settings) = (self.model(), &*self.lab.contract, self.settings());
        Blame { model, contract, settings }.judged(&self.operations, judgement)
    }

    /// Takes note of what a clause makes of it. What is set aside may have been seen in `others`, too. Of a race of that class, what it has to
    /// do with it is seen later.
    pub(super) fn takes(
        &self,
        id: ClauseId,
        mut judged: Judged,
        (others, class): (&[&Case<'_>], Option<&RaceClass>),
    ) {
        let lab = self.lab;
        if !lab.cases.is_empty() {
            // The same case again and again is no evidence of others.
            judged.counted.clear();
        }
        let values: Vec<_> = [self].iter().chain(others).map(|case| case.values()).collect();
        let says = |wrong: &Wrong| says(wrong, &values);
        let mut told: Vec<Wrong> = Vec::new();
        for finding in lab.ledger.note(id, judged, says) {
            let example = (!told.contains(&finding.wrong)).then(|| self.found(&finding));
            let class = class.filter(|_| !finding.certain);
            lab.broken_in(id, (self.name, self.lasts, class), example);
            told.push(finding.wrong);
        }
    }
}

/// All of them, or all of them the other way round.
fn in_order<T>(mut all: Vec<T>, turned: bool) -> Vec<T> {
    if turned {
        all.reverse();
    }
    all
}

fn look_at(lab: &Lab, operation: &Operation) {
    if let (Some(end), Some(kind)) = (operation.end, kind_of(&operation.act)) {
        let took = end.at.saturating_sub(operation.call.at);
        lab.latency(Latency { at: operation.call.at, took, kind });
    }
}

/// How what a lane did is judged.
fn settings(lab: &Lab, lane: &Lane, shared: bool) -> crate::judge::Settings {
    let alone = !shared && lab.engine.target.is_alone();
    crate::judge::Settings { ours: lane.values().values().cloned().collect(), alone, ..lab.settings() }
}

impl Drop for Case<'_> {
    /// Whatever ends it: its answers are looked at, and the history says that nothing more belongs to it.
    fn drop(&mut self) {
        self.watch();
        let trouble = self.trouble.take();
        self.lane.end(&CaseEnd { verdict: None, trouble });
    }
}

fn kind_of(act: &Act) -> Option<Exchange> {
    match act {
        Act::Submit { .. } => Some(Exchange::Command),
        Act::Ask { .. } => Some(Exchange::Query),
        Act::Quiet(_) => None,
    }
}
