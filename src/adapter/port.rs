use std::fmt;
use std::time::Duration;

use super::{Description, Malformation, NotMade, Reaction};
use crate::protocol::{
    Actor, Answer, Command, Event, Observation, Outcome, Query, Response, Submission, Version,
};
use crate::value::Value;

/// The system under test.
///
/// An adapter, for a system in the same process:
///
/// ```
/// use proofmark::adapter::{Description, Session, Target, Unreachable, World, WorldSeed};
/// use proofmark::protocol::{Actor, Answer, Command, Observation, Outcome, Query, Receipt, Seen, Submission};
///
/// /// Accepts everything and remembers nothing.
/// #[derive(Debug)]
/// struct Yes(Description);
/// struct Place;
/// struct Client;
///
/// impl Target for Yes {
///     type World = Place;
///     fn describe(&self) -> &Description {
///         &self.0
///     }
///     async fn world(&self, _: WorldSeed) -> Result<Place, Unreachable> {
///         Ok(Place)
///     }
/// }
/// impl World for Place {
///     type Session = Client;
///     async fn open(&self, _: &Actor) -> Result<Client, Unreachable> {
///         Ok(Client)
///     }
/// }
/// impl Session for Client {
///     async fn submit(&mut self, _: &Command) -> Submission {
///         Outcome::Accepted(Receipt::default()).into()
///     }
///     async fn ask(&mut self, _: &Query) -> Observation {
///         Answer::new(Seen::Absent).into()
///     }
/// }
///
/// let runner = proofmark::run::Runner::new(Yes(Description::new("yes")));
/// # let suite = proofmark::suite::Suite::load(["scenarios/orders/rules.scenario"]).unwrap();
/// # let plans = &suite.plans().unwrap()[..3];
/// # let run = runner.run(plans, |_| ());
/// # let summary = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
/// # std::fs::remove_file(summary.history.unwrap()).unwrap();
/// # assert_eq!(summary.counts.failed, 3);
/// ```
pub trait Target: Send + Sync + fmt::Debug + 'static {
    /// Where a scenario takes place.
    type World: World;

    /// What is known of it before anything is asked.
    fn describe(&self) -> &Description;

    /// A place for one scenario. In-process it is a fresh instance, so that a seed replays the scenario alone;
    /// a service on the network is one place for all, and scenarios keep apart by their unique values.
    fn world(&self, seed: WorldSeed) -> impl Future<Output = Result<Self::World, Unreachable>> + Send;

    /// Whether each world is one in which nobody else does anything, so that what is told of all there is, is told of what
    /// was done there. Default: others may be about.
    fn is_alone(&self) -> bool {
        false
    }

    /// Who may speak to it beside the one actor of a scenario that names none (capability `actors`). Default: nobody.
    fn actors(&self) -> Vec<Actor> {
        Vec::new()
    }

    /// Whether it has the command or query called `message`. Scenarios that need one it does not have are not
    /// claimed. Default: it has everything.
    fn knows(&self, message: &str) -> bool {
        let _ = message;
        true
    }

    /// What would make it know a command or query that it does not know, in the form in which it is told such things (lines of
    /// a target profile). Default: nothing can be added.
    fn to_know(&self, message: &str) -> Option<String> {
        let _ = message;
        None
    }

    /// What would make it call an answer to `command`, a "no" that it has no name for, like one of these rejections; the same
    /// form. Default: nothing can be added.
    fn to_name(&self, command: &str, answer: &Response, codes: &[&str]) -> Option<String> {
        let _ = (command, answer, codes);
        None
    }

    /// Whether there is a wire beneath its commands, such as HTTP: submissions and observations then have a trace, and
    /// [`World::send_malformed`] sends. Clauses about statuses and broken requests bind only where there is. Default: no, as in the same process.
    fn has_wire(&self) -> bool {
        false
    }

    /// Whether somebody of this name can speak to it (`as alice`), where it claims `actors`. Steps of somebody else are
    /// not claimed. Default: whoever comes is let in.
    fn knows_actor(&self, actor: &str) -> bool {
        let _ = actor;
        true
    }

    /// Is told of a text that stands in the open: a contract, a file of scenarios. A secret of the target's that is part of it is
    /// none any more, and an answer that repeats it is shown and judged as it is. Default: nothing is kept secret.
    fn stands_open(&self, text: &str) {
        let _ = text;
    }
}

/// Where one scenario takes place. What can be done there beside commands and queries is offered where an adapter writes it; the
/// engine asks for nothing that isn't claimed.
pub trait World: Send + Sync + 'static {
    /// One client's connection.
    type Session: Session;

    /// One client's connection, with its own order of operations. [`Actor::Nobody`] shows no credentials.
    fn open(&self, actor: &Actor) -> impl Future<Output = Result<Self::Session, Unreachable>> + Send;

    /// Waits until every read model reflects all that was accepted before the call (capability `wait`).
    /// `false`: not within the time given.
    fn caught_up(&self, within: Duration) -> impl Future<Output = bool> + Send {
        let _ = within;
        async { false }
    }

    /// Builds a read model anew from the events and waits for the end of it (capability `rebuild`). It goes by its own
    /// name, or by that of a query that it answers.
    fn rebuild(
        &self,
        read_model: &str,
        within: Duration,
    ) -> impl Future<Output = Result<(), ControlError>> + Send {
        let _ = (read_model, within);
        async { Err(ControlError::NotOffered) }
    }

    /// Makes an event happen without a command (capability `seed-events`). Its version, position, id and causation
    /// are the target's business.
    fn seed(&self, event: &Event) -> impl Future<Output = Outcome> + Send {
        let _ = event;
        async { Outcome::NotSent(ControlError::NotOffered.to_string()) }
    }

    /// What has happened, in order: to one aggregate, or to all that the feed tells of; after a position, where one is
    /// given (capability `event-feed`). All pages of it.
    fn events(
        &self,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> impl Future<Output = Result<Vec<Event>, ControlError>> + Send {
        let _ = (on, after);
        async { Err(ControlError::NotOffered) }
    }

    /// The same as somebody else asks for it, or somebody without credentials (capabilities `event-feed` and `actors`).
    fn events_as(
        &self,
        actor: &Actor,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> impl Future<Output = Result<Vec<Event>, ControlError>> + Send {
        let _ = (actor, on, after);
        async { Err(ControlError::NotOffered) }
    }

    /// Asks a query as of an earlier version of its aggregate (capability `temporal`).
    fn as_of(
        &self,
        query: &Query,
        version: &Version,
    ) -> impl Future<Output = Result<Answer, ControlError>> + Send {
        let _ = (query, version);
        async { Err(ControlError::NotOffered) }
    }

    /// Removes everything (capability `reset`).
    fn reset(&self) -> impl Future<Output = Result<(), ControlError>> + Send {
        async { Err(ControlError::NotOffered) }
    }

    /// Kills the target without a warning, as a crash would, starts it again and waits until it is ready (capability `restart`). It is one
    /// for all worlds.
    fn restart(&self) -> impl Future<Output = Result<(), ControlError>> + Send {
        async { Err(ControlError::NotOffered) }
    }

    /// Sends the request for `command` with this wrong with it, once, within the adapter's deadline, and says what was answered.
    /// Nothing is tried again, no redirect is followed, nothing is polled and nothing is learned from the answer.
    ///
    /// A server may answer and close before it has read a large request. Whether such an answer arrives is up to the network, so a
    /// lost connection behind [`Malformation::Oversized`] says little by itself: see whether the target still answers.
    fn send_malformed(
        &self,
        actor: &Actor,
        command: &Command,
        how: &Malformation,
    ) -> impl Future<Output = Result<Reaction, NotMade>> + Send {
        let _ = actor;
        let why = "there is no wire beneath the target's commands".to_owned();
        let not_made = NotMade { command: command.name.to_string(), how: how.words(), why };
        async { Err(not_made) }
    }
}

/// One client's connection to the target. Every operation has a deadline of the adapter's own.
pub trait Session: Send + 'static {
    /// Sends a command and waits for its outcome.
    fn submit(&mut self, command: &Command) -> impl Future<Output = Submission> + Send;

    /// Asks a query.
    fn ask(&mut self, query: &Query) -> impl Future<Output = Observation> + Send;

    /// Asks a query past whatever remembers answers on the way: to find something out, never to measure how long an
    /// effect takes to show. Default: the same as [`Session::ask`].
    fn ask_fresh(&mut self, query: &Query) -> impl Future<Output = Observation> + Send {
        self.ask(query)
    }
}

/// What was asked of a [`World`] beside commands and queries was not done.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// The adapter has no means for it.
    #[error("the target offers no means for this")]
    NotOffered,
    /// It was tried. Holds what came of it, in a sentence, without secrets.
    #[error("{0}")]
    Failed(String),
    /// Whoever asked may not, or is told that there is nothing there. Holds what was answered, without secrets.
    #[error("{0}")]
    Denied(String),
}

/// What a world draws its own chance from.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WorldSeed(pub u64);

/// The target can't be reached at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{target} can't be reached: {why}")]
pub struct Unreachable {
    /// The target's name.
    pub target: String,
    /// What was tried and what came of it.
    pub why: String,
}
