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
    /// The place of what came next when it had ended. None while it is under way.
    pub(crate) ended: Option<u64>,
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

impl Remembered {
    /// Whether it may have done something from a place in the history on: it was under way then, or was begun behind it.
    pub(crate) fn is_since(&self, place: u64) -> bool {
        self.index >= place || self.ended.is_none_or(|ended| ended > place)
    }
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
        kept.push_back(Remembered { index, ended: None, client, what, came: Came::Open });
    }

    pub(super) fn submitted(&self, index: u64, next: u64, outcome: &Outcome) {
        let lost = matches!(outcome, Outcome::Unknown(_) | Outcome::NotSent(_));
        self.ends(index, next, lost);
    }

    pub(super) fn asked(&self, index: u64, next: u64, answer: &Answer) {
        self.ends(index, next, matches!(answer.seen, Seen::Broken(_) | Seen::NotSent(_)));
    }

    fn ends(&self, index: u64, next: u64, lost: bool) {
        if let Some(one) = self.kept().iter_mut().rev().find(|one| one.index == index) {
            one.came = if lost { Came::Lost } else { Came::Answered };
            one.ended = Some(next);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Expected, Receipt};
    use crate::run::memory::Came::{Answered, Open};
    use crate::value::Record;

    fn close() -> What {
        let fields = Record::default();
        let (name, id) = ("Close".into(), "1".into());
        What::Submitted(Command { name, on: None, fields, key: None, expected: Expected::Any, id })
    }

    /// One that was answered, one that is answered behind the third, the third, and one that is still under way.
    #[test]
    fn what_was_under_way_then_counts() {
        let memory = Memory::of(10);
        let begin = |index| memory.begins(index, 1, close());
        let end = |index, next| memory.submitted(index, next, &Outcome::Accepted(Receipt::default()));
        begin(0);
        end(0, 2);
        begin(2);
        begin(3);
        end(2, 5);
        end(3, 6);
        begin(6);
        let all = memory.all();
        assert_eq!(all.iter().map(|one| one.came).collect::<Vec<_>>(), [Answered, Answered, Answered, Open]);
        let since =
            |place| all.iter().filter(|one| one.is_since(place)).map(|one| one.index).collect::<Vec<_>>();
        assert_eq!(since(0), [0, 2, 3, 6]);
        assert_eq!(since(2), [2, 3, 6]);
        assert_eq!(since(4), [2, 3, 6], "both had not ended by then");
        assert_eq!(since(5), [3, 6]);
        assert_eq!(since(9), [6], "nobody knows what it does");
    }
}
