use std::sync::Arc;
use std::time::Duration;

use super::clock::{OPERATION, within};
use super::{Clock, Recorder, Sent};
use crate::adapter::{Exchange, Progress, Session, ShellLine, Target, Unreachable, World, WorldSeed};
use crate::protocol::{Actor, Answer, Command, Doubt, Outcome, Query, Rejection, Seen, Unknown};

/// A session whose every operation is written down and has a deadline.
pub(crate) struct Recorded {
    session: Box<dyn Session>,
    client: u64,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
}

/// An answer and when it was asked for and got, on the run's clock.
pub(crate) struct Asked {
    pub(crate) answer: Answer,
    pub(crate) called: Duration,
    pub(crate) returned: Duration,
    /// The places of its call and its return in the history.
    pub(crate) order: (u64, u64),
}

impl Recorded {
    pub(crate) async fn open(
        world: &dyn World,
        recorder: &Arc<Recorder>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Unreachable> {
        Self::open_as(world, &Actor::default(), recorder, clock).await
    }

    /// The same for one who speaks as `actor`.
    pub(crate) async fn open_as(
        world: &dyn World,
        actor: &Actor,
        recorder: &Arc<Recorder>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Unreachable> {
        let session = open(world, actor, &**clock).await?;
        Ok(Self { session, client: recorder.client(), recorder: recorder.clone(), clock: clock.clone() })
    }

    /// The session's number in the history.
    pub(crate) fn client(&self) -> u64 {
        self.client
    }

    /// What was sent last, as a command for a shell, where the target has one.
    pub(crate) fn last_request(&self) -> Option<ShellLine> {
        self.session.last_request()
    }

    /// What that was answered with, where the target has a wire.
    pub(crate) fn last_exchange(&self) -> Option<Exchange> {
        self.session.last_exchange()
    }

    /// How the last command stands, where it was only taken in.
    pub(crate) async fn last_progress(&mut self) -> Option<Progress> {
        within(&*self.clock, OPERATION, self.session.last_progress()).await?
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
        let begun = self.recorder.submit(self.client, attempt, &command);
        gate();
        let outcome = within(&*self.clock, OPERATION, self.session.submit(&command)).await;
        let outcome = outcome.unwrap_or_else(|| Outcome::Unknown(timeout()));
        let returned = self.recorder.outcome(begun, &outcome);
        let request = self.session.last_request();
        let unnamed = match &outcome {
            Outcome::Rejected(Rejection { code: None, .. }) => {
                self.session.last_exchange().and_then(|exchange| exchange.response().cloned()).map(Box::new)
            }
            _ => None,
        };
        Sent {
            command,
            outcome,
            request,
            unnamed,
            called: begun.at,
            returned: returned.at,
            order: (begun.index, returned.index),
            actor: None,
            racing: None,
        }
    }

    /// Asks a query.
    pub(crate) async fn ask(&mut self, query: &Query) -> Asked {
        let begun = self.recorder.ask(self.client, query);
        let answer = within(&*self.clock, OPERATION, self.session.ask(query)).await;
        let answer = answer.unwrap_or_else(|| Answer::new(Seen::Broken(timeout())));
        let returned = self.recorder.answer(begun, &answer);
        Asked { answer, called: begun.at, returned: returned.at, order: (begun.index, returned.index) }
    }
}

/// A place in the target for one scenario.
pub(crate) async fn world(
    target: &dyn Target,
    seed: WorldSeed,
    clock: &dyn Clock,
) -> Result<Box<dyn World>, Unreachable> {
    within(clock, OPERATION, target.world(seed)).await.unwrap_or_else(|| Err(no_answer("a world")))
}

/// One client's connection.
async fn open(world: &dyn World, actor: &Actor, clock: &dyn Clock) -> Result<Box<dyn Session>, Unreachable> {
    let opened = within(clock, OPERATION, world.open(actor)).await;
    opened.unwrap_or_else(|| Err(no_answer("a session")))
}

/// Sees whether the target is there at all.
pub(super) async fn greet(target: &dyn Target, clock: &dyn Clock) -> Result<(), Unreachable> {
    let world = world(target, WorldSeed(0), clock).await?;
    open(&*world, &Actor::default(), clock).await.map(drop)
}

fn timeout() -> Unknown {
    Unknown { doubt: Doubt::Timeout, status: None, detail: format!("no answer within {OPERATION:?}") }
}

fn no_answer(what: &str) -> Unreachable {
    Unreachable { target: "the target".into(), why: format!("it did not give {what} within {OPERATION:?}") }
}
