use std::fmt;

use super::{Evidence, Judged, Need};
use crate::protocol::ClauseId;

/// One numbered promise.
#[derive(Clone, Copy, Debug)]
pub struct Clause {
    /// Its number, such as `EC-1`: the group and the place in it.
    pub id: ClauseId,
    /// How binding it is.
    pub level: Level,
    /// The suite it is part of.
    pub suite: Suite,
    /// The promise, in one sentence.
    pub statement: &'static str,
    /// Why it matters: what goes wrong for whom where it is broken.
    pub why: &'static str,
    /// Where the promise comes from: an RFC with its section, a paper, a book.
    pub source: &'static str,
    /// How it is put to the test.
    pub how: &'static str,
    /// What a target has to claim, and what its contract has to have, for the promise to bind it; nothing binds every target.
    pub needs: &'static [Need],
    /// The least evidence that a pass rests on. With less, the verdict is inconclusive.
    pub least: &'static [Least],
    /// Whether chance has a part: a pass then means "not observed in as many attempts as the report says".
    pub stochastic: bool,
    /// Whether there is a test for it.
    pub exercise: Exercise,
    /// What judges it, where that is done case by case.
    pub checks: &'static [Check],
}

/// What a clause makes of the cases of one experiment: nothing but what was done and seen in them decides.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The experiment, as histories call it; [`EVERY`](Self::EVERY) for all that is done in an examination.
    pub experiment: &'static str,
    /// Judges one case of it.
    pub judge: for<'a, 'e> fn(&'a Evidence<'e>) -> Judged,
}

impl Check {
    /// What is done for whatever reason is judged: each answer by itself.
    pub const EVERY: &'static str = "*";
}

/// How binding a clause is, in the words of RFC 2119.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// A system that breaks it doesn't conform.
    Must,
    /// A system may have its reasons to break it; the report says that it does.
    Should,
    /// A system may or may not keep it; the report says whether it does.
    May,
}

/// A set of clauses that a team decides on as a whole.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Suite {
    /// What every CQRS system promises.
    Core,
    /// Retries under an idempotency key.
    Idempotent,
    /// Optimistic concurrency.
    Concurrent,
    /// What one client may rely on in its own session.
    Session,
    /// The event feed and what can be computed from it.
    EventSourced,
    /// Rebuilds, crashes, outages.
    Operable,
    /// Who may see and do what.
    Secure,
}

/// A least amount of evidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Least {
    /// How many.
    pub count: u32,
    /// Of what.
    pub of: Unit,
}

/// What evidence is counted in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Unit {
    /// Commands that were sent and came to an outcome.
    Commands,
    /// Accepted commands whose effect was looked for in a read model.
    ProbedWrites,
    /// Commands that were refused, with a look at what that changed.
    Rejections,
    /// Malformed commands, each in a way of its own.
    Malformed,
    /// Groups of 2 to 4 commands that overlapped in time on one aggregate, settled and compared with the model.
    Bursts,
    /// Sequences of commands from a fresh aggregate on.
    Sequences,
    /// Queries of each kind.
    Queries,
    /// Answers of any kind.
    Answers,
    /// Answers that tell of an error.
    Errors,
    /// Commands that were sent again under the same key.
    Retries,
    /// Pairs of commands that differ in one thing.
    Pairs,
    /// Lists read whole, page by page.
    Walks,
    /// Times the target said that it had caught up.
    Waits,
    /// Aggregates whose read models were compared at rest.
    Comparisons,
    /// Events read from the feed.
    Events,
    /// Cursors that the feed was resumed from.
    Cursors,
    /// Versions that the state was asked as of.
    Versions,
    /// Read models built anew.
    Rebuilds,
    /// Requests with the wrong credentials, or none.
    Intrusions,
    /// Requests that were made to hurt.
    Attacks,
    /// Reads that could have shown an older state than one that was seen before.
    Rereads,
}

/// Whether a clause is tested.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exercise {
    /// It is.
    Tested,
    /// Nobody tests it yet; holds what is missing. Its suite is not fully exercised.
    NotYet(&'static str),
}

impl Clause {
    /// The group, the `EC` of `EC-1`.
    pub fn group(&self) -> &'static str {
        self.id.group()
    }

    /// The least evidence in `unit`; nothing where none is asked for.
    pub fn least(&self, unit: Unit) -> u32 {
        self.least.iter().find(|least| least.of == unit).map_or(0, |least| least.count)
    }

    /// Whether there is a test for it.
    pub fn is_tested(&self) -> bool {
        self.exercise == Exercise::Tested
    }
}

impl Level {
    /// The word of RFC 2119.
    pub fn word(self) -> &'static str {
        match self {
            Self::Must => "MUST",
            Self::Should => "SHOULD",
            Self::May => "MAY",
        }
    }
}

impl Suite {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 7] = [
        Self::Core,
        Self::Idempotent,
        Self::Concurrent,
        Self::Session,
        Self::EventSourced,
        Self::Operable,
        Self::Secure,
    ];

    /// The name on command lines and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Idempotent => "idempotent",
            Self::Concurrent => "concurrent",
            Self::Session => "session",
            Self::EventSourced => "event-sourced",
            Self::Operable => "operable",
            Self::Secure => "secure",
        }
    }

    /// What it is about, in a few words.
    pub fn means(self) -> &'static str {
        match self {
            Self::Core => "what every CQRS system promises",
            Self::Idempotent => "retries under an idempotency key",
            Self::Concurrent => "optimistic concurrency",
            Self::Session => "what one client may rely on in its own session",
            Self::EventSourced => "the event feed, and what can be computed from it",
            Self::Operable => "rebuilds, crashes, outages",
            Self::Secure => "who may see and do what",
        }
    }
}

impl Unit {
    /// What is counted, in the plural.
    pub fn words(self) -> &'static str {
        match self {
            Self::Commands => "commands",
            Self::ProbedWrites => "probed writes",
            Self::Rejections => "rejections",
            Self::Malformed => "malformed commands",
            Self::Bursts => "bursts that overlapped",
            Self::Sequences => "command sequences",
            Self::Queries => "queries of each kind",
            Self::Answers => "answers",
            Self::Errors => "error answers",
            Self::Retries => "retries",
            Self::Pairs => "pairs of commands",
            Self::Walks => "lists read page by page",
            Self::Waits => "times \u{201c}caught up\u{201d} was said",
            Self::Comparisons => "aggregates compared at rest",
            Self::Events => "events",
            Self::Cursors => "cursors",
            Self::Versions => "versions asked as of",
            Self::Rebuilds => "rebuilds",
            Self::Intrusions => "requests without the right credentials",
            Self::Attacks => "hostile requests",
            Self::Rereads => "reads that could have gone back",
        }
    }
}

impl fmt::Display for Least {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.of.words())
    }
}

impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}
