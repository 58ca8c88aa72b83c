//! What reads show once nothing is under way any more.

use super::case::Case;
use crate::contract::rules::{Model as _, World};
use crate::protocol::{Answer, Query, Seen};
use crate::value::Record;

impl Case<'_> {
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
