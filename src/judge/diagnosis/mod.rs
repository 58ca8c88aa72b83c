//! What would explain something that no rule explains. A mismatch says what is wrong; each assumption here is a way in which a service
//! may be at fault, one file each, and says whether that would have shown just this. What explains it names the clause.
//!
//! Pure, and about commands that came one by one: whoever raced is blamed by what races have in common, and by their controls.
//!
//! To add one: its file with `explain`, and its line in [`ASSUMPTIONS`], before those that explain more than it does.

mod ahead;
mod conflict;
mod course;
mod foreign;
mod kept;
mod late;
mod listed;
mod lost;
mod partial;
mod refused;
mod repeated;
mod rules;
mod swapped;
mod transformed;
mod twice;

pub use course::Course;

use std::fmt;
use std::sync::Arc;

use super::Mismatch;
use crate::protocol::ClauseId;

/// What would explain a mismatch, if it were so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cause {
    /// What is assumed.
    pub assumption: Assumption,
    /// Who would be at fault.
    pub side: Side,
    /// The clauses that are broken if it is so, the first one above all.
    pub breaks: Vec<ClauseId>,
    /// In a sentence without a full stop: `ListTasks never takes in RenameTask`.
    pub says: String,
}

/// Which side of a service is at fault.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Side {
    /// What decides commands: later decisions show it.
    Write,
    /// The read model of this query.
    Read(Arc<str>),
}

/// In what way a service is at fault.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Assumption {
    /// The second command under one key did not come to what the first one did.
    Repeated,
    /// It reported a conflict where nobody else had written.
    Conflict,
    /// A field is cut, rounded, exchanged with another one, or put into other words.
    Transformed,
    /// An effect shows behind its bound.
    Late,
    /// An effect shows before another one that came first.
    Ahead,
    /// An accepted command has no effect.
    Lost,
    /// A field keeps the value that it had.
    Kept,
    /// Only a part of what a command does came about.
    Partial,
    /// A refused command took effect all the same.
    Refused,
    /// A command took effect twice.
    Twice,
    /// Two commands took effect in the other order.
    Swapped,
    /// What is shown belongs to something else.
    Foreign,
    /// Only the list is wrong: its order, its pages, which rows it has.
    Listed,
    /// A rule is not there.
    RuleMissing,
    /// A rule stops too much.
    RuleTooWide,
    /// The refusal has another name.
    OtherName,
}

/// All assumptions, the simplest first: the first that explains something is told. Those that stand together explain the same things, and
/// all are told. That a rule is not as it must be comes last, since it explains each decision.
const ASSUMPTIONS: &[&[Explain]] = &[
    &[repeated::explain],
    &[conflict::explain],
    &[late::explain],
    // Before it is taken for lost: it shows later.
    &[ahead::explain],
    // Of a command that does several things, a read of one of them does not tell whether all or only that is missing.
    &[lost::explain, listed::explain, partial::explain],
    &[refused::explain],
    &[twice::explain],
    &[kept::explain],
    &[transformed::explain],
    &[swapped::explain],
    &[foreign::explain],
    &[rules::explain],
];

/// How an assumption explains a mismatch of a course, in all ways in which it does.
type Explain = fn(&Course<'_>, &Mismatch) -> Vec<Cause>;

impl Course<'_> {
    /// What would explain a mismatch: all that explains it equally well; nothing where nothing does.
    pub fn diagnose(&self, mismatch: &Mismatch) -> Vec<Cause> {
        let explained = ASSUMPTIONS.iter().map(|equal| {
            let causes = equal.iter().flat_map(|explain| explain(self, mismatch));
            causes.collect::<Vec<_>>()
        });
        explained.into_iter().find(|causes| !causes.is_empty()).unwrap_or_default()
    }
}

impl Cause {
    /// The first thing to look at, if it is so.
    pub fn first(&self) -> String {
        match (self.assumption, &self.side) {
            (Assumption::Repeated, _) => "look at where the outcome of a key is kept".into(),
            (Assumption::Conflict, _) => "look at what this command shares with others: a lock, a version, a row".into(),
            (Assumption::Refused, _) => "look at whether everything is checked before anything is written".into(),
            (Assumption::RuleMissing | Assumption::RuleTooWide | Assumption::OtherName, _) => {
                "look at the condition of this rule, and at what it is compared with".into()
            }
            (Assumption::Partial, _) => {
                "look at whether all that the command does is written at once, and whether each read model takes in all of it".into()
            }
            (Assumption::Lost | Assumption::Kept | Assumption::Twice | Assumption::Swapped, Side::Write) => {
                "look at what writes the outcome of this command".into()
            }
            (Assumption::Transformed, Side::Read(query)) => {
                format!("look at the types that the read model of {query} keeps, and at what turns them into its answer")
            }
            (Assumption::Listed, Side::Read(query)) => format!("look at what {query} selects, and how it orders that"),
            (Assumption::Foreign, Side::Read(query)) => {
                format!("look at by which key the read model of {query} finds what it shows")
            }
            (Assumption::Twice, Side::Read(query)) => {
                format!("look at whether the read model of {query} knows an event that it has taken in already")
            }
            (Assumption::Ahead, Side::Read(query)) => {
                format!("look at whether the read model of {query} takes events in one by one, in their order")
            }
            (Assumption::Late, Side::Read(query)) => {
                format!("look at what the read model of {query} waits for, and whether its bound is declared as it is")
            }
            (_, Side::Read(query)) => format!("look at what the read model of {query} does with these events"),
            (_, Side::Write) => "look at what decides this command".into(),
        }
    }

    /// In a sentence without a full stop: it is so, or so.
    pub fn either(causes: &[Self]) -> String {
        causes.iter().map(|cause| &*cause.says).collect::<Vec<_>>().join(", or ")
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}
