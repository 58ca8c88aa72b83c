use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use super::clock::{OPERATION, within};
use super::engine::Engine;
use super::{Clock, Recorder, Sent};
use crate::adapter::{AnySession, AnyTarget, AnyWorld, Unreachable, WorldSeed};
use crate::history::Part;
use crate::protocol::{Actor, Answer, Command, Doubt, Observation, Outcome, Query, Seen, Trace, Unknown};

/// A session whose every operation is written down and has a deadline.
pub(crate) struct Recorded {
    session: Box<dyn AnySession>,
    client: u64,
    /// What its next operations are done for.
    pub(crate) part: Part,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
    target: Arc<dyn AnyTarget>,
}

/// An answer and when it was asked for and got, on the run's clock.
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    /// What was on the wire, where there is one.
    pub(crate) trace: Option<Trace>,
    /// How many rows each page had that was read for it.
    pub(crate) pages: Vec<u64>,
    pub(crate) called: Duration,
    pub(crate) returned: Duration,
    /// The places of its call and its return in the history.
    pub(crate) order: (u64, u64),
}

impl Recorded {
    /// Opens one for who speaks as `actor`.
    pub(super) async fn open(
        world: &dyn AnyWorld,
        actor: &Actor,
        part: Part,
        Engine { recorder, clock, target, .. }: &Engine,
    ) -> Result<Self, Unreachable> {
        let session = open(world, actor, &**clock).await?;
        let client = recorder.session(part.case, actor);
        let (recorder, clock, target) = (recorder.clone(), clock.clone(), target.clone());
        Ok(Self { session, client, part, recorder, clock, target })
    }

    /// A command as the target gets to know it: its moments as finely as they are sent.
    pub(crate) fn as_sent<'c>(&self, command: &'c Command) -> Cow<'c, Command> {
        match self.target.describe().promises.sent.get(&command.name) {
            Some(precisions) => {
                Cow::Owned(Command { fields: precisions.cut(&command.fields), ..command.clone() })
            }
            None => Cow::Borrowed(command),
        }
    }

    /// A query as the target gets to know it.
    pub(crate) fn as_asked<'q>(&self, query: &'q Query) -> Cow<'q, Query> {
        match self.target.describe().promises.sent.get(&query.name) {
            Some(precisions) => Cow::Owned(Query { fields: precisions.cut(&query.fields), ..query.clone() }),
            None => Cow::Borrowed(query),
        }
    }

    /// The session's number in the history.
    pub(crate) fn client(&self) -> u64 {
        self.client
    }

    /// Sends a command; `attempt` is 0 for the first time.
    pub(crate) async fn submit(&mut self, command: Arc<Command>, attempt: u32) -> Sent {
        self.submit_when(command, attempt, || ()).await
    }

    /// The same; `gate` is called between the call and the sending.
    pub(crate) async fn submit_when(
        &mut self,
        command: Arc<Command>,
        attempt: u32,
        gate: impl FnOnce(),
    ) -> Sent {
        let command = match self.as_sent(&command) {
            Cow::Owned(cut) => Arc::new(cut),
            Cow::Borrowed(_) => command,
        };
        let begun = self.recorder.submit(self.client, self.part, attempt, &command);
        gate();
        let submission = within(&*self.clock, OPERATION, self.session.submit(&command)).await;
        let submission = submission.unwrap_or_else(|| Outcome::Unknown(timeout()).into());
        let returned = self.recorder.outcome(begun, &submission.outcome, submission.trace.as_ref());
        Sent {
            command,
            outcome: submission.outcome,
            trace: submission.trace,
            pending: submission.pending,
            called: begun.at,
            returned: returned.at,
            order: (begun.index, returned.index),
            actor: None,
            racing: None,
        }
    }

    /// Asks a query.
    pub(crate) async fn ask(&mut self, query: &Query) -> Asked {
        let query = self.as_asked(query);
        let begun = self.recorder.ask(self.client, self.part, &query);
        let observation = within(&*self.clock, OPERATION, self.session.ask(&query)).await;
        let Observation { answer, trace, pages } =
            observation.unwrap_or_else(|| Answer::new(Seen::Broken(timeout())).into());
        let returned = self.recorder.answer(begun, &answer, trace.as_ref());
        let order = (begun.index, returned.index);
        Asked { answer, trace, pages, called: begun.at, returned: returned.at, order }
    }
}

/// One client's connection.
async fn open(
    world: &dyn AnyWorld,
    actor: &Actor,
    clock: &dyn Clock,
) -> Result<Box<dyn AnySession>, Unreachable> {
    let opened = within(clock, OPERATION, world.open(actor)).await;
    opened.unwrap_or_else(|| Err(no_answer("a session")))
}

/// Sees whether the target is there at all.
pub(super) async fn greet(target: &dyn AnyTarget, clock: &dyn Clock) -> Result<(), Unreachable> {
    let world = within(clock, OPERATION, target.world(WorldSeed(0))).await;
    let world = world.unwrap_or_else(|| Err(no_answer("a world")))?;
    open(&*world, &Actor::default(), clock).await.map(drop)
}

fn timeout() -> Unknown {
    Unknown { doubt: Doubt::Timeout, status: None, detail: format!("no answer within {OPERATION:?}") }
}

pub(super) fn no_answer(what: &str) -> Unreachable {
    Unreachable { target: "the target".into(), why: format!("it did not give {what} within {OPERATION:?}") }
}
