//! Waiting until the target is quiet, or shows what it must.

use std::fmt;
use std::time::Duration;

use super::super::clock::{OPERATION, within};
use super::super::engine::Engine;
use super::super::pace::Pace;
use super::Lane;
use crate::adapter::AnyWorld;
use crate::history::{Operation, Quiet, Role};
use crate::protocol::{Capability, Query};

/// A target that says itself when it is caught up has at least so long for it.
const AT_LEAST: Duration = Duration::from_secs(5);

/// So long a wait is made longer for what this machine was held up, or as long as the bound itself: a machine that never comes to
/// rest would have no end of it.
const MOST_KEPT: Duration = Duration::from_secs(1);

/// A hold-up of this machine that is no longer than this is what schedulers do.
pub(crate) const HELD_UP: Duration = Duration::from_millis(50);

/// The target was not caught up in so long, by its own word.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Late(Duration);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the read models were not caught up within {:?}", self.0)
    }
}

/// How a target came to rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Settled {
    /// That is proved: it says so, or every bound has passed.
    Proved,
    /// Reads show all that they must, from the operation at this place on.
    Shown(usize),
}

/// Waits until a target says that it is caught up, for so long: without a limit, as long as its own promises allow.
///
/// # Errors
/// When it doesn't.
pub(crate) async fn caught_up(
    engine: &Engine,
    place: &dyn AnyWorld,
    limit: Option<Duration>,
) -> Result<(), Late> {
    let limit = limit.unwrap_or_else(|| engine.target.describe().promises.longest_bound().max(AT_LEAST));
    // The adapter has its own deadline; ours only keeps a broken one from hanging.
    match within(&*engine.clock, limit + OPERATION, place.caught_up(limit)).await {
        Some(true) => Ok(()),
        Some(false) | None => Err(Late(limit)),
    }
}

impl Engine {
    /// Somebody who wanted to look at `due` looks now. By how much that is too late; the history has it where that is a hold-up.
    pub(crate) fn overslept(&self, due: Duration) -> Duration {
        let now = self.clock.now();
        if now > due + HELD_UP {
            self.recorder.held(due, now);
        }
        now.saturating_sub(due)
    }

    /// Sleeps, and says by how much too long.
    pub(crate) async fn sleep_until(&self, at: Duration) -> Duration {
        self.clock.until(at).await;
        self.overslept(at)
    }
}

impl Lane {
    /// When something was last done that takes effect, on the run's clock.
    pub(crate) fn acted(&self) -> Option<Duration> {
        self.acted.map(|acted| acted.at)
    }

    /// Waits until nothing that was done can still take effect: the target says so, or, where it has no word for it, its longest bound
    /// has passed since.
    ///
    /// # Errors
    /// When the target was not caught up in time by its own word.
    pub(crate) async fn quiet(&mut self, limit: Option<Duration>) -> Result<(), Late> {
        if self.has_a_word() {
            caught_up(&self.engine, &*self.place, limit).await?;
        } else {
            self.sit_out().await;
        }
        self.is_quiet(Quiet::Proved);
        Ok(())
    }

    /// Waits until it is quiet, or these reads, asked again and again in the first session, are as they must be at rest: `is_sound`
    /// judges all that was done up to then, with quiet assumed before the last round. `saw` is told each read.
    ///
    /// # Errors
    /// When the target was not caught up in time by its own word.
    pub(crate) async fn settle(
        &mut self,
        reads: &[Query],
        is_sound: impl Fn(&Self) -> bool,
        saw: impl Fn(&Operation),
    ) -> Result<Settled, Late> {
        let bound = self.takes_effect_within();
        if let Some(acted) = self.acted.filter(|_| !self.has_a_word() && !reads.is_empty()) {
            // No longer than the bound itself, however busy this machine is: it may be these very reads that keep it busy.
            let end = acted.at.saturating_add(bound);
            let mut pace = Pace::of_rounds();
            while self.engine.clock.now() < end {
                if let Some(at) = self.shows(reads, &is_sound, &saw).await {
                    return Ok(Settled::Shown(at));
                }
                let Some(next) = pace.next(self.engine.clock.now()) else { break };
                self.engine.clock.until(next.min(end)).await;
            }
        }
        self.quiet(None).await.map(|()| Settled::Proved)
    }

    /// It was quiet, since reads show all that they must.
    pub(crate) fn assume(&mut self) {
        self.is_quiet(Quiet::Assumed);
    }

    /// Asks all of them once. Where the first of these operations is, if they are as they must be at rest.
    async fn shows(
        &mut self,
        reads: &[Query],
        is_sound: impl Fn(&Self) -> bool,
        saw: impl Fn(&Operation),
    ) -> Option<usize> {
        let role = std::mem::replace(&mut self.part.role, Role::Poll);
        let round = self.engine.recorder.next();
        for query in reads {
            self.ask(0, query).await;
            self.operations.last().into_iter().for_each(&saw);
        }
        self.part.role = role;
        // Earlier rounds may have become shorter.
        let first = self.operations.partition_point(|operation| operation.call.index < round);
        // As if it had been quiet before them: that it was is what they show.
        let since = self.assume_before(first);
        let sound = is_sound(self);
        self.remove(first);
        self.since = since;
        sound.then_some(first)
    }

    /// Until when what was done may still take effect: as much longer as this machine was held up meanwhile, since what shares it with us
    /// had no more of it than we had. Nothing where nothing was done.
    fn due(&self) -> Option<Duration> {
        let acted = self.acted?;
        let kept = self.engine.late().saturating_sub(acted.late);
        let kept = kept.min(self.takes_effect_within().max(MOST_KEPT));
        Some(acted.at.saturating_add(self.takes_effect_within()).saturating_add(kept))
    }

    /// How long what was done may take effect, by what the target promises.
    fn takes_effect_within(&self) -> Duration {
        self.engine.target.describe().promises.longest_bound()
    }

    async fn sit_out(&mut self) {
        // The second time for what this machine was held up while waiting; no more than that, or it would never end.
        for _ in 0..2 {
            if let Some(due) = self.due() {
                self.engine.clock.until(due).await;
            }
        }
    }

    /// Whether the target says itself when it is caught up.
    fn has_a_word(&self) -> bool {
        self.engine.target.describe().capabilities.claims(Capability::Wait)
    }
}
