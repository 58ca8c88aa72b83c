use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::wire::{Exchange, Progress, Response, Wire};
use crate::protocol::{Actor, Answer, Capabilities, Command, Deviation, Event, Outcome, Query, Version};
use crate::value::{Demand, Tolerances, Value};

/// A future that can be stored behind `dyn`.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The system under test.
///
/// An adapter in a few lines, for a system in the same process:
///
/// ```
/// use std::time::Duration;
///
/// use proofmark::protocol::{Actor, Answer, Capabilities, Command, Outcome, Query, Receipt, Seen};
/// use proofmark::adapter::{BoxFuture, Description, IdForm, Session, Target, Unreachable, World, WorldSeed};
///
/// /// Accepts everything and remembers nothing.
/// #[derive(Debug)]
/// struct Yes(Description);
/// struct Place;
///
/// impl Target for Yes {
///     fn describe(&self) -> &Description {
///         &self.0
///     }
///     fn world(&self, _: WorldSeed) -> BoxFuture<'_, Result<Box<dyn World>, Unreachable>> {
///         Box::pin(async { Ok(Box::new(Place) as Box<dyn World>) })
///     }
/// }
/// impl World for Place {
///     fn open(&self, _: &Actor) -> BoxFuture<'_, Result<Box<dyn Session>, Unreachable>> {
///         Box::pin(async { Ok(Box::new(Place) as Box<dyn Session>) })
///     }
/// }
/// impl Session for Place {
///     fn submit<'a>(&'a mut self, _: &'a Command) -> BoxFuture<'a, Outcome> {
///         Box::pin(async { Outcome::Accepted(Receipt::default()) })
///     }
///     fn ask<'a>(&'a mut self, _: &'a Query) -> BoxFuture<'a, Answer> {
///         Box::pin(async { Answer::new(Seen::Absent) })
///     }
/// }
///
/// let target = Yes(Description {
///     name: "yes".into(),
///     version: None,
///     speaks: None,
///     capabilities: Capabilities::default(),
///     ids: IdForm::Uuid,
///     bound: Duration::from_secs(5),
///     bounds: Default::default(),
///     deviations: Vec::new(),
///     tolerances: Default::default(),
///     private: Default::default(),
///     demands: Default::default(),
/// });
/// let runner = proofmark::run::Runner::new(target);
/// # let suite = proofmark::suite::Suite::load(["scenarios/orders/rules.scenario"]).unwrap();
/// # let plans = &suite.plans().unwrap()[..3];
/// # let run = runner.run(plans, |_| ());
/// # let summary = tokio::runtime::Runtime::new().unwrap().block_on(run).unwrap();
/// # std::fs::remove_file(summary.history.unwrap()).unwrap();
/// # assert_eq!(summary.counts.failed, 3);
/// ```
pub trait Target: Send + Sync + fmt::Debug {
    /// What is known of it before anything is asked.
    fn describe(&self) -> &Description;

    /// A place for one scenario. In-process it is a fresh instance, so that a seed replays the scenario alone;
    /// a service on the network is one place for all, and scenarios keep apart by their unique values.
    fn world(&self, seed: WorldSeed) -> BoxFuture<'_, Result<Box<dyn World>, Unreachable>>;

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

    /// Whether there is a wire beneath its commands, such as HTTP: [`World::wire`] and [`Session::last_exchange`] then tell of it. Clauses
    /// about statuses and broken requests bind only where there is. Default: no, as in the same process.
    fn has_wire(&self) -> bool {
        false
    }

    /// Whether somebody of this name can speak to it (`as alice`), where it claims `actors`. Steps of somebody else are
    /// not claimed. Default: whoever comes is let in.
    fn knows_actor(&self, actor: &str) -> bool {
        let _ = actor;
        true
    }
}

/// Where one scenario takes place.
pub trait World: Send + Sync {
    /// One client's connection, with its own order of operations. [`Actor::Nobody`] shows no credentials.
    fn open(&self, actor: &Actor) -> BoxFuture<'_, Result<Box<dyn Session>, Unreachable>>;

    /// What can be done beside commands and queries; `None` where nothing is claimed.
    fn control(&self) -> Option<&dyn Control> {
        None
    }

    /// A way to send requests that no client should; `None` where there is no wire, as in the same process.
    fn wire(&self) -> Option<&dyn Wire> {
        None
    }
}

/// One client's connection to the target. Every operation has a deadline of the adapter's own.
pub trait Session: Send {
    /// Sends a command and waits for its outcome.
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Outcome>;

    /// Asks a query.
    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer>;

    /// Asks a query past whatever remembers answers on the way: to find something out, never to measure how long an
    /// effect takes to show. Default: the same as [`Session::ask`].
    fn ask_fresh<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer> {
        self.ask(query)
    }

    /// What was sent last, as a command for a shell, without secrets. Default: there is no such command.
    fn last_request(&self) -> Option<ShellLine> {
        None
    }

    /// What the last operation's own request was answered with, as it was and without secrets: of a command the first answer, of
    /// a list its last page. Default: there is no wire, as in the same process, or nothing was sent.
    fn last_exchange(&self) -> Option<Exchange> {
        None
    }

    /// Asks once more how the last command stands, where that was only taken in (capability `asynchronous`). `None` where it was
    /// answered at once. Default: all are.
    fn last_progress(&mut self) -> BoxFuture<'_, Option<Progress>> {
        Box::pin(async { None })
    }
}

/// A request as a command for a shell, without secrets. It is put into words whenever somebody reads it, since hardly any is
/// ever read.
#[derive(Clone)]
pub struct ShellLine(Arc<dyn fmt::Display + Send + Sync>);

impl ShellLine {
    /// What prints as the command.
    pub fn new(line: Arc<dyn fmt::Display + Send + Sync>) -> Self {
        Self(line)
    }
}

impl fmt::Display for ShellLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for ShellLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

/// What a target can do for its examiner, where it claims so. What isn't written by an adapter is not offered; the
/// runner asks for nothing that isn't claimed.
pub trait Control: Send + Sync {
    /// Waits until every read model reflects all that was accepted before the call (capability `wait`).
    /// `false`: not within the time given.
    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool>;

    /// Builds a read model anew from the events and waits for the end of it (capability `rebuild`). It goes by its own
    /// name, or by that of a query that it answers.
    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>> {
        let _ = (read_model, within);
        not_offered()
    }

    /// Makes an event happen without a command (capability `seed-events`). Its version, position, id and causation
    /// are the target's business.
    fn seed<'a>(&'a self, event: &'a Event) -> BoxFuture<'a, Outcome> {
        let _ = event;
        Box::pin(async { Outcome::NotSent(ControlError::NotOffered.to_string()) })
    }

    /// What has happened, in order: to one aggregate, or to all that the feed tells of; behind a position, where one is
    /// given (capability `event-feed`). All pages of it.
    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        let _ = (on, after);
        not_offered()
    }

    /// The same as somebody else asks for it, or somebody without credentials (capabilities `event-feed` and `actors`).
    fn events_as<'a>(
        &'a self,
        actor: &'a Actor,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        let _ = (actor, on, after);
        not_offered()
    }

    /// Asks a query as of an earlier version of its aggregate (capability `temporal`).
    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        let _ = (query, version);
        not_offered()
    }

    /// Removes everything (capability `reset`).
    fn reset(&self) -> BoxFuture<'_, Result<(), ControlError>> {
        not_offered()
    }

    /// Ends the target, starts it again and waits until it is ready (capability `restart`). It is one for all worlds.
    fn restart(&self) -> BoxFuture<'_, Result<(), ControlError>> {
        not_offered()
    }
}

fn not_offered<'a, T: Send + 'a>() -> BoxFuture<'a, Result<T, ControlError>> {
    Box::pin(async { Err(ControlError::NotOffered) })
}

/// What was asked of a [`Control`] was not done.
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

/// How a target wants the ids of new aggregates that its clients choose.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum IdForm {
    /// A UUID (RFC 9562), version 4 in its bits, drawn from the seed.
    #[default]
    Uuid,
    /// Short text that begins with the aggregate's name.
    Text,
}

/// What is known of a target before anything is asked.
#[derive(Clone, Debug)]
pub struct Description {
    /// Its name in reports.
    pub name: String,
    /// Its version, where it tells one.
    pub version: Option<String>,
    /// The one contract it speaks; `None` where that is not known. Scenarios of another one are refused: all their
    /// commands would be rejected, and that might look like promises kept.
    pub speaks: Option<String>,
    /// What it gives the means for.
    pub capabilities: Capabilities,
    /// How ids of new aggregates look.
    pub ids: IdForm,
    /// The promise for queries that have none of their own: how long an accepted effect may take to show.
    /// Zero is "at once".
    pub bound: Duration,
    /// The promise query by query.
    pub bounds: BTreeMap<Arc<str>, Duration>,
    /// Where it is known to depart from its contract, and means to.
    pub deviations: Vec<Deviation>,
    /// How far numbers may be off in a query's answers, where it is asked for: scenarios and judges both compare
    /// with that, and reports say so.
    pub tolerances: BTreeMap<Arc<str>, Tolerances>,
    /// Queries that only the owner of what they show may ask.
    pub private: BTreeSet<Arc<str>>,
    /// What it can take in fields of these names, where that is less than the contract says.
    pub demands: BTreeMap<Arc<str>, Demand>,
}

impl Description {
    /// How far numbers may be off in the answers of `query`; not at all where nothing is said.
    pub fn tolerances_of(&self, query: &str) -> &Tolerances {
        const EXACT: &Tolerances = &Tolerances::EXACT;
        self.tolerances.get(query).unwrap_or(EXACT)
    }

    /// What whoever reads of a run against it has to know, in sentences without a full stop: how it is judged more
    /// leniently, and where it is known to depart from its contract.
    pub fn remarks(&self) -> Vec<String> {
        let off = self.tolerances.iter().flat_map(|(query, tolerances)| {
            tolerances.iter().map(move |(field, by)| {
                format!("`{field}` of {query} may be off by {by}: the profile asks for that tolerance")
            })
        });
        off.chain(self.deviations.iter().map(ToString::to_string)).collect()
    }

    /// How long an accepted effect may take to show in `query`.
    pub fn bound_of(&self, query: &str) -> Duration {
        self.bounds.get(query).copied().unwrap_or(self.bound)
    }

    /// The longest promise of all.
    pub fn longest_bound(&self) -> Duration {
        self.bounds.values().copied().fold(self.bound, Duration::max)
    }
}

/// The target can't be reached at all.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{target} can't be reached: {why}")]
pub struct Unreachable {
    /// The target's name.
    pub target: String,
    /// What was tried and what came of it.
    pub why: String,
}
