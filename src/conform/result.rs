use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Standing;
use crate::clause::{Clause, Suite, Unit};
use crate::protocol::{Capabilities, Deviation};

/// What an examination came to: all that reports tell.
#[derive(Clone, Debug)]
pub struct Conformance {
    /// Who was examined.
    pub subject: Subject,
    /// When it began, in wall time.
    pub began: SystemTime,
    /// How long it took.
    pub took: Duration,
    /// The seed that gives it the same course again.
    pub seed: u64,
    /// Whether somebody stopped it before its end.
    pub interrupted: bool,
    /// Each clause of the catalogue, in its order.
    pub clauses: Vec<ClauseResult>,
    /// Each suite, in the order of [`Suite::ALL`].
    pub suites: Vec<SuiteResult>,
    /// How long accepted effects took to show, read model by read model.
    pub staleness: BTreeMap<Arc<str>, Staleness>,
    /// How long commands and queries took to be answered, in the order in which they were sent.
    pub latencies: Vec<Latency>,
    /// Which command's effect was seen in which field of which read model.
    pub matrix: Vec<Cell>,
    /// What of the service's meant departures from the contract was seen, and how often.
    pub deviations: Vec<(Deviation, u64)>,
    /// What is odd without breaking a clause: stale entries, rules that never fired, quirks of the profile.
    pub remarks: Vec<String>,
    /// Entries of the baseline that no failure matches any more, with why.
    pub stale: Vec<String>,
    /// Everything that was done and seen, where that was kept.
    pub history: Option<PathBuf>,
    /// The command that does all of it again.
    pub again: String,
}

/// Who was examined.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Subject {
    /// The target's name.
    pub name: String,
    /// Its version, where it tells one.
    pub version: Option<String>,
    /// The contract it was held against.
    pub contract: String,
    /// What it claims.
    pub capabilities: Capabilities,
}

/// What became of one clause.
#[derive(Clone, Debug)]
pub struct ClauseResult {
    /// The clause.
    pub clause: &'static Clause,
    /// How it stands.
    pub stand: Stand,
    /// The evidence it rests on: how much of what.
    pub evidence: BTreeMap<Unit, u32>,
    /// How it was broken, the smallest history first. Empty unless it failed.
    pub counterexamples: Vec<Counterexample>,
    /// How often it was seen broken; counterexamples are told for a few of them.
    pub broken: u64,
}

/// How a clause stands, in order of severity.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stand {
    /// It was kept as far as it was tried.
    Pass,
    /// It is a MAY, and the target does so.
    Offered,
    /// It is a MAY, and the target does not. Holds what was seen instead.
    NotOffered(String),
    /// It doesn't bind the target. Holds what the target doesn't claim.
    NotClaimed(String),
    /// It binds nobody: the contract has nothing that it is about. Holds what there is none of.
    NotBinding(String),
    /// There is no test for it yet. Holds what is missing.
    NotYet(String),
    /// It was not tried. Holds why.
    Skipped(Reason),
    /// It was tried, and what was seen decides nothing. Holds why.
    Inconclusive(String),
    /// It was broken, and that is known: the baseline's reason.
    Known(String),
    /// It was broken.
    Fail,
}

/// Why a clause was not tried.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Reason {
    /// Nobody asked for it.
    Deselected,
    /// It might do harm, and nobody allowed that.
    NotAllowed,
}

/// A history that shows a clause broken, as small as it could be made.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Counterexample {
    /// What is wrong, in one sentence without a full stop.
    pub wrong: String,
    /// What was done and seen, a sentence each, in order.
    pub story: Vec<String>,
    /// The requests, as commands for a shell, without secrets.
    pub requests: Vec<String>,
    /// The scenario that shows it, ready for a file; nothing where a scenario can't say it.
    pub scenario: Option<String>,
    /// Where that scenario was written to.
    pub file: Option<PathBuf>,
    /// What would explain it, in a sentence without a full stop; nothing where that is not known.
    pub likely: Option<String>,
    /// The query whose answers are wrong, where it is a matter of one.
    pub about: Option<Arc<str>>,
    /// The first thing to look at.
    pub first: String,
    /// What would give a refusal the name that it lacks, in the form in which the target is told such things.
    pub addition: Option<String>,
    /// The command that runs just this again.
    pub again: String,
}

/// How a suite stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SuiteResult {
    /// The suite.
    pub suite: Suite,
    /// How it stands.
    pub standing: Standing,
    /// Clauses that were kept.
    pub passed: usize,
    /// Clauses that were broken, known ones among them.
    pub failed: usize,
    /// Clauses whose evidence decides nothing.
    pub inconclusive: usize,
    /// Clauses that were not tried.
    pub skipped: usize,
    /// Clauses without a test yet.
    pub not_yet: usize,
    /// Clauses that don't bind the target, for what it doesn't claim.
    pub not_claimed: usize,
    /// Clauses of which the contract has no subject.
    pub not_binding: usize,
    /// What MAY be and is.
    pub offered: usize,
    /// What MAY be and is not.
    pub not_offered: usize,
}

/// How long accepted effects took to show in one read model.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Staleness {
    /// From a command's return to the end of the first poll that saw its effect, each an upper bound, in the order of the
    /// commands.
    pub visible_after: Vec<Duration>,
    /// Of these, effects that a poll did not see yet which was asked when the bound had passed.
    pub late: usize,
    /// Effects that were not seen within the bound.
    pub never: usize,
    /// The declared bound.
    pub bound: Duration,
}

/// How long one request took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Latency {
    /// When it was sent, since the examination began.
    pub at: Duration,
    /// Until its answer was there.
    pub took: Duration,
    /// What it was.
    pub kind: Exchange,
}

/// What a request is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Exchange {
    /// A command.
    Command,
    /// A query.
    Query,
}

/// A field of the matrix: command × read model × field.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Cell {
    /// The command.
    pub command: Arc<str>,
    /// The query or view.
    pub query: Arc<str>,
    /// The field that the command's effect changes there.
    pub field: Arc<str>,
    /// How often the effect was expected.
    pub expected: u64,
    /// How often it was seen.
    pub seen: u64,
}

/// How a clause stands, without the reasons: what reports count, sort and colour by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum ClauseVerdict {
    /// [`Stand::Pass`].
    Pass,
    /// [`Stand::Offered`].
    Offered,
    /// [`Stand::NotOffered`].
    NotOffered,
    /// [`Stand::NotClaimed`].
    NotClaimed,
    /// [`Stand::NotBinding`].
    NotBinding,
    /// [`Stand::NotYet`].
    NotYet,
    /// [`Reason::Deselected`].
    NotSelected,
    /// [`Reason::NotAllowed`].
    NotAllowed,
    /// [`Stand::Inconclusive`].
    Inconclusive,
    /// [`Stand::Known`].
    Known,
    /// [`Stand::Fail`].
    Fail,
}

impl ClauseVerdict {
    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Offered => "offered",
            Self::NotOffered => "not offered",
            Self::NotClaimed => "not claimed",
            Self::NotBinding => "does not bind",
            Self::NotYet => "not yet exercised",
            Self::NotSelected => "not selected",
            Self::NotAllowed => "not allowed",
            Self::Inconclusive => "inconclusive",
            Self::Known => "known failure",
            Self::Fail => "fail",
        }
    }

    /// Whether it was tried, and is as it was promised or may be.
    pub fn is_kept(self) -> bool {
        matches!(self, Self::Pass | Self::Offered | Self::NotOffered)
    }

    /// Whether it was asked for, and not decided.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Inconclusive | Self::NotAllowed)
    }

    /// Whether the clause was broken.
    pub fn is_broken(self) -> bool {
        matches!(self, Self::Known | Self::Fail)
    }
}

impl fmt::Display for ClauseVerdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

impl Stand {
    /// How it stands, without the reason.
    pub fn verdict(&self) -> ClauseVerdict {
        match self {
            Self::Pass => ClauseVerdict::Pass,
            Self::Offered => ClauseVerdict::Offered,
            Self::NotOffered(_) => ClauseVerdict::NotOffered,
            Self::NotClaimed(_) => ClauseVerdict::NotClaimed,
            Self::NotBinding(_) => ClauseVerdict::NotBinding,
            Self::NotYet(_) => ClauseVerdict::NotYet,
            Self::Skipped(Reason::Deselected) => ClauseVerdict::NotSelected,
            Self::Skipped(Reason::NotAllowed) => ClauseVerdict::NotAllowed,
            Self::Inconclusive(_) => ClauseVerdict::Inconclusive,
            Self::Known(_) => ClauseVerdict::Known,
            Self::Fail => ClauseVerdict::Fail,
        }
    }

    /// The word in reports.
    pub fn word(&self) -> &'static str {
        self.verdict().word()
    }

    /// Why it stands so, where there is more to say than the word.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Pass | Self::Offered | Self::Fail | Self::Skipped(Reason::Deselected) => None,
            Self::NotOffered(why)
            | Self::NotClaimed(why)
            | Self::NotBinding(why)
            | Self::NotYet(why)
            | Self::Inconclusive(why)
            | Self::Known(why) => Some(why),
            Self::Skipped(Reason::NotAllowed) => {
                Some("it may do harm; `--allow destructive` lets it be tried")
            }
        }
    }

    /// Whether the clause was broken.
    pub fn is_broken(&self) -> bool {
        self.verdict().is_broken()
    }
}
