//! The event feed as procedures read it: what it tells of our own aggregates, behind where it stood at the beginning.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OnceCell;

use crate::adapter::{AnyWorld, ControlError};
use crate::conform::case::Case;
use crate::conform::lab::Lab;
use crate::protocol::{Capability, Event};
use crate::run::caught_up;
use crate::value::Value;

/// Why the feed could not be read.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub(super) enum FeedTrouble {
    #[error("the feed could not be read: {0}")]
    Unread(#[from] ControlError),
    #[error("the feed was not read within {READING:?}")]
    Slow,
    #[error("the feed grows on, though nothing is sent")]
    Grows,
}

/// How long one reading may take.
const READING: Duration = Duration::from_secs(30);
/// For how long the feed may go on growing after the last command, whatever the bounds of the read models are.
const REST: Duration = Duration::from_secs(5);
/// Between two readings while it grows.
const PAUSE: Duration = Duration::from_millis(20);

/// How far the feed has got in the place of one experiment, once somebody has looked; nothing where it tells of one aggregate at a time
/// only.
pub(crate) type FeedOf = OnceCell<Option<Stands>>;

/// How far a feed is known to have got: the highest position that somebody was told.
#[derive(Debug, Default)]
pub(crate) struct Stands(Mutex<Option<u64>>);

impl Stands {
    fn at(events: &[Event]) -> Self {
        let stands = Self::default();
        stands.tells(events);
        stands
    }

    fn tells(&self, events: &[Event]) {
        let mut stands = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *stands = events.iter().filter_map(|event| event.position).max().max(*stands);
    }

    fn now(&self) -> Option<u64> {
        // Nothing that is done under the lock leaves it half done.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A feed from where it stood when it was opened.
#[derive(Clone)]
pub(super) struct Stream {
    place: Arc<dyn AnyWorld>,
    base: Option<u64>,
    /// Whether it tells of one aggregate at a time only.
    pub(super) of_one: bool,
    /// How far it is known to have got.
    known: Option<Arc<FeedOf>>,
}

impl Stream {
    /// All of it, as a case reads it, from where it stands: as far as is known from others, which is looked at once in an examination.
    pub(super) async fn of_all(case: &mut Case<'_>) -> Self {
        let lab = case.lab;
        let known = lab.feed_of(case.experiment());
        let mut stream = Self { place: case.place.clone(), base: None, of_one: false, known: None };
        let opened = known.get_or_init(|| async {
            let events = stream.behind(lab, None, None).await.ok()?;
            Some(Stands::at(&events))
        });
        match opened.await {
            Some(stands) => stream.base = stands.now(),
            None => stream.of_one = true,
        }
        stream.known = Some(known);
        stream
    }

    /// One that is read aggregate by aggregate, from their beginnings on.
    pub(super) fn of_each(place: Arc<dyn AnyWorld>) -> Self {
        Self { place, base: None, of_one: true, known: None }
    }

    /// Where it stood when it was opened.
    pub(super) fn base(&self) -> Option<u64> {
        self.base
    }

    /// What it tells behind a position, as it is.
    pub(super) async fn behind(
        &self,
        lab: &Lab,
        on: Option<&Value>,
        after: Option<u64>,
    ) -> Result<Vec<Event>, FeedTrouble> {
        match lab.within(READING, self.place.events(on, after)).await {
            Some(read) => {
                let events = read?;
                if let (None, Some(Some(stands))) = (on, self.known.as_ref().and_then(|known| known.get())) {
                    stands.tells(&events);
                }
                Ok(events)
            }
            None => Err(FeedTrouble::Slow),
        }
    }

    /// All that it tells of these aggregates.
    pub(super) async fn read(&self, lab: &Lab, ours: &[Value]) -> Result<Vec<Event>, FeedTrouble> {
        if self.of_one {
            let mut events = Vec::new();
            for on in ours {
                events.extend(self.behind(lab, Some(on), None).await?);
            }
            // Those of several aggregates are told in the order in which they happened, where that is known.
            events.sort_by_key(|event| event.position);
            return Ok(events);
        }
        let mut events = self.behind(lab, None, self.base).await?;
        // Others may write as well, and what they do is none of our business.
        events.retain(|event| ours.contains(&event.on));
        Ok(events)
    }

    /// All that it tells of a case's aggregates once it grows no more: it holds as many events as it must, and no more than just before.
    pub(super) async fn at_rest(&self, case: &mut Case<'_>) -> Result<Vec<Event>, FeedTrouble> {
        let (lab, ours) = (case.lab, case.ours());
        // None where the rules don't count events.
        let expected: u64 = case.world.entries().iter().map(|entry| entry.version).sum();
        let limit = lab.engine.target.describe().promises.longest_bound().max(REST);
        if lab.claims(Capability::Wait) {
            // Where it does not catch up, other clauses tell of it; the feed is looked at all the same.
            let _ = caught_up(&lab.engine, &*self.place, Some(limit)).await;
        }
        let deadline = lab.engine.clock.now().saturating_add(limit);
        let mut before = self.read(lab, &ours).await?.len();
        loop {
            lab.engine.clock.until(lab.engine.clock.now() + PAUSE).await;
            let events = self.read(lab, &ours).await?;
            let all = u64::try_from(events.len()).is_ok_and(|count| count >= expected);
            if events.len() == before && (all || lab.engine.clock.now() >= deadline) {
                return Ok(events);
            }
            if lab.engine.clock.now() >= deadline.saturating_add(limit) {
                return Err(FeedTrouble::Grows);
            }
            before = events.len();
        }
    }
}
