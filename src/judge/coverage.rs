use std::collections::BTreeMap;
use std::sync::Arc;

use crate::contract::rules::Met;

/// What was tried, and how often.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Coverage {
    /// Commands by name.
    pub commands: BTreeMap<Arc<str>, CommandCount>,
    /// Queries and views by name.
    pub queries: BTreeMap<Arc<str>, QueryCount>,
    /// Kinds of states that aggregates went through, with how many commands led there: `Order` and `confirmed`.
    pub states: BTreeMap<(Arc<str>, String), u64>,
    /// How many commands the sequences had that were judged to their end, and how many sequences had so many.
    pub lengths: BTreeMap<usize, u64>,
    /// The rules that refused something: by command, and by their place among its rejections.
    pub rules: BTreeMap<(Arc<str>, usize), RuleCount>,
    /// Transitions between states by the number that the model gives them, where it does.
    pub transitions: BTreeMap<usize, u64>,
    /// Refusals of which it was seen that they changed nothing: behind them came a read at rest.
    pub fenced: u64,
}

/// One command's outcomes.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct CommandCount {
    /// Accepted.
    pub accepted: u64,
    /// Refused, by code; nothing for those whose code has no name in the contract.
    pub rejected: BTreeMap<Option<Arc<str>>, u64>,
    /// With an outcome that nobody knows.
    pub unknown: u64,
    /// Never sent, because the connection was refused.
    pub not_sent: u64,
}

/// One rule's refusals.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct RuleCount {
    /// How often it stood behind one.
    pub fired: u64,
    /// How often no other rule would have refused it as well.
    pub alone: u64,
}

/// One query's reads.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct QueryCount {
    /// Reads in the course of things that are explained.
    pub explained: u64,
    /// Reads at rest, or at once, that are as they must be.
    pub exact: u64,
    /// Reads that nothing could be said of.
    pub undecided: u64,
}

impl CommandCount {
    /// How often it was sent.
    pub fn sent(&self) -> u64 {
        self.accepted + self.rejected.values().sum::<u64>() + self.unknown
    }
}

impl QueryCount {
    /// How often it was read.
    pub fn reads(&self) -> u64 {
        self.explained + self.exact + self.undecided
    }
}

impl Coverage {
    /// Adds what another judgement covered.
    pub fn add(&mut self, other: &Self) {
        for (name, found) in &other.commands {
            let count = self.commands.entry(name.clone()).or_default();
            count.accepted += found.accepted;
            count.unknown += found.unknown;
            count.not_sent += found.not_sent;
            for (code, times) in &found.rejected {
                *count.rejected.entry(code.clone()).or_default() += times;
            }
        }
        for (name, found) in &other.queries {
            let count = self.queries.entry(name.clone()).or_default();
            count.explained += found.explained;
            count.exact += found.exact;
            count.undecided += found.undecided;
        }
        for (state, times) in &other.states {
            *self.states.entry(state.clone()).or_default() += times;
        }
        for (length, times) in &other.lengths {
            *self.lengths.entry(*length).or_default() += times;
        }
        for (rule, found) in &other.rules {
            let count = self.rules.entry(rule.clone()).or_default();
            count.fired += found.fired;
            count.alone += found.alone;
        }
        for (transition, times) in &other.transitions {
            *self.transitions.entry(*transition).or_default() += times;
        }
        self.fenced += other.fenced;
    }

    /// Counts what a command met.
    pub(super) fn met(&mut self, command: &Arc<str>, met: &Met) {
        for rule in &met.rules {
            let count = self.rules.entry((command.clone(), *rule)).or_default();
            count.fired += 1;
            count.alone += u64::from(met.alone);
        }
        if let Some(transition) = met.transition {
            *self.transitions.entry(transition).or_default() += 1;
        }
    }

    /// All commands that were sent.
    pub fn sent(&self) -> u64 {
        self.commands.values().map(CommandCount::sent).sum()
    }

    /// All reads.
    pub fn reads(&self) -> u64 {
        self.queries.values().map(QueryCount::reads).sum()
    }
}
