use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::adapter::Malformation;
use crate::protocol::{Answer, Command, Outcome, Query, Seen};

/// Operations without an answer, one behind the other, that are kept: what comes behind them has no answer either.
const LOST: usize = 24;

/// The last operations of a run, for whoever wants to know what came before something.
#[derive(Debug)]
pub(crate) struct Memory {
    most: usize,
    kept: Mutex<VecDeque<Remembered>>,
}

/// An operation that was begun.
#[derive(Clone, Debug)]
pub(crate) struct Remembered {
    /// Its place in the history.
    pub(crate) index: u64,
    /// The session.
    pub(crate) client: u64,
    pub(crate) what: What,
    /// What came of it, as far as that is known.
    pub(crate) came: Came,
}

/// What was done.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum What {
    Submitted(Command),
    Asked(Query),
    /// A command that was made wrong.
    Misbehaved(Command, Malformation),
}

/// Whether there was an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Came {
    /// Not yet.
    Open,
    Answered,
    /// None, or one of a server that failed.
    Lost,
}

impl Memory {
    pub(crate) fn of(most: usize) -> Self {
        Self { most, kept: Mutex::default() }
    }

    pub(super) fn begins(&self, index: u64, client: u64, what: What) {
        let mut kept = self.kept();
        if kept.iter().rev().take_while(|one| one.came == Came::Lost).count() >= LOST {
            return;
        }
        if kept.len() >= self.most {
            kept.pop_front();
        }
        kept.push_back(Remembered { index, client, what, came: Came::Open });
    }

    pub(super) fn submitted(&self, index: u64, outcome: &Outcome) {
        let lost = matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_));
        self.ends(index, lost);
    }

    pub(super) fn asked(&self, index: u64, answer: &Answer) {
        self.ends(index, matches!(answer.seen, Seen::Broken(_) | Seen::NotSent(_)));
    }

    fn ends(&self, index: u64, lost: bool) {
        if let Some(one) = self.kept().iter_mut().rev().find(|one| one.index == index) {
            one.came = if lost { Came::Lost } else { Came::Answered };
        }
    }

    /// All that is kept, in order.
    pub(crate) fn all(&self) -> Vec<Remembered> {
        self.kept().iter().cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<Remembered>> {
        // Nothing that is done under the lock leaves it half done.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
