//! Races: several commands at the same time, each in a session of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::course::{Course, Stopped, unmet};
use super::event::Racing;
use super::{Finding, Sent};
use crate::history::{self, Part};
use crate::language::syntax::{CommandCall, Ident, Race, Racers, Role};
use crate::protocol::{Capability, Command, Outcome, Verdict};
use crate::scenario::{Expects, Step};
use crate::text::Span;
use crate::value::{Record, Value};

/// How often a racer looks around for the others before it goes alone: some milliseconds, counted in looks, since a
/// machine that is busy takes longer for each.
const LOOKS: usize = 50_000;

/// So many racers are waited for at most; more than a machine has cores never go at the very same time.
pub(crate) const TOGETHER: usize = 4;

/// One race of threads at a time in this process, up to when all have sent: several together would take the cores from those
/// who look at the same time, and these could say nothing then.
static TURN: Semaphore = Semaphore::const_new(1);

/// Where racers wait for each other, once they have called and before they send.
///
/// A target in the same process may answer at the first poll, so racers on one thread would go one after the other.
/// On a runtime of several threads each racer therefore has a thread of its own. On a runtime of one thread nobody is
/// waited for: there they overlap if the target takes its time, as one behind a network does.
#[derive(Debug)]
pub(crate) struct Gate {
    wanted: usize,
    here: AtomicUsize,
}

impl Gate {
    pub(crate) fn new(wanted: usize) -> Self {
        Self { wanted, here: AtomicUsize::new(0) }
    }

    pub(crate) fn pass(&self) {
        self.here.fetch_add(1, Ordering::AcqRel);
        for _ in 0..LOOKS {
            if self.here.load(Ordering::Acquire) >= self.wanted {
                return;
            }
            std::thread::yield_now();
        }
    }
}

/// A racer: its part in the race, what it sends, and who it is where the step says so.
type Racer = (Racing, Arc<Command>, Option<Arc<str>>);

/// Whether racers can have threads of their own: a runtime of one thread may have a clock that stands still for them.
pub(crate) fn threaded() -> Option<Handle> {
    Handle::try_current().ok().filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

impl Course<'_> {
    /// Sends all commands of a race at once.
    pub(super) async fn race(&mut self, race: &Race, step: &Step) -> Result<(), Stopped> {
        let calls: Vec<(Option<&Ident>, &CommandCall)> = match &race.racers {
            Racers::Labelled(racers) => {
                racers.iter().map(|racer| (Some(&racer.label), &racer.call)).collect()
            }
            Racers::Many { count, call, .. } => vec![(None, &**call); count.node],
        };
        if !self.claims_all(race) {
            self.left_out = true;
            return Ok(());
        }
        self.left_out = false;
        let number = self.races;
        self.races += 1;
        let mut racers = Vec::with_capacity(calls.len());
        for (label, call) in calls {
            let racing = Racing { race: number, label: label.map(|label| Arc::from(&*label.text)) };
            let command = self.command(call)?;
            self.before_command(command.on.as_ref()).await?;
            let actor = call.actor.as_ref().map(|actor| Arc::from(&*actor.text));
            racers.push((racing, Arc::new(command), actor));
        }
        let mut sent = self.start(racers, race.span).await?;
        // The last one is the one that was back last: what waits for effects waits from there.
        sent.sort_by_key(|sent| sent.order.1);
        let first = self.sent.len();
        self.acted = sent.last().map(|sent| sent.returned).or(self.acted);
        self.sent.extend(sent);
        self.waited = false;
        self.name_racers(race, first);
        let overlapped = overlap(&self.sent[first..]);
        if !overlapped {
            let finding = never_overlapped(race.span, step.role);
            if step.role == Role::Given {
                return Err(Box::new(finding));
            }
            self.find(finding);
        }
        match step.expects {
            Expects::Said => Ok(()),
            _ => self.all_accepted(first, race, step.role),
        }
    }

    /// Whether the target claims what the racers need; what it does not is told once.
    fn claims_all(&mut self, race: &Race) -> bool {
        let mut claims = true;
        let calls = || race.calls();
        if let Some(key) = calls().find_map(|call| call.key.as_ref()) {
            claims &= self.claims(Capability::Idempotency, key.span);
        }
        if let Some(version) = calls().find_map(|call| call.version.as_ref()) {
            claims &= self.claims(Capability::ExpectedVersion, version.span);
        }
        let mut actors: Vec<&Ident> = Vec::new();
        for actor in calls().filter_map(|call| call.actor.as_ref()) {
            if !actors.iter().any(|known| known.text == actor.text) {
                actors.push(actor);
                claims &= self.claims_actor(Some(actor));
            }
        }
        claims
    }

    /// Opens a session for each, lets them go, and waits for all.
    async fn start(&mut self, racers: Vec<Racer>, span: Span) -> Result<Vec<Sent>, Stopped> {
        let threads = threaded();
        let wanted = if threads.is_some() { racers.len().min(TOGETHER) } else { 0 };
        let gate = Arc::new(Gate::new(wanted));
        let mut ready = Vec::with_capacity(racers.len());
        for (racing, command, actor) in racers {
            let mut session = self.connect(actor.as_deref(), span).await?;
            session.part =
                Part { role: history::Role::Racer, race: Some(racing.race as u64), ..session.part };
            ready.push((racing, command, actor, session));
        }
        // It is never closed, so there is always a turn.
        let turn = if threads.is_some() { TURN.acquire().await.ok() } else { None };
        let turn = Arc::new(turn);
        let mut running = JoinSet::new();
        // A thread can't be stopped from outside: racers end when nobody listens any more.
        let (_listening, over) = watch::channel(());
        for (racing, command, actor, mut session) in ready {
            let (gate, mut over, turn) = (gate.clone(), over.clone(), turn.clone());
            let go = move || {
                gate.pass();
                drop(turn);
            };
            let racer = async move {
                tokio::select! {
                    biased;
                    sent = session.submit_when(command, 0, go) => {
                        Some(Sent { actor, racing: Some(racing), ..sent })
                    }
                    _ = over.changed() => None,
                }
            };
            match threads.clone() {
                Some(runtime) => running.spawn_blocking(move || runtime.block_on(racer)),
                None => running.spawn(racer),
            };
        }
        drop(turn);
        self.engine.recorder.released(self.case, self.races as u64 - 1);
        let mut sent = Vec::with_capacity(running.len());
        while let Some(ended) = running.join_next().await {
            sent.extend(ended.map_err(|_| {
                let what = "a racer broke down: a panic in Proofmark or in the target's adapter";
                Box::new(Finding::new(Verdict::Inconclusive, span, what))
            })?);
        }
        Ok(sent)
    }

    /// Remembers which of the commands sent since `first` each name stands for, and what `$r` is worth.
    fn name_racers(&mut self, race: &Race, first: usize) {
        let all = first..self.sent.len();
        match &race.racers {
            Racers::Labelled(racers) => {
                for racer in racers {
                    let is_it = |sent: &Sent| {
                        let label = sent.racing.as_ref().and_then(|racing| racing.label.as_deref());
                        label == Some(&*racer.label.text)
                    };
                    let indices = all.clone().filter(|index| is_it(&self.sent[*index])).collect();
                    self.racers.push((racer.label.clone(), indices));
                }
            }
            Racers::Many { name: Some(name), .. } => {
                self.racers.push((name.clone(), all.clone().collect()));
                match outcomes(&self.sent[all]) {
                    Some(value) => self.names.set(Arc::from(&*name.text), value),
                    None => self.doubtful.push(Arc::from(&*name.text)),
                }
            }
            Racers::Many { name: None, .. } => {}
        }
    }

    /// A race of which nothing is said.
    fn all_accepted(&self, first: usize, race: &Race, role: Role) -> Result<(), Stopped> {
        let sent = &self.sent[first..];
        let count = sent.len();
        let accepted = sent.iter().filter(|sent| matches!(sent.outcome, Outcome::Accepted(_))).count();
        let unknown = sent.iter().filter(|sent| super::submit::is_unknown(&sent.outcome)).count();
        if accepted == count {
            return Ok(());
        }
        let what = format!("{accepted} of {count} racers were accepted, expected: all");
        let mut stopped = unmet(role, race.span, what);
        if accepted + unknown == count {
            stopped.verdict = Verdict::Inconclusive;
            stopped.message = format!("nothing can be said of this race: {unknown} outcomes are unknown");
        }
        stopped.label = "nothing is said of it, so all must be accepted".into();
        Err(stopped)
    }
}

/// Whether two of them were on their way at the same time, by the order in which the history has their calls and
/// returns. `sent` is in the order of returns.
fn overlap(sent: &[Sent]) -> bool {
    sent.windows(2).any(|pair| pair[1].order.0 < pair[0].order.1)
}

fn never_overlapped(span: Span, role: Role) -> Finding {
    let what = "the race was none: each command had returned before the next was sent";
    let what = if role == Role::Given { format!("the set-up failed: {what}") } else { what.into() };
    let finding = Finding::new(Verdict::Inconclusive, span, what);
    match threaded() {
        None => finding.advise(
            "a target in the same process that answers at once needs a runtime of several threads: `flavor = \"multi_thread\"`",
        ),
        Some(_) => finding
            .advise("run it again: the machine was too busy to send two commands at the same time")
            .ours(),
    }
}

/// `$r`: `{ accepted: […], rejected: […] }`, each element what the answer told and, as `sent`, the command's fields.
/// `None` where an outcome is unknown: then nothing can rest on it.
fn outcomes(sent: &[Sent]) -> Option<Value> {
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for sent in sent {
        let (told, list) = match &sent.outcome {
            Outcome::Accepted(receipt) => (receipt.to_value(), &mut accepted),
            Outcome::Rejected(rejection) => (rejection.to_value(), &mut rejected),
            Outcome::Unknown(_) | Outcome::NotSent(_) => return None,
        };
        let mut told = match told {
            Value::Record(told) => told,
            _ => Record::new(),
        };
        told.insert("sent", Value::Record(sent.command.fields.clone()));
        list.push(Value::Record(told));
    }
    let lists = [("accepted", accepted), ("rejected", rejected)];
    Some(Value::Record(lists.into_iter().map(|(name, list)| (Arc::from(name), Value::from(list))).collect()))
}
