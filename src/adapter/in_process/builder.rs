use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::convert::{Asked, Misread, Sent, asked, malformed, sent};
use super::guard::told;
use super::world::Instance;
use crate::adapter::{BoxFuture, ControlError, Description, IdForm, Target, Unreachable, WorldSeed};
use crate::protocol::{Actor, Answer, Capability, Command, Event, Outcome, Query, Seen, Version};
use crate::value::Value;

/// How long a command or a query may take unless something else is said.
const DEADLINE: Duration = Duration::from_secs(10);

pub(super) type Handler<S, A, T> = Arc<dyn Fn(Arc<S>, A) -> BoxFuture<'static, T> + Send + Sync>;
/// What is sent, by whom, and the field its name is in.
type Message<M> = (M, Actor, Option<Arc<str>>);
/// One aggregate or all, and a position.
type Behind = (Option<Value>, Option<u64>);
type Factory<S> = Arc<dyn Fn(WorldSeed) -> S + Send + Sync>;

/// A Rust system in this process as a target.
///
/// Its commands and queries are enums of its own, whose variants have the contract's names; serde reads them, exactly
/// (see [`Value::read`](crate::value::Value::read)). Each world is a fresh instance.
///
/// ```
/// use std::sync::Mutex;
///
/// use proofmark::protocol::Rejection;
/// use proofmark::adapter::{Asked, InProcess, Sent, Target};
///
/// /// A counter for each id would do; one is enough here.
/// #[derive(Default)]
/// struct Counter(Mutex<u64>);
///
/// #[derive(serde::Deserialize)]
/// enum CounterCommand {
///     Add { by: u64 },
/// }
/// #[derive(serde::Deserialize)]
/// enum CounterQuery {
///     GetCount,
/// }
/// #[derive(serde::Serialize)]
/// struct Count {
///     count: u64,
/// }
///
/// let target = InProcess::builder("counter", |_| Counter::default())
///     .speaks("counters")
///     .commands(|counter, Sent { command, on: _, .. }: Sent<CounterCommand>| async move {
///         let CounterCommand::Add { by } = command;
///         if by == 0 {
///             return Err(Rejection::named("NothingToAdd"));
///         }
///         *counter.0.lock().unwrap() += by;
///         Ok(())
///     })
///     .queries(|counter, asked: Asked<CounterQuery>| async move {
///         let CounterQuery::GetCount = asked.query;
///         Some(Count { count: *counter.0.lock().unwrap() })
///     })
///     .build();
/// assert_eq!(target.describe().name, "counter");
/// ```
///
/// A command that does not fit its type is refused as `Malformed`. A variant that is missing is *not sent*: that is a
/// mistake in the setup, and no promise. A panic of the system's code, or no answer within the deadline, is an unknown outcome.
pub struct InProcess<S> {
    pub(super) parts: Arc<Parts<S>>,
}

/// An [`InProcess`] in the making.
pub struct Builder<S> {
    parts: Parts<S>,
}

pub(super) struct Parts<S> {
    pub(super) description: Description,
    factory: Factory<S>,
    tag: Option<Arc<str>>,
    pub(super) actors: Vec<Actor>,
    pub(super) deadline: Duration,
    pub(super) submit: Option<Handler<S, Message<Command>, Outcome>>,
    pub(super) ask: Option<Handler<S, Message<Query>, Answer>>,
    pub(super) caught_up: Option<Handler<S, Duration, bool>>,
    pub(super) rebuild: Option<Handler<S, String, Result<(), String>>>,
    pub(super) seed: Option<Handler<S, Event, Outcome>>,
    pub(super) events: Option<Handler<S, Behind, Result<Vec<Event>, String>>>,
    pub(super) as_of: Option<Handler<S, (Query, Version), Answer>>,
    pub(super) reset: Option<Handler<S, (), Result<(), String>>>,
}

impl<S: Send + Sync + 'static> InProcess<S> {
    /// A target called `name`; `factory` makes the instance for each world, and draws what it needs by chance from the seed.
    /// Until something else is said it claims no capability, and effects show at once.
    pub fn builder(name: &str, factory: impl Fn(WorldSeed) -> S + Send + Sync + 'static) -> Builder<S> {
        Builder {
            parts: Parts {
                description: Description::new(name).bound(Duration::ZERO),
                factory: Arc::new(factory),
                tag: None,
                actors: Vec::new(),
                deadline: DEADLINE,
                submit: None,
                ask: None,
                caught_up: None,
                rebuild: None,
                seed: None,
                events: None,
                as_of: None,
                reset: None,
            },
        }
    }
}

impl<S: Send + Sync + 'static> Builder<S> {
    /// The contract it speaks. Scenarios of another one are then refused.
    #[must_use]
    pub fn speaks(mut self, contract: &str) -> Self {
        self.parts.description.speaks = Some(contract.to_owned());
        self
    }

    /// How ids of new aggregates look. Default: UUIDs.
    #[must_use]
    pub fn ids(mut self, form: IdForm) -> Self {
        self.parts.description = self.parts.description.ids(form);
        self
    }

    /// How long an accepted effect may take to show. Default: it shows at once.
    #[must_use]
    pub fn bound(mut self, bound: Duration) -> Self {
        self.parts.description = self.parts.description.bound(bound);
        self
    }

    /// How long a command or a query may take before its outcome is unknown. Default: 10 seconds.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.parts.deadline = deadline;
        self
    }

    /// Commands and queries have their names in this field: `#[serde(tag = "type")]`. Default: around their fields, as
    /// serde does it where nothing is said.
    #[must_use]
    pub fn tagged_by(mut self, field: &str) -> Self {
        self.parts.tag = Some(field.into());
        self
    }

    /// Who may speak to it, beside the one actor of a scenario that names none, and claims `Actors`.
    #[must_use]
    pub fn actors(mut self, names: &[&str]) -> Self {
        self.parts.actors = names.iter().map(|name| Actor::named(*name)).collect();
        self.claims(Capability::Actors)
    }

    /// Claims something the handlers see to themselves: `Idempotency` (by the key), `ExpectedVersion`, `Position`, `Actors`.
    #[must_use]
    pub fn claims(mut self, capability: Capability) -> Self {
        let claimed = &mut self.parts.description.capabilities;
        *claimed = claimed.with(capability);
        self
    }

    /// What handles commands. It may answer with `Result<(), Rejection>`, with a receipt for an `Ok`, or with any [`Outcome`].
    #[must_use]
    pub fn commands<C, I, F, O>(
        mut self,
        handle: impl Fn(Arc<S>, Sent<C, I>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        C: DeserializeOwned + Send + 'static,
        I: DeserializeOwned + Send + 'static,
        F: Future<Output = O> + Send + 'static,
        O: Into<Outcome>,
    {
        let handle = Arc::new(handle);
        self.parts.submit = Some(Arc::new(move |system, (command, actor, tag)| {
            let handle = handle.clone();
            Box::pin(async move {
                match sent(&command, &actor, tag.as_deref()) {
                    Ok(sent) => handle(system, sent).await.into(),
                    Err(Misread::Malformed(why)) => Outcome::Rejected(malformed(&why)),
                    Err(Misread::NotSent(why)) => Outcome::NotSent(why),
                }
            })
        }));
        self
    }

    /// What answers queries. It may answer with an `Option` of anything that serde can write (`None` is the declared
    /// absence), with a `Result` of that and a rejection, or with any [`Answer`].
    #[must_use]
    pub fn queries<Q, I, F, A>(
        mut self,
        handle: impl Fn(Arc<S>, Asked<Q, I>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        Q: DeserializeOwned + Send + 'static,
        I: DeserializeOwned + Send + 'static,
        F: Future<Output = A> + Send + 'static,
        A: Into<Answer>,
    {
        let handle = Arc::new(handle);
        self.parts.ask = Some(Arc::new(move |system, (query, actor, tag)| {
            let handle = handle.clone();
            Box::pin(async move {
                match asked(&query, &actor, tag.as_deref()) {
                    Ok(asked) => handle(system, asked).await.into(),
                    Err(Misread::Malformed(why)) => Answer::new(Seen::Refused(malformed(&why))),
                    Err(Misread::NotSent(why)) => Answer::new(Seen::NotSent(why)),
                }
            })
        }));
        self
    }

    /// Waits until the read models have caught up, at most so long; claims `wait`.
    #[must_use]
    pub fn caught_up<F>(mut self, wait: impl Fn(Arc<S>, Duration) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = bool> + Send + 'static,
    {
        self.parts.caught_up = Some(Arc::new(move |system, within| Box::pin(wait(system, within))));
        self.claims(Capability::Wait)
    }

    /// Builds the read model of that name anew, or says why not; claims `rebuild`.
    #[must_use]
    pub fn rebuild<F>(mut self, rebuild: impl Fn(Arc<S>, String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.parts.rebuild = Some(Arc::new(move |system, name| Box::pin(rebuild(system, name))));
        self.claims(Capability::Rebuild)
    }

    /// Makes an event happen without a command; claims `seed-events`.
    #[must_use]
    pub fn seed<F, O>(mut self, seed: impl Fn(Arc<S>, Event) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = O> + Send + 'static,
        O: Into<Outcome>,
    {
        let seed = Arc::new(seed);
        self.parts.seed = Some(Arc::new(move |system, event| {
            let seed = seed.clone();
            Box::pin(async move { seed(system, event).await.into() })
        }));
        self.claims(Capability::SeedEvents)
    }

    /// What has happened, in order: to one aggregate or to all, behind a position; claims `event-feed`.
    #[must_use]
    pub fn events<F>(
        mut self,
        events: impl Fn(Arc<S>, Option<Value>, Option<u64>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Vec<Event>, String>> + Send + 'static,
    {
        self.parts.events = Some(Arc::new(move |system, (on, after)| Box::pin(events(system, on, after))));
        self.claims(Capability::EventFeed)
    }

    /// Answers a query as of an earlier version of its aggregate; claims `temporal`.
    #[must_use]
    pub fn as_of<F, A>(mut self, ask: impl Fn(Arc<S>, Query, Version) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = A> + Send + 'static,
        A: Into<Answer>,
    {
        let ask = Arc::new(ask);
        self.parts.as_of = Some(Arc::new(move |system, (query, version)| {
            let ask = ask.clone();
            Box::pin(async move { ask(system, query, version).await.into() })
        }));
        self.claims(Capability::Temporal)
    }

    /// Removes everything, or says why not; claims `reset`.
    #[must_use]
    pub fn reset<F>(mut self, reset: impl Fn(Arc<S>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.parts.reset = Some(Arc::new(move |system, ()| Box::pin(reset(system))));
        self.claims(Capability::Reset)
    }

    /// The target.
    pub fn build(self) -> InProcess<S> {
        InProcess { parts: Arc::new(self.parts) }
    }
}

impl<S> Parts<S> {
    pub(super) fn tag(&self) -> Option<Arc<str>> {
        self.tag.clone()
    }
}

impl<S: Send + Sync + 'static> Target for InProcess<S> {
    type World = Instance<S>;

    fn is_alone(&self) -> bool {
        true
    }

    fn actors(&self) -> Vec<Actor> {
        self.parts.actors.clone()
    }

    fn describe(&self) -> &Description {
        &self.parts.description
    }

    async fn world(&self, seed: WorldSeed) -> Result<Instance<S>, Unreachable> {
        match catch_unwind(AssertUnwindSafe(|| (self.parts.factory)(seed))) {
            Ok(system) => Ok(Instance::new(self.parts.clone(), system)),
            Err(panic) => {
                let why = format!("making it panicked: {}", told(&*panic));
                Err(Unreachable { target: self.parts.description.name.clone(), why })
            }
        }
    }
}

impl<S> Clone for InProcess<S> {
    fn clone(&self) -> Self {
        Self { parts: self.parts.clone() }
    }
}

impl<S> fmt::Debug for InProcess<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InProcess").field(&self.parts.description).finish()
    }
}

impl<S> fmt::Debug for Builder<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Builder").field(&self.parts.description).finish()
    }
}

/// What came of something that was offered and tried.
pub(super) fn failed(why: impl Into<String>) -> ControlError {
    ControlError::Failed(why.into())
}
