use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::course::{Course, Stopped};
use super::engine::Engine;
use super::expectation::Expectation;
use super::lane::HELD_UP;
use super::pace::Pace;
use super::session::Recorded;
use super::sightings::Sightings;
use super::{Finding, Story};
use crate::protocol::{Query, Verdict};
use crate::scenario::Watch;
use crate::text::Span;

/// The watches of one block (`never`), each polling in a session of its own. Dropping them ends them.
pub(super) struct Watches {
    watching: JoinSet<Result<(), Stopped>>,
    until: watch::Sender<Until>,
}

/// How long watches go on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Until {
    /// Commands may still be sent.
    Told,
    /// The last command returned then, on the run's clock: as long from there as each lasts.
    After(Duration),
    /// The scenario has ended: one more look.
    Now,
}

impl Watches {
    /// Arms the watches: from here on, what must not be seen is looked for.
    pub(super) async fn arm(watches: &[Watch], course: &mut Course<'_>) -> Result<Self, Stopped> {
        let (until, told) = watch::channel(Until::Told);
        let mut watching = JoinSet::new();
        for watch in watches {
            let actor = watch.assertion.query.actor.as_ref();
            if !course.claims_actor(actor) {
                continue;
            }
            let query = course.query(&watch.assertion.query)?;
            let Some(expectation) = course.expectation(&watch.assertion)? else { continue };
            let session = course.looks_on(actor.map(|actor| &*actor.text), watch.span).await?;
            let bound = course.target.promises.bound_of(&query.name);
            let mut lookout = Lookout {
                query,
                expectation,
                session,
                span: watch.span,
                lasts: watch.lasts.unwrap_or_default().max(bound),
                engine: course.engine.clone(),
                told: told.clone(),
                sightings: Sightings::of_watch(),
                looked: Duration::ZERO,
                held_up: Duration::ZERO,
            };
            // Only once it has looked, a command may be sent: what comes and goes at once is seen, too.
            lookout.look().await?;
            watching.spawn(lookout.watch());
        }
        Ok(Self { watching, until })
    }

    /// The block is over: waits until every watch has lasted long enough. `last_return` is when the last command
    /// returned, on the run's clock. Brings all that was found.
    pub(super) async fn end(self, last_return: Duration) -> Vec<Finding> {
        self.join(Until::After(last_return)).await
    }

    /// The scenario has ended before the block was over: brings what has been seen by now, but not what could not
    /// be seen in so short a time.
    pub(super) async fn cut(self) -> Vec<Finding> {
        let mut found = self.join(Until::Now).await;
        found.retain(|finding| finding.verdict == Verdict::Fail);
        found
    }

    async fn join(mut self, until: Until) -> Vec<Finding> {
        self.until.send_replace(until);
        let mut found = Vec::new();
        while let Some(ended) = self.watching.join_next().await {
            match ended {
                Ok(Ok(())) => {}
                Ok(Err(finding)) => found.push(*finding),
                Err(_) => {
                    let what = "a watch broke down: a panic in Proofmark or in the target's adapter";
                    found.push(Finding::new(Verdict::Inconclusive, Span::default(), what));
                }
            }
        }
        found
    }
}

/// One watch.
struct Lookout {
    query: Query,
    expectation: Expectation,
    session: Recorded,
    span: Span,
    lasts: Duration,
    engine: Engine,
    told: watch::Receiver<Until>,
    sightings: Sightings,
    /// When it looked last, on the run's clock.
    looked: Duration,
    /// How much too late it looked, at worst.
    held_up: Duration,
}

impl Lookout {
    async fn watch(mut self) -> Result<(), Stopped> {
        let mut pace = Pace::endless();
        let mut until = Until::Told;
        loop {
            if until == Until::Told {
                until = *self.told.borrow_and_update();
                match until {
                    Until::Told => {}
                    Until::After(last_return) => pace.end_at(last_return + self.lasts),
                    Until::Now => return self.look().await,
                }
            }
            let Some(at) = pace.next(self.engine.clock.now()) else {
                // Where the time was over before it was told, the last look may have been too early.
                if matches!(until, Until::After(last_return) if self.looked < last_return + self.lasts) {
                    self.look().await?;
                }
                break;
            };
            tokio::select! {
                () = self.engine.clock.until(at) => {
                    self.held_up = self.held_up.max(self.engine.overslept(at));
                    self.look().await?;
                }
                changed = self.told.changed(), if until == Until::Told => {
                    // A sender that is gone means that nobody listens any more.
                    if changed.is_err() { return Ok(()) }
                }
            }
        }
        let held_up = || {
            let by = self.held_up;
            let what =
                format!("this machine was held up for {by:.0?} while watching, so nothing can be said");
            (by > pace.interval().max(HELD_UP)).then_some(what)
        };
        let undecided = |what| Finding::new(Verdict::Inconclusive, self.span, what).story(self.story());
        let blind = self.sightings.too_blind(&self.query).map(undecided);
        match blind.or_else(|| held_up().map(|what| undecided(what).ours())) {
            Some(finding) => Err(Box::new(finding)),
            None => Ok(()),
        }
    }

    /// Looks once.
    async fn look(&mut self) -> Result<(), Stopped> {
        let asked = self.session.ask(&self.query).await;
        self.looked = asked.called;
        let look = self.expectation.part.look(asked, &self.query, self.span)?;
        let seen = look.seen();
        self.sightings.add(seen, look.asked.called, look.asked.returned);
        if !self.expectation.holds(seen) {
            return Ok(());
        }
        let what = format!("{} showed what must never be seen", self.query.name);
        let finding = Finding::new(Verdict::Fail, self.expectation.span, what);
        Err(Box::new(finding.label("this was seen").story(self.story())))
    }

    fn story(&self) -> Story {
        self.sightings.tell(&self.query, self.expectation.matcher.as_ref(), None)
    }
}
