//! One client's way through its source: values for names, sessions, sending, asking, racing, waiting, and what was done. Scenarios,
//! sequences and experiments say what comes next and what it proves; all of them go this way, and there is no other.

mod draw;
mod kept;
mod race;
mod wait;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{OPERATION, within};
use super::engine::Engine;
use super::place::{Place, world};
use super::session::{Asked, Recorded};
use super::{Seed, Sent};
use crate::adapter::{AnyWorld, Malformation, Reaction, Unreachable, WorldSeed};
use crate::history::{Act, CaseEnd, Deed, Operation, Part, Role, Stamp, Status};
use crate::protocol::{Actor, Command, Head, Pending, Progress, Query, ShellLine, Stands, Trace};
use crate::value::Record;
use draw::Table;

pub(crate) use race::{RaceError, Racer, overlapped, threaded};
pub(crate) use wait::{HELD_UP, Late, Settled, caught_up};

/// One client's way through its source, in a place of the target.
pub(crate) struct Lane {
    pub(crate) engine: Engine,
    /// What is done next, and for what.
    pub(crate) part: Part,
    // Before the place, so that they end before it does.
    sessions: Vec<Open>,
    pub(crate) place: Arc<Place>,
    table: Table,
    /// How many races there were.
    races: u64,
    /// When something was last done that takes effect.
    acted: Option<Acted>,
    keeps: Keeps,
    /// What was done and seen, in the order of its calls. A poll that brought the same again and again, with nothing done in between,
    /// is there the first and the last time.
    pub(crate) operations: Vec<Operation>,
    /// For each operation, the request as a command for a shell, where the target has one.
    pub(crate) requests: Vec<Option<ShellLine>>,
    /// For each operation, how its answer over HTTP began, where there was one.
    pub(crate) heads: Vec<Option<Head>>,
    /// For each operation, what it was done for.
    pub(crate) parts: Vec<Part>,
    /// The place of the first operation since something was done but to read.
    since: usize,
}

/// Which operations a lane keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keeps {
    /// All, for those who judge them, but for polls that brought nothing new.
    All,
    /// The same, of whatever reads, for those who look for what differs.
    Differences,
    /// None: whoever looks at each thing as it comes needs none.
    Nothing,
}

/// A session of a lane.
struct Open {
    session: Recorded,
    /// Whose it is, where it was opened for one whom a step names.
    actor: Option<Arc<str>>,
    /// How its last command can be followed, if that was only taken in.
    pending: Option<Pending>,
}

/// When something was done.
#[derive(Clone, Copy, Debug)]
struct Acted {
    /// On the run's clock.
    at: Duration,
    /// How much this machine had been held up by then.
    late: Duration,
}

impl Lane {
    /// A lane in a place of its own, made from `seed`. Where that is not to be had, the history of the case ends with why.
    pub(crate) async fn open(engine: &Engine, seed: Seed, part: Part) -> Result<Self, Unreachable> {
        match world(&*engine.target, WorldSeed(seed.0), &*engine.clock).await {
            Ok(world) => Self::within(engine, world, seed, part).await,
            Err(unreachable) => Err(none(engine, part, unreachable)),
        }
    }

    /// The same in a place where others are, too.
    pub(crate) async fn within(
        engine: &Engine,
        world: Arc<dyn AnyWorld>,
        seed: Seed,
        part: Part,
    ) -> Result<Self, Unreachable> {
        let place = Arc::new(Place::of(world, part, engine.recorder.clone()));
        let mut lane = Self {
            engine: engine.clone(),
            part,
            sessions: Vec::new(),
            place,
            table: Table::of(engine, seed, part),
            races: 0,
            acted: None,
            keeps: Keeps::All,
            operations: Vec::new(),
            requests: Vec::new(),
            heads: Vec::new(),
            parts: Vec::new(),
            since: 0,
        };
        match lane.session(&Actor::Default).await {
            Ok(_) => Ok(lane),
            Err(unreachable) => Err(none(engine, part, unreachable)),
        }
    }

    /// The same, which keeps nothing of what it does.
    pub(crate) fn forgetful(self) -> Self {
        let place = Arc::new(self.place.forgetful());
        Self { keeps: Keeps::Nothing, place, ..self }
    }

    /// The same, which keeps of several reads that brought the same, with nothing done in between, the first and the last.
    pub(crate) fn keeping_differences(self) -> Self {
        Self { keeps: Keeps::Differences, ..self }
    }

    /// Its number in the history.
    pub(crate) fn case(&self) -> u64 {
        self.part.case.unwrap_or_default()
    }

    /// A session's number in the history.
    pub(crate) fn client(&self, session: usize) -> u64 {
        self.sessions[session].session.client()
    }

    /// One more session; its number within the lane. The first is nobody's by name.
    pub(crate) async fn session(&mut self, actor: &Actor) -> Result<usize, Unreachable> {
        let session = self.connect(actor, self.part).await?;
        self.sessions.push(Open { session, actor: None, pending: None });
        Ok(self.sessions.len() - 1)
    }

    /// A fresh session in the place of another one, which ends.
    pub(crate) async fn reconnect(&mut self, session: usize) -> Result<(), Unreachable> {
        let fresh = self.connect(&Actor::Default, self.part).await?;
        self.sessions[session] = Open { session: fresh, actor: None, pending: None };
        Ok(())
    }

    /// The session of one whom a step names, opened when they first speak; of nobody by name, the first.
    pub(crate) async fn session_of(&mut self, actor: Option<&Arc<str>>) -> Result<usize, Unreachable> {
        let Some(actor) = actor else { return Ok(0) };
        if let Some(known) = self.sessions.iter().position(|open| open.actor.as_ref() == Some(actor)) {
            return Ok(known);
        }
        let session = self.session(&Actor::named(actor.clone())).await?;
        self.sessions[session].actor = Some(actor.clone());
        Ok(session)
    }

    /// A session for who looks on beside the lane.
    pub(crate) async fn connect(&mut self, actor: &Actor, part: Part) -> Result<Recorded, Unreachable> {
        Recorded::open(&*self.place, actor, part, &self.engine).await
    }

    /// Sends a command; `attempt` is 0 for the first time.
    pub(crate) async fn submit(&mut self, session: usize, command: Arc<Command>, attempt: u32) -> Sent {
        let open = &mut self.sessions[session];
        open.session.part = self.part;
        let mut sent = open.session.submit(command, attempt).await;
        open.pending.clone_from(&sent.pending);
        sent.actor.clone_from(&open.actor);
        let client = open.session.client();
        self.has_sent((client, self.part), attempt, &sent);
        sent
    }

    /// A command as the target gets to know it.
    pub(crate) fn as_sent<'c>(&self, command: &'c Command) -> Cow<'c, Command> {
        self.sessions[0].session.as_sent(command)
    }

    /// Asks a query.
    pub(crate) async fn ask(&mut self, session: usize, query: &Query) -> Asked {
        let open = &mut self.sessions[session];
        open.session.part = self.part;
        let asked = open.session.ask(query).await;
        if self.keeps != Keeps::Nothing {
            let query = open.session.as_asked(query).into_owned();
            let act = Act::Ask { query: Arc::new(query), answer: asked.answer.clone() };
            let (call, end) = stamps(asked.order, asked.called, asked.returned);
            let operation = Operation { client: open.session.client(), call, end: Some(end), act };
            self.keep(operation, self.part, asked.trace.as_ref());
            if self.part.role == Role::Poll || self.keeps == Keeps::Differences {
                self.fold();
            }
        }
        asked
    }

    /// Sends a command that a client of the contract could not send; nothing where it can't be made so, or nobody knows what came of it.
    pub(crate) async fn misbehave(&mut self, command: &Command, how: &Malformation) -> Option<Reaction> {
        let Engine { recorder, clock, .. } = &self.engine;
        let begun = recorder.misbehave(self.sessions[0].session.client(), command, how);
        // The adapter has a deadline of its own; this one is for those that haven't.
        let sending = self.place.send_malformed(&Actor::Default, command, how);
        let sent = within(&**clock, OPERATION, sending).await;
        self.acts();
        let reaction = sent?.ok()?;
        self.engine.recorder.misbehaved(begun, &reaction.outcome);
        Some(reaction)
    }

    /// Asks how the last command of a session stands; nothing where it was not only taken in.
    pub(crate) async fn progress(&mut self, session: usize) -> Option<Stands> {
        let pending = self.sessions[session].pending.clone()?;
        let client = self.client(session);
        let clock = self.engine.clock.clone();
        let asking = async move { within(&*clock, OPERATION, pending.progress()).await };
        let came = |progress: &Option<Progress>| match progress {
            Some(Progress { stands, request }) => Status::told(stands, request),
            None => Record::new(),
        };
        let progress = self.place.does(Deed::Status, Status::ask(client), Box::pin(asking), came).await?;
        Some(progress.stands)
    }

    /// Something was done beside the operations that may take effect.
    pub(crate) fn acts(&mut self) {
        self.acted = Some(Acted { at: self.engine.clock.now(), late: self.engine.late() });
        self.since = self.operations.len();
    }

    /// It is over: its sessions end, before the place that they are in does. The history says how it went.
    pub(crate) fn end(&mut self, end: &CaseEnd) {
        self.sessions.clear();
        if let Some(case) = self.part.case {
            self.engine.recorder.case_end(case, end);
        }
    }

    /// A command was sent.
    fn has_sent(&mut self, (client, part): (u64, Part), attempt: u32, sent: &Sent) {
        self.acts();
        self.acted = self.acted.map(|acted| Acted { at: sent.returned, ..acted });
        if self.keeps != Keeps::Nothing {
            let act = Act::Submit { command: sent.command.clone(), attempt, outcome: sent.outcome.clone() };
            let (call, end) = stamps(sent.order, sent.called, sent.returned);
            self.keep(Operation { client, call, end: Some(end), act }, part, sent.trace.as_ref());
            self.since = self.operations.len();
        }
    }

    fn keep(&mut self, operation: Operation, part: Part, trace: Option<&Trace>) {
        let is_command = matches!(operation.act, Act::Submit { .. });
        self.heads.push(trace.and_then(|trace| trace.head(is_command)));
        self.operations.push(operation);
        self.parts.push(part);
        self.requests.push(trace.map(Trace::request));
    }
}

/// There is no place for a case, or no session in it.
fn none(engine: &Engine, part: Part, why: Unreachable) -> Unreachable {
    if let Some(case) = part.case {
        engine.recorder.case_end(case, &CaseEnd { verdict: None, trouble: Some(why.to_string()) });
    }
    why
}

fn stamps(order: (u64, u64), called: Duration, returned: Duration) -> (Stamp, Stamp) {
    (Stamp { index: order.0, at: called }, Stamp { index: order.1, at: returned })
}
