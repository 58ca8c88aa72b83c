use std::sync::Arc;
use std::time::Duration;

use super::{Clock, Recorder, Sent};
use crate::protocol::{Actor, Answer, Command, Doubt, Outcome, Query, Seen, Unknown};
use crate::target::{Session, Unreachable, World};

/// How long one operation may take at most, whatever the adapter's own limits are.
const OPERATION: Duration = Duration::from_secs(30);

/// A session whose every operation is written down and has a deadline.
pub(super) struct Recorded {
    session: Box<dyn Session>,
    client: u64,
    recorder: Arc<Recorder>,
    clock: Arc<dyn Clock>,
}

/// An answer and when it was asked for and got, on the run's clock.
pub(super) struct Asked {
    pub(super) answer: Answer,
    pub(super) called: Duration,
    pub(super) returned: Duration,
}

impl Recorded {
    pub(super) async fn open(
        world: &dyn World,
        recorder: &Arc<Recorder>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, Unreachable> {
        let session = world.open(&Actor::default()).await?;
        Ok(Self { session, client: recorder.client(), recorder: recorder.clone(), clock: clock.clone() })
    }

    /// The session's number in the history.
    pub(super) fn client(&self) -> u64 {
        self.client
    }

    /// Sends a command; `attempt` is 0 for the first time.
    pub(super) async fn submit(&mut self, command: Arc<Command>, attempt: u32) -> Sent {
        let begun = self.recorder.submit(self.client, attempt, &command);
        let deadline = self.clock.until(begun.at + OPERATION);
        let outcome = tokio::select! {
            biased;
            outcome = self.session.submit(&command) => outcome,
            () = deadline => Outcome::Unknown(timeout()),
        };
        let returned = self.recorder.outcome(begun, &outcome);
        Sent { command, outcome, called: begun.at, returned }
    }

    /// Asks a query.
    pub(super) async fn ask(&mut self, query: &Query) -> Asked {
        let begun = self.recorder.ask(self.client, query);
        let deadline = self.clock.until(begun.at + OPERATION);
        let answer = tokio::select! {
            biased;
            answer = self.session.ask(query) => answer,
            () = deadline => Answer::new(Seen::Broken(timeout())),
        };
        let returned = self.recorder.answer(begun, &answer);
        Asked { answer, called: begun.at, returned }
    }
}

fn timeout() -> Unknown {
    let detail = format!("no answer within {} s", OPERATION.as_secs());
    Unknown { doubt: Doubt::Timeout, status: None, detail }
}
