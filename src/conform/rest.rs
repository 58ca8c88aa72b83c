//! What reads show once nothing is under way any more.

use super::case::Case;
use crate::contract::rules::{Model as _, World};
use crate::protocol::{Answer, Query, Seen};
use crate::value::Record;

/// What all reads together show at rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rest {
    /// This one of the worlds, by its place.
    Shows(usize),
    /// None of them: whatever that is, it is not for whoever asks to say.
    Other,
    /// The target did not come to rest, or did not answer.
    Restless,
}

impl Case<'_> {
    /// Lets the target come to rest, reads everything, and says which of these worlds all reads show: the first, where it
    /// may be several. Without a word from the target all bounds are waited out: what shows too much shows it later.
    pub(crate) async fn rest(&mut self, worlds: &[World<Record>]) -> Rest {
        if !self.calm().await {
            return Rest::Restless;
        }
        let reads = self.reads();
        let mut answers = Vec::with_capacity(reads.len());
        for query in reads {
            let answer = self.ask(0, &query).await;
            if !is_answer(&answer) {
                return Rest::Restless;
            }
            answers.push((query, answer));
        }
        let shown =
            |world: &World<Record>| answers.iter().all(|(query, answer)| self.tells(world, query, answer));
        worlds.iter().position(shown).map_or(Rest::Other, Rest::Shows)
    }

    /// Whether an answer is as it must be in this world, as far as the rules say.
    pub(crate) fn tells(&self, world: &World<Record>, query: &Query, answer: &Answer) -> bool {
        self.model().answer(world, query).map_or(true, |expected| self.fits(query, &expected, answer))
    }

    /// Whether some read is another one in the one world than in the other.
    pub(crate) fn tells_apart(&self, one: &World<Record>, other: &World<Record>) -> bool {
        self.lab.tells_apart(one, other)
    }

    /// Looks at everything at proven rest. `false` where the target says that it does not get there.
    pub(crate) async fn look(&mut self) -> bool {
        if !self.calm().await {
            return false;
        }
        for query in self.reads() {
            self.ask(0, &query).await;
        }
        true
    }

    /// Waits until what was accepted shows, or must. `false` where the target says that it does not get there.
    pub(crate) async fn calm(&mut self) -> bool {
        if self.acted().is_none() {
            // Others may have done something here.
            self.lane.acts();
        }
        self.lane.quiet(None).await.is_ok()
    }
}

/// Whether anything can be said of an answer.
pub(crate) fn is_answer(answer: &Answer) -> bool {
    matches!(answer.seen, Seen::Found(_) | Seen::Absent)
}
