use std::sync::Arc;
use std::time::Duration;

use super::{Finding, Seed, Shrunk, Summary, Trial};
use crate::adapter::Description;
use crate::protocol::{
    ClauseId, Command, Event, Outcome, Pending, Rejection, Response, ShellLine, Trace, Verdict,
};
use crate::scenario::Plan;
use crate::value::Value;

/// What a job tells the outside while it goes on: first `Started`, then what it comes to know, in the order in which it does.
#[derive(Debug)]
#[non_exhaustive]
pub enum RunEvent<'a> {
    /// It begins.
    Started {
        /// The target.
        target: &'a Description,
        /// How many cases are to run, repetitions included, where that is known.
        cases: Option<usize>,
        /// The run's seed.
        seed: Seed,
    },
    /// A scenario has come to its verdict.
    Scenario(&'a ScenarioResult),
    /// A sequence that was made up has been run and judged.
    Sequence(&'a Trial),
    /// A failure is made smaller.
    Shrinking(&'a Trial),
    /// It was made smaller.
    Shrunk(&'a Shrunk),
    /// Evidence for clauses is being gathered.
    Gathering {
        /// What is under way, each with the clauses that it is for.
        under_way: &'a [(&'static str, &'static [ClauseId])],
        /// Pieces of evidence that are there, of those below.
        gathered: u64,
        /// Pieces of evidence that are asked for at least.
        least: u64,
    },
    /// A clause was seen broken for the first time.
    Broken {
        /// Which.
        clause: ClauseId,
        /// What is wrong, in one sentence without a full stop.
        wrong: &'a str,
    },
    /// The run of scenarios is over.
    Ended(&'a Summary),
}

/// What became of one scenario.
#[derive(Clone, Debug)]
pub struct ScenarioResult {
    /// The scenario.
    pub plan: Arc<Plan>,
    /// The seed with which the run gives this scenario the same course again.
    pub seed: Seed,
    /// The worst of all that was found.
    pub verdict: Verdict,
    /// Everything but passes, in the order it was found.
    pub findings: Vec<Finding>,
    /// The commands that were sent, with what they brought.
    pub sent: Vec<Sent>,
    /// The events that were made to happen without a command.
    pub seeded: Vec<Seeded>,
    /// The last request, command or query, as a command for a shell, where the target has one.
    pub last_request: Option<ShellLine>,
    /// The variables, without `$`, and their values.
    pub variables: Vec<(Arc<str>, Value)>,
    /// How long effects took to show.
    pub lags: Vec<Lag>,
    /// How many steps were done.
    pub steps: u64,
    /// From its first to its last step.
    pub took: Duration,
}

impl ScenarioResult {
    /// What became of two rounds: the worse of them, the first of two that are as bad, with the work of both.
    pub(super) fn and(self, next: Self) -> Self {
        let (steps, took) = (self.steps + next.steps, self.took + next.took);
        let (mut worse, other) = if next.verdict > self.verdict { (next, self) } else { (self, next) };
        worse.lags.extend(other.lags);
        Self { steps, took, ..worse }
    }
}

/// An event that was made to happen, and what came of that.
#[derive(Clone, Debug)]
pub struct Seeded {
    /// How many commands had been sent before.
    pub behind: usize,
    /// The event.
    pub event: Event,
    /// What came of it, in words.
    pub outcome: String,
}

/// A command and what it brought.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The command.
    pub command: Arc<Command>,
    /// What it brought.
    pub outcome: Outcome,
    /// What was on the wire, where there is one.
    pub trace: Option<Trace>,
    /// How to ask once more how it stands, where it was only taken in.
    pub pending: Option<Pending>,
    /// When it was sent, on the run's clock.
    pub called: Duration,
    /// When its outcome was there, on the run's clock.
    pub returned: Duration,
    /// The places of its call and its return in the history.
    pub order: (u64, u64),
    /// Who sent it, where the step says so (`as alice`).
    pub actor: Option<Arc<str>>,
    /// Its race, where it was in one.
    pub racing: Option<Racing>,
}

impl Sent {
    /// The request as a command for a shell, without secrets, where the target has one.
    pub fn request(&self) -> Option<ShellLine> {
        self.trace.as_ref().map(Trace::request)
    }

    /// The answer as it was, without secrets, where it is a "no" that has no name in the contract.
    pub fn unnamed(&self) -> Option<Response> {
        let Outcome::Rejected(Rejection { code: None, .. }) = &self.outcome else { return None };
        self.trace.as_ref()?.exchange().response().cloned()
    }
}

/// A command's part in a race.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Racing {
    /// Which of the scenario's races, counted from 0.
    pub race: usize,
    /// Its label, where it has one.
    pub label: Option<Arc<str>>,
}

/// How long an accepted effect took to show in what a query answers: from the command's return to the end of
/// the first poll that saw it. An upper bound, as tight as the polls were close.
#[derive(Clone, Debug)]
pub struct Lag {
    /// The query.
    pub query: Arc<str>,
    /// How long, at most.
    pub at_most: Duration,
}
