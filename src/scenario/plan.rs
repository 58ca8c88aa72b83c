use std::sync::Arc;
use std::time::Duration;

use crate::contract::rules::Interpreted;
use crate::language::syntax::{
    Assertion, CommandCall, Condition, Emitted, EventCall, Expr, Ident, Matcher, Race, Role, Tally,
};
use crate::text::{Source, Span};

use super::Uniques;

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The file it comes from.
    pub source: Arc<Source>,
    /// The contract it speaks.
    pub contract: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// The line of its name, counted from 1; of its row if it is an outline's and the row stands in this file.
    pub line: usize,
    /// The line its last step ends on.
    pub last_line: usize,
    /// The first and the last line of the outline it is made from, if it is.
    pub outline: Option<(usize, usize)>,
    /// Which row of that outline it is, counted from 1.
    pub row: Option<usize>,
    /// Its tags, without `@`.
    pub tags: Vec<Arc<str>>,
    /// How many rounds it has, each in a world of its own.
    pub rounds: usize,
    /// What it must not share with a scenario that runs at the same time.
    pub locks: Vec<Arc<str>>,
    /// What to do, in order.
    pub blocks: Vec<Block>,
    /// Where the values go that are drawn for it.
    pub uniques: Uniques,
    /// The rules, where answers show values that the service chooses and that last: those are held against each other.
    pub lasting: Option<Arc<Interpreted>>,
}

/// Set-up, behaviour and expectations that belong together: a `given` or `when` behind a `then` begins a new one.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// How many steps come before the block's first `when`: behind them the watches are armed.
    pub arm: usize,
    /// What must not be seen while the block runs.
    pub watches: Vec<Watch>,
}

/// One step of a [`Block`].
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is for.
    pub role: Role,
    /// What it does. Shared, since every scenario of a file begins with the background's steps.
    pub action: Arc<Action>,
    /// What a racer must have brought for the step to be done at all.
    pub condition: Option<Condition>,
    /// For a command: what its outcome must be by itself, before later steps are asked.
    pub expects: Expects,
    /// Where it was written.
    pub span: Span,
}

/// What a [`Step`] does.
#[derive(Clone, Debug)]
pub enum Action {
    /// Gives a value a name.
    Let {
        /// The variable, without `$`.
        name: Arc<str>,
        /// Its value.
        value: Expr,
    },
    /// Sends a command.
    Submit(CommandCall),
    /// Sends the command before once more, to the letter.
    Resubmit,
    /// Makes an event happen without a command.
    Seed(EventCall),
    /// Builds what answers a query anew from the events.
    Rebuild(Ident),
    /// What has happened since the block's first `when`, and nothing else.
    Emits(Vec<Emitted>),
    /// Sends several commands at the same time.
    Race(Race),
    /// What several racers brought.
    Tally(Tally),
    /// The last command was accepted.
    Accepted,
    /// The last command was rejected.
    Rejected {
        /// The codes, any of which will do; none: any business rejection.
        codes: Vec<Ident>,
        /// What the rejection must say besides.
        details: Option<Matcher>,
    },
    /// The last command ended as the one before it.
    SameOutcome,
    /// Whatever became of the last command, known or not.
    AnyOutcome,
    /// Asks once.
    Read(Assertion),
    /// Polls until it holds.
    Eventually {
        /// The deadline; without it the target's bound for the query.
        within: Option<Duration>,
        /// The longest pause between two polls.
        every: Option<Duration>,
        /// What must become true.
        assertion: Assertion,
        /// What must not be seen on the way.
        unless: Option<Matcher>,
    },
    /// Polls for as long as it must hold.
    Consistently {
        /// How long.
        lasts: Duration,
        /// What must hold.
        assertion: Assertion,
    },
    /// Waits until the target is quiet.
    Settled {
        /// The deadline; without it the target's longest bound.
        within: Option<Duration>,
    },
}

/// What a command's outcome must be by itself, before later steps are asked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expects {
    /// Set-up: anything but accepted makes the scenario say nothing about the target.
    Setup,
    /// A `when` that no `then` speaks of: it must be accepted.
    Accepted,
    /// A `when` that is repeated at once: accepted, or nobody knows. A retry is there to settle it.
    Retried,
    /// A later step of the block says.
    Said,
}

/// `never`: what must not be seen from before the block's first `when` to some time behind its last command.
#[derive(Clone, Debug)]
pub struct Watch {
    /// How long behind the last command, at least.
    pub lasts: Option<Duration>,
    /// What must not be seen. Shared, as a step's action is.
    pub assertion: Arc<Assertion>,
    /// Where it was written.
    pub span: Span,
}

impl Plan {
    /// Where it is, as it is chosen and shown: `FILE:LINE`, or `FILE:LINE.ROW` for a row that another file has.
    pub fn place(&self) -> String {
        let (file, line) = (self.source.name(), self.line);
        // A row of its own has a line of its own, behind the outline's steps.
        match (self.row, self.outline) {
            (Some(row), Some((_, last))) if line <= last => format!("{file}:{line}.{row}"),
            _ => format!("{file}:{line}"),
        }
    }

    /// Whether a line, counted from 1, belongs to the scenario. A row of examples belongs to its own scenario alone, an
    /// outline's steps to those of all rows. A scenario's tags stand in the line above its name.
    pub fn holds_line(&self, line: usize) -> bool {
        let (first, last) = self.outline.unwrap_or((self.line, self.last_line));
        let first = first - usize::from(!self.tags.is_empty() && first > 1);
        line == self.line || (first..=last).contains(&line)
    }

    /// The commands it sends and the queries it asks, and where.
    pub fn messages(&self) -> impl Iterator<Item = (&str, Span)> {
        let steps = self.blocks.iter().flat_map(|block| &block.steps);
        let sent = steps.flat_map(|step| match &*step.action {
            Action::Submit(call) => vec![&call.name],
            Action::Rebuild(query) => vec![query],
            Action::Race(race) => race.calls().map(|call| &call.name).collect(),
            Action::Read(assertion)
            | Action::Eventually { assertion, .. }
            | Action::Consistently { assertion, .. } => vec![&assertion.query.name],
            _ => Vec::new(),
        });
        let watched = self.blocks.iter().flat_map(|block| &block.watches).map(|watch| &*watch.assertion);
        let watched = watched.map(|assertion| &assertion.query.name);
        sent.chain(watched).map(|name| (&*name.text, name.span))
    }

    /// The queries it asks, as often as it asks them.
    pub fn queries(&self) -> impl Iterator<Item = &str> {
        let steps = self.blocks.iter().flat_map(|block| &block.steps);
        let asked = steps.filter_map(|step| match &*step.action {
            Action::Read(assertion)
            | Action::Eventually { assertion, .. }
            | Action::Consistently { assertion, .. } => Some(assertion),
            _ => None,
        });
        let watched = self.blocks.iter().flat_map(|block| &block.watches).map(|watch| &*watch.assertion);
        asked.chain(watched).map(|assertion| &*assertion.query.name.text)
    }
}
