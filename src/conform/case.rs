//! One small experiment: an aggregate or two of our own, commands, reads, and what all of it proves.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::lab::Lab;
use super::needed::needed;
use super::options::Options;
use super::story::{Aside, Story};
use super::{Counterexample, Exchange, Latency};
use crate::adapter::{AnyWorld, Malformation, Reaction, Unreachable};
use crate::contract::explore::{Graph, fire};
use crate::contract::rules::{Expected, Interpreted, World};
use crate::history::{Act, CaseEnd, Deed, Operation, Part, Quiet, Role, Stamp};
use crate::judge::{Judgement, Mismatch, judge};
use crate::protocol::{Actor, Answer, Capability, Command, Outcome, Pending, Query, Seen, Stands, Trace};
use crate::run::{Asked, Draw, Gate, OPERATION, Opened, Recorded, TOGETHER, threaded};
use crate::step::{self, submit_in_words};
use crate::value::{Name, Record, Value};

/// Between two rounds of reads while waiting, at first, and at most.
const PAUSE: Duration = Duration::from_millis(5);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// An experiment. Commands and queries name ids (`$order1`); values are drawn when a name is first sent.
pub(crate) struct Case<'l> {
    pub(crate) lab: &'l Lab,
    pub(crate) place: Arc<dyn AnyWorld>,
    sessions: Vec<Recorded>,
    /// For each session, how its last command can be followed, if that was only taken in.
    pending: Vec<Option<Pending>>,
    /// How many races there were.
    races: u64,
    draw: Draw,
    values: HashMap<Name, Value>,
    /// What the rules say the world is now, in names. Whoever races says what came of it.
    pub(crate) world: World<Record>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) requests: Vec<Option<String>>,
    /// What was done beside them.
    asides: Vec<Aside>,
}

impl<'l> Case<'l> {
    /// An experiment of its own; the same `name` and `number` draw the same course.
    pub(crate) async fn open(lab: &'l Lab, name: &str, number: u64) -> Result<Self, Unreachable> {
        let seed = lab.engine.seed.of_scenario(name, &number.to_string());
        let part = lab.case(name, number);
        let Opened { world, session, draw } = lab.engine.open(seed, part).await?;
        Ok(Self::of(lab, world.into(), session, draw))
    }

    /// The same in a place where other experiments are, too.
    pub(crate) async fn within(
        lab: &'l Lab,
        name: &str,
        number: u64,
        place: Arc<dyn AnyWorld>,
    ) -> Result<Self, Unreachable> {
        let seed = lab.engine.seed.of_scenario(name, &number.to_string());
        let part = lab.case(name, number);
        let session = lab.engine.session(&*place, &Actor::Default, part).await?;
        Ok(Self::of(lab, place, session, lab.engine.draw(seed, part)))
    }

    fn of(lab: &'l Lab, place: Arc<dyn AnyWorld>, session: Recorded, draw: Draw) -> Self {
        Self {
            lab,
            place,
            sessions: vec![session],
            pending: vec![None],
            races: 0,
            draw,
            values: HashMap::new(),
            world: World::new(),
            operations: Vec::new(),
            requests: Vec::new(),
            asides: Vec::new(),
        }
    }

    /// What is done in it, unless more is said of it.
    fn part(&self) -> Part {
        self.sessions[0].part
    }

    /// The number of its first session in the history.
    pub(crate) fn client(&self) -> u64 {
        self.sessions[0].client()
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
        let options = self.options(graph);
        let mut kinds: Vec<&Command> = Vec::new();
        for (command, behind) in &options.accepted {
            let known = kinds.iter().any(|kind| kind.name == command.name && kind.on == command.on);
            if !known && *behind != self.world {
                kinds.push(command);
            }
        }
        let count = kinds.len().max(1);
        kinds.get(turn % count).map(|command| (*command).clone())
    }

    /// What the aggregates touched so far are called in the target.
    pub(crate) fn ours(&self) -> Vec<Value> {
        let values = &self.values;
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

    /// The accepted command that leaves the most to be done next, which is one that doesn't close anything.
    pub(crate) fn fertile(&self, graph: &Graph) -> Option<Command> {
        let next = self.options(graph);
        let first = next.accepted.iter().take(16);
        let fertile = first.max_by_key(|(_, behind)| self.lab.options(graph, behind).accepted.len());
        fertile.map(|(command, _)| command.clone())
    }

    /// A value for a name; the same one each time.
    pub(crate) fn value(&mut self, name: &Name) -> Value {
        self.draw_once(name, &self.lab.declared(name))
    }

    fn draw_once(&mut self, name: &Name, what: &step::Draw) -> Value {
        if let Some(value) = self.values.get(name) {
            return value.clone();
        }
        let need = self.lab.need_of(what);
        let value = self.draw.value(what, &need).unwrap_or_else(|too_few| {
            self.lab.remark(format!("{name} was drawn once more: {too_few}"));
            too_few.one
        });
        if let Some(case) = self.part().case {
            self.lab.engine.recorder.drawn(case, name, &value);
        }
        self.values.insert(name.clone(), value.clone());
        value
    }

    /// An idempotency key of that name; the same one each time.
    pub(crate) fn key(&mut self, name: &str) -> Arc<str> {
        self.draw_once(&Name::new(name), &step::Draw::Key).as_text().unwrap_or_default().into()
    }

    /// A command as it is sent: with values for its names, and an id.
    pub(crate) fn bound(&mut self, command: &Command) -> Command {
        let mut bound = Command {
            on: command.on.as_ref().map(|on| self.drawn(on)),
            fields: self.drawn_fields(&command.fields),
            ..command.clone()
        };
        if bound.id.is_empty() {
            bound.id = self.draw.command_id();
        }
        bound
    }

    fn drawn(&mut self, value: &Value) -> Value {
        let mut names = Vec::new();
        value.each_name(&mut |name| names.push(name));
        for name in names {
            self.value(name);
        }
        value.replaced(&|part| part.as_name().and_then(|name| self.values.get(name).cloned()))
    }

    fn drawn_fields(&mut self, fields: &Record) -> Record {
        fields.fields().iter().map(|(name, value)| (name.clone(), self.drawn(value))).collect()
    }

    /// One more session; its number.
    pub(crate) async fn session(&mut self) -> Result<usize, Unreachable> {
        self.session_as(&Actor::Default).await
    }

    /// The same as somebody else, or as nobody.
    pub(crate) async fn session_as(&mut self, actor: &Actor) -> Result<usize, Unreachable> {
        self.sessions.push(self.lab.engine.session(&*self.place, actor, self.part()).await?);
        self.pending.push(None);
        Ok(self.sessions.len() - 1)
    }

    /// Leaves out what was done from this operation on: it proves nothing about the owner's own view.
    pub(crate) fn leave_out(&mut self, from: usize) {
        self.operations.truncate(from);
        self.requests.truncate(from);
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
        let sent = self.sessions[session].submit(bound, attempt).await;
        let client = self.sessions[session].client();
        let (call, end) = (at(sent.order.0, sent.called), at(sent.order.1, sent.returned));
        let act = Act::Submit { command: sent.command, attempt, outcome: sent.outcome.clone() };
        self.keep(Operation { client, call, end: Some(end), act }, sent.trace.as_ref());
        self.pending[session] = sent.pending;
        sent.outcome
    }

    /// Sends a command that a client of the contract could not send; nothing where it can't be made so, or nobody knows what came of it.
    pub(crate) async fn misbehave(&mut self, bound: &Command, how: &Malformation) -> Option<Reaction> {
        let place = self.place.clone();
        // The adapter has a deadline of its own; this one is for those that haven't.
        let begun = self.lab.engine.recorder.misbehave(self.sessions[0].client(), bound, how);
        let sent = self.lab.within(OPERATION, place.send_malformed(&Actor::Default, bound, how)).await?;
        let reaction = sent.ok()?;
        self.lab.engine.recorder.misbehaved(begun, &reaction.outcome);
        let done = format!("{} sent {}", submit_in_words(&bound.clone().into()), how.words());
        let answered = match reaction.exchange.response() {
            Some(response) => format!("{} ({})", response.status, reaction.outcome),
            None => reaction.outcome.to_string(),
        };
        self.asides.push(Aside {
            before: self.operations.len(),
            client: self.sessions[0].client(),
            sentence: format!("{done} → {answered}"),
            request: reaction.exchange.request.clone(),
        });
        self.lab.watch_misbehaving(bound, how, &reaction);
        Some(reaction)
    }

    /// Asks how the last command of a session stands; nothing where it was not only taken in.
    pub(crate) async fn progress(&mut self, session: usize) -> Option<Stands> {
        let pending = self.pending[session].clone()?;
        let begun = self.lab.engine.recorder.begins(self.part(), Deed::Status, &Record::new());
        let progress = self.lab.within(OPERATION, pending.progress()).await?;
        self.lab.engine.recorder.done(begun, &Record::from([("stands", progress.stands.to_string())]));
        self.asides.push(Aside {
            before: self.operations.len(),
            client: self.sessions[session].client(),
            sentence: format!("asks how that command stands → {}", progress.stands),
            request: progress.request,
        });
        Some(progress.stands)
    }

    /// Asks a query once.
    pub(crate) async fn ask(&mut self, session: usize, query: &Query) -> Answer {
        let bound = self.asked(query);
        let Asked { answer, trace, called, returned, order } = self.sessions[session].ask(&bound).await;
        let client = self.sessions[session].client();
        let act = Act::Ask { query: Arc::new(bound), answer: answer.clone() };
        let operation =
            Operation { client, call: at(order.0, called), end: Some(at(order.1, returned)), act };
        self.keep(operation, trace.as_ref());
        answer
    }

    /// A query as it is asked: with values for its names.
    pub(crate) fn asked(&mut self, query: &Query) -> Query {
        Query {
            on: query.on.as_ref().map(|on| self.drawn(on)),
            fields: self.drawn_fields(&query.fields),
            ..query.clone()
        }
    }

    /// Sends all at the same time, each in a session of its own. Returns the outcomes in the order of the commands, and
    /// whether two of them overlapped.
    pub(crate) async fn burst(
        &mut self,
        commands: Vec<Arc<Command>>,
    ) -> Result<(Vec<Outcome>, bool), Unreachable> {
        let threads = threaded();
        let wanted = if threads.is_some() { commands.len().min(TOGETHER) } else { 0 };
        let gate = Arc::new(Gate::new(wanted));
        let mut racers = Vec::with_capacity(commands.len());
        for command in commands {
            let part = Part { role: Role::Racer, race: Some(self.races), ..self.part() };
            let racer = self.lab.engine.session(&*self.place, &Actor::Default, part).await?;
            racers.push((racer, command));
        }
        let turn = self.lab.turn.lock().await;
        let mut running = JoinSet::new();
        for (number, (mut session, command)) in racers.into_iter().enumerate() {
            let gate = gate.clone();
            let racer = async move {
                let sent = session.submit_when(command, 0, || gate.pass()).await;
                (number, session.client(), sent)
            };
            match threads.clone() {
                Some(runtime) => running.spawn_blocking(move || runtime.block_on(racer)),
                None => running.spawn(racer),
            };
        }
        let mut all = Vec::new();
        while let Some(ended) = running.join_next().await {
            all.extend(ended.ok());
        }
        drop(turn);
        if let Some(case) = self.part().case {
            self.lab.engine.recorder.released(case, self.races);
        }
        self.races += 1;
        let overlapped = all.iter().any(|(number, _, one)| {
            let meets = |other: &crate::run::Sent| one.order.0 < other.order.1 && other.order.0 < one.order.1;
            all.iter().any(|(other, _, sent)| other != number && meets(sent))
        });
        all.sort_by_key(|(_, _, sent)| sent.order.0);
        for (_, client, sent) in &all {
            let (call, end) = (at(sent.order.0, sent.called), at(sent.order.1, sent.returned));
            let act =
                Act::Submit { command: sent.command.clone(), attempt: 0, outcome: sent.outcome.clone() };
            let operation = Operation { client: *client, call, end: Some(end), act };
            self.keep(operation, sent.trace.as_ref());
        }
        all.sort_by_key(|(number, ..)| *number);
        Ok((all.into_iter().map(|(_, _, sent)| sent.outcome).collect(), overlapped))
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
        let bound = self.lab.engine.target.describe().promises.longest_bound();
        if self.lab.claims(Capability::Wait) {
            let limit = bound.max(Duration::from_secs(5));
            if !self.place.caught_up(limit).await {
                return false;
            }
            self.quiet();
            for query in reads {
                self.ask(0, query).await;
            }
            return true;
        }
        let last = self.operations.iter().filter(|o| matches!(o.act, Act::Submit { .. }));
        let last = last.filter_map(|operation| operation.end).map(|end| end.at).max();
        let deadline = last.map_or(self.lab.engine.clock.now(), |last| last.saturating_add(bound));
        let (mut pause, late) = (PAUSE, self.lab.pulse.late());
        loop {
            let before = self.operations.len();
            for query in reads {
                self.ask(0, query).await;
            }
            // As if it had been quiet before them: that it was is what they show.
            let mut as_if = self.operations.clone();
            if let Some(first) = as_if.get(before).map(|operation| operation.call) {
                let act = Act::Quiet(Quiet::Assumed);
                let quiet = Operation { client: 0, call: first, end: Some(first), act };
                as_if.insert(before, quiet);
                let judged = judge(self.model(), &self.settings(), &as_if);
                if judged.mismatches.is_empty() && judged.parked.is_empty() {
                    self.operations = as_if;
                    self.requests.insert(before, None);
                    return true;
                }
            }
            let kept = self.lab.pulse.late().saturating_sub(late);
            if reads.is_empty() || self.lab.engine.clock.now() >= deadline.saturating_add(kept) {
                break;
            }
            self.lab.engine.clock.until(self.lab.engine.clock.now() + pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
        self.lab.wait_until(deadline).await;
        self.quiet();
        for query in reads {
            self.ask(0, query).await;
        }
        true
    }

    pub(crate) fn quiet(&mut self) {
        let quiet = Quiet::Proved;
        let stamp = self.lab.engine.recorder.quiet(self.part(), quiet);
        self.keep(Operation { client: 0, call: stamp, end: Some(stamp), act: Act::Quiet(quiet) }, None);
    }

    fn settings(&self) -> crate::judge::Settings {
        crate::judge::Settings { ours: self.values.values().cloned().collect(), ..self.lab.settings() }
    }

    /// What all of it proves.
    pub(crate) fn judge(&self) -> Judgement {
        judge(self.model(), &self.settings(), &self.operations)
    }

    /// The same, with one more look at everything where something is wrong only if the target was quiet when that was assumed.
    pub(crate) async fn judged(&mut self) -> Judgement {
        let judged = self.judge();
        if judged.parked.is_empty() || !self.calm().await {
            return judged;
        }
        for query in self.reads() {
            self.ask(0, &query).await;
        }
        self.judge()
    }

    /// Whether some read shows what nothing that was done explains.
    pub(crate) fn is_phantom(&self) -> bool {
        self.lab.is_phantom(self.settings(), &self.operations)
    }

    /// A counterexample of all that was done up to now.
    pub(crate) fn example(&self, wrong: impl Into<String>, first: &str) -> Counterexample {
        self.example_from(&(0..self.operations.len()).collect::<Vec<_>>(), &wrong.into(), first)
    }

    /// A counterexample of what a mismatch needs, and no more.
    pub(crate) fn example_of(&self, mismatch: &Mismatch, first: &str) -> Counterexample {
        let judge = |operations: &[Operation]| judge(self.model(), &self.settings(), operations);
        let needed = needed(&self.operations, mismatch, judge);
        self.example_from(&needed, &self.in_names(mismatch), first)
    }

    /// A counterexample of the operations at these places, with all that was done beside them.
    fn example_from(&self, places: &[usize], wrong: &str, first: &str) -> Counterexample {
        let operations: Vec<_> = places.iter().map(|at| self.operations[*at].clone()).collect();
        let requests: Vec<_> = places.iter().map(|at| self.requests[*at].clone()).collect();
        let moved = |aside: &Aside| Aside {
            before: places.iter().filter(|at| **at < aside.before).count(),
            ..aside.clone()
        };
        let asides: Vec<_> = self.asides.iter().map(moved).collect();
        let story = Story::new(&self.values);
        Counterexample {
            wrong: story.named(wrong),
            story: story.tell(&operations, &asides),
            requests: all_requests(&requests, &asides),
            first: first.to_owned(),
            ..Counterexample::default()
        }
    }

    /// A mismatch in words, with names where it speaks of values of ours: before anything is cut, as half an id is none.
    fn in_names(&self, mismatch: &Mismatch) -> String {
        let mut named = mismatch.clone();
        named.on = named.on.map(|on| self.named(&on));
        for difference in &mut named.differences {
            difference.expected = difference.expected.as_ref().map(|value| self.named(value));
            difference.actual = difference.actual.as_ref().map(|value| self.named(value));
        }
        named.to_string()
    }

    /// What is wrong in it first, in words; nothing where nothing is.
    pub(crate) fn wrong(&self, judged: &Judgement) -> Option<String> {
        let mismatch = judged.mismatches.first()?;
        Some(Story::new(&self.values).named(&self.in_names(mismatch)))
    }

    /// The last command's request, with names where it speaks of their values.
    pub(crate) fn last_request(&self) -> Option<String> {
        let sent = self.operations.iter().zip(&self.requests).rev();
        let mut commands = sent.filter(|(operation, _)| matches!(operation.act, Act::Submit { .. }));
        let request = commands.next()?.1.as_ref()?;
        Some(Story::new(&self.values).named(request))
    }

    /// Whether an answer is what is expected, of rows only ours, and of a total where nobody else can have a part in it. Both are
    /// compared in names.
    pub(crate) fn fits(&self, query: &Query, expected: &Expected, answer: &Answer) -> bool {
        let total = answer.total.filter(|_| self.lab.is_ours_alone(query));
        let seen = match &answer.seen {
            Seen::Found(value) => Seen::Found(match self.named(value) {
                Value::List(rows) => Value::List(rows.into_iter().filter(is_ours).collect()),
                value => value,
            }),
            seen => seen.clone(),
        };
        let tolerances = self.lab.engine.target.describe().promises.tolerances_of(&query.name);
        expected.differences(&Answer { seen, total, ..answer.clone() }, tolerances).is_empty()
    }

    /// A value with names where it has values of ours.
    pub(crate) fn named(&self, value: &Value) -> Value {
        let name = |part: &Value| self.values.iter().find(|(_, drawn)| *drawn == part);
        value.replaced(&|part| name(part).map(|(name, _)| Value::Name(name.clone())))
    }

    fn keep(&mut self, operation: Operation, trace: Option<&Trace>) {
        let exchange = trace.map(Trace::exchange);
        let request = exchange.as_ref().map(|exchange| exchange.request.clone());
        if let (Some(end), Some(kind)) = (operation.end, kind_of(&operation.act)) {
            let took = end.at.saturating_sub(operation.call.at);
            self.lab.latency(Latency { at: operation.call.at, took, kind });
        }
        self.lab.watch(&operation, request.as_ref(), exchange.as_ref());
        self.operations.push(operation);
        self.requests.push(request);
    }
}

impl Drop for Case<'_> {
    /// Whatever ends it: the history says that nothing more belongs to it.
    fn drop(&mut self) {
        if let Some(case) = self.part().case {
            self.lab.engine.recorder.case_end(case, &CaseEnd::default());
        }
    }
}

/// All requests in order, those of no operation among them.
fn all_requests(requests: &[Option<String>], asides: &[Aside]) -> Vec<String> {
    let mut all = Vec::new();
    for at in 0..=requests.len() {
        all.extend(asides.iter().filter(|aside| aside.before == at).map(|aside| aside.request.clone()));
        all.extend(requests.get(at).cloned().flatten());
    }
    all
}

/// Whether a row holds a name of ours.
pub(crate) fn is_ours(row: &Value) -> bool {
    let mut ours = false;
    row.each_name(&mut |_| ours = true);
    ours
}

fn kind_of(act: &Act) -> Option<Exchange> {
    match act {
        Act::Submit { .. } => Some(Exchange::Command),
        Act::Ask { .. } => Some(Exchange::Query),
        Act::Quiet(_) => None,
    }
}

fn at(index: u64, at: Duration) -> Stamp {
    Stamp { index, at }
}
