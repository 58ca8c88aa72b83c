use std::fmt::{self, Write as _};
use std::time::Duration;

use reference_impl::application::{CommandError, Envelope, GetOrderDetails, ListCustomerOrders, QueryError};
use reference_impl::domain::OrderCommand;
use reference_impl::{OrderSystem, SyncMode, defect};

use super::decode::{self, Malformed};
use super::encode;
use crate::adapter::{Description, Session, Target, Unreachable, WorldSeed};
use crate::protocol::{
    Answer, Capability, Command, Doubt, Observation, Outcome, Query, Rejection, Seen, Submission, Unknown,
};

/// What the eventual bound allows for beside the lag: the background task on a busy machine.
const SLACK: Duration = Duration::from_millis(500);

/// How the order system's read models follow its events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sync {
    /// Projected before the command returns.
    Strong,
    /// Projected in the background.
    Eventual {
        /// From the event to its showing.
        lag: Duration,
        /// Up to this much more, drawn anew for each event.
        jitter: Duration,
    },
}

/// The built-in order system.
///
/// ```
/// use proofmark::adapter::{Reference, Target};
///
/// let sound = Reference::strong();
/// let unsound = Reference::strong().with_defect("drop-event:1/3".parse().unwrap());
/// assert_eq!(sound.describe().name, "reference orders, strong");
/// assert_eq!(unsound.describe().name, "reference orders, strong, with drop-event:1/3");
/// ```
#[derive(Clone, Debug)]
pub struct Reference {
    sync: Sync,
    defects: Vec<defect::DefectSpec>,
    description: Description,
}

impl Reference {
    /// The order system, synchronised as said.
    pub fn new(sync: Sync) -> Self {
        let mut reference = Self { sync, defects: Vec::new(), description: describe(sync) };
        reference.rename();
        reference
    }

    /// Read models that are projected before a command returns.
    pub fn strong() -> Self {
        Self::new(Sync::Strong)
    }

    /// Read models that follow `lag` behind.
    pub fn eventual(lag: Duration) -> Self {
        Self::new(Sync::Eventual { lag, jitter: Duration::ZERO })
    }

    /// The same with a bug built in, to see it found.
    #[must_use]
    pub fn with_defect(mut self, defect: defect::DefectSpec) -> Self {
        self.defects.push(defect);
        self.rename();
        self
    }

    /// The bugs that can be built in.
    pub fn defects() -> impl Iterator<Item = &'static defect::Defect> {
        defect::registry().iter()
    }

    fn rename(&mut self) {
        let mut name = match self.sync {
            Sync::Strong => "reference orders, strong".to_owned(),
            Sync::Eventual { lag, jitter } if jitter.is_zero() => {
                format!("reference orders, eventual with a lag of {lag:?}")
            }
            Sync::Eventual { lag, jitter } => {
                format!("reference orders, eventual with a lag of {lag:?} and a jitter of {jitter:?}")
            }
        };
        for defect in &self.defects {
            let _ = write!(name, ", with {defect}");
        }
        self.description.name = name;
    }
}

fn describe(sync: Sync) -> Description {
    let bound = match sync {
        Sync::Strong => Duration::ZERO,
        Sync::Eventual { lag, jitter } => (lag + jitter) * 2 + SLACK,
    };
    Description::new("")
        .version(env!("CARGO_PKG_VERSION"))
        .speaks("orders")
        .bound(bound)
        .claims(Capability::Idempotency)
        .claims(Capability::ExpectedVersion)
        .claims(Capability::Position)
        .claims(Capability::Wait)
        .claims(Capability::EventFeed)
        .claims(Capability::SeedEvents)
        .claims(Capability::Rebuild)
        .claims(Capability::Temporal)
}

impl Target for Reference {
    type World = Orders;

    fn is_alone(&self) -> bool {
        true
    }

    fn describe(&self) -> &Description {
        &self.description
    }

    async fn world(&self, seed: WorldSeed) -> Result<Orders, Unreachable> {
        let sync = match self.sync {
            Sync::Strong => SyncMode::Strong,
            Sync::Eventual { lag, jitter } => SyncMode::Eventual { lag, jitter },
        };
        let built =
            OrderSystem::builder().sync(sync).seed(seed.0).defects(self.defects.iter().copied()).build();
        match built {
            Ok(system) => Ok(Orders(system)),
            Err(error) => Err(Unreachable { target: self.description.name.clone(), why: error.to_string() }),
        }
    }
}

/// One instance of the order system: a world, and each session in it.
#[derive(Clone)]
pub struct Orders(pub(super) OrderSystem);

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orders").finish_non_exhaustive()
    }
}

impl Session for Orders {
    async fn submit(&mut self, command: &Command) -> Submission {
        match decode::envelope(command) {
            Ok(envelope) => self.send(envelope).await.into(),
            Err(malformed) => Outcome::Rejected(malformed.into()).into(),
        }
    }

    async fn ask(&mut self, query: &Query) -> Observation {
        match decode::question(query) {
            Ok(decode::Question::Details(question)) => self.details(question).await.into(),
            Ok(decode::Question::List(question)) => self.list(question).await.into(),
            Err(malformed) => Answer::new(Seen::Refused(malformed.into())).into(),
        }
    }
}

impl Orders {
    async fn send(&self, envelope: Envelope<OrderCommand>) -> Outcome {
        match self.0.send(envelope).await {
            Ok(receipt) => Outcome::Accepted(encode::receipt(&receipt)),
            Err(CommandError::Rejected(refusal)) => Outcome::Rejected(encode::refusal(&refusal)),
            Err(error) => Outcome::Unknown(failure(&error)),
        }
    }

    async fn details(&self, question: GetOrderDetails) -> Answer {
        match self.0.ask(question).await {
            Ok(answer) => encode::details(&answer),
            Err(error) => refused(&error),
        }
    }

    async fn list(&self, question: ListCustomerOrders) -> Answer {
        match self.0.ask(question).await {
            Ok(answer) => encode::list(&answer),
            Err(error) => refused(&error),
        }
    }
}

pub(super) fn refused(error: &QueryError) -> Answer {
    Answer::new(match error {
        QueryError::Rejected(refusal) => Seen::Refused(encode::refusal(refusal)),
        other => Seen::Broken(failure(other)),
    })
}

pub(super) fn failure(error: &impl std::fmt::Display) -> Unknown {
    Unknown { doubt: Doubt::ServerError, status: None, detail: error.to_string() }
}

impl From<Malformed> for Rejection {
    fn from(malformed: Malformed) -> Self {
        Self { code: Some("Malformed".into()), detail: Some(malformed.0.into()), ..Self::default() }
    }
}
