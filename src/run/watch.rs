use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use super::course::{Course, Stopped};
use super::pace::Pace;
use super::probe::{Expectation, LEAST_OBSERVATIONS};
use super::session::Recorded;
use super::sightings::{Sightings, is_usable};
use super::{Clock, Finding, Story};
use crate::plan::Watch;
use crate::protocol::{Query, Verdict};
use crate::text::Span;

/// The watches of one block (`never`), each polling in a session of its own. Dropping them ends them.
pub(super) struct Watches {
    watching: JoinSet<Result<(), Stopped>>,
    /// When they may stop, on the run's clock; `None` while commands may still be sent.
    last_return: watch::Sender<Option<Duration>>,
}

impl Watches {
    /// Arms the watches: from here on, what must not be seen is looked for.
    pub(super) async fn arm(watches: &[Watch], course: &mut Course<'_>) -> Result<Self, Stopped> {
        let (last_return, ends) = watch::channel(None);
        let mut watching = JoinSet::new();
        for watch in watches {
            let query = course.query(&watch.assertion.query)?;
            let Some(expectation) = course.expectation(&watch.assertion)? else { continue };
            let session = Recorded::open(&*course.world, course.recorder, course.clock).await;
            let session = session.map_err(|error| {
                Box::new(Finding::new(Verdict::Inconclusive, watch.span, error.to_string()))
            })?;
            let bound = course.target.bound_of(&query.name);
            let mut lookout = Lookout {
                query,
                expectation,
                session,
                span: watch.span,
                lasts: watch.lasts.unwrap_or_default().max(bound),
                clock: course.clock.clone(),
                ends: ends.clone(),
                sightings: Sightings::default(),
            };
            // Only once it has looked, a command may be sent: what comes and goes at once is seen, too.
            lookout.look().await?;
            watching.spawn(lookout.watch());
        }
        Ok(Self { watching, last_return })
    }

    /// The block is over: waits until every watch has lasted long enough.
    /// `last_return` is when the last command returned, on the run's clock.
    pub(super) async fn end(mut self, last_return: Duration) -> Result<(), Stopped> {
        self.last_return.send_replace(Some(last_return));
        while let Some(ended) = self.watching.join_next().await {
            ended.unwrap_or_else(|_| {
                let what = "a watch broke down: a panic in Proofmark or in the target's adapter";
                Err(Box::new(Finding::new(Verdict::Inconclusive, Span::default(), what)))
            })?;
        }
        Ok(())
    }
}

/// One watch.
struct Lookout {
    query: Query,
    expectation: Expectation,
    session: Recorded,
    span: Span,
    lasts: Duration,
    clock: Arc<dyn Clock>,
    ends: watch::Receiver<Option<Duration>>,
    sightings: Sightings,
}

impl Lookout {
    async fn watch(mut self) -> Result<(), Stopped> {
        let mut pace = Pace::endless();
        let mut ending = false;
        loop {
            if !ending && let Some(last_return) = *self.ends.borrow_and_update() {
                pace.end_at(last_return + self.lasts);
                ending = true;
            }
            let Some(at) = pace.next(self.clock.now()) else { break };
            tokio::select! {
                () = self.clock.until(at) => self.look().await?,
                changed = self.ends.changed(), if !ending => {
                    // A sender that is gone means that the scenario has ended already: nobody listens.
                    if changed.is_err() { return Ok(()) }
                }
            }
        }
        let usable = self.sightings.usable();
        if usable >= LEAST_OBSERVATIONS && self.sightings.last().is_some_and(is_usable) {
            return Ok(());
        }
        let what = format!(
            "{} gave {usable} usable answers while it was watched: too few to say that something was never seen",
            self.query.name
        );
        let finding = Finding::new(Verdict::Inconclusive, self.span, what);
        Err(Box::new(finding.story(self.story())))
    }

    /// Looks once.
    async fn look(&mut self) -> Result<(), Stopped> {
        let asked = self.session.ask(&self.query).await;
        let seen = &asked.answer.seen;
        self.sightings.add(seen, asked.called, asked.returned);
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
