//! The event feed as procedures read it: what it tells of our own aggregates, behind where it stood at the beginning.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::adapter::{AnyWorld, ControlError};
use crate::conform::lab::Lab;
use crate::protocol::{Capability, Event, Version};
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
    #[error("the feed tells no positions")]
    NoPositions,
    #[error("the feed tells of one aggregate at a time")]
    OfOne,
    #[error("a reader of the feed broke down")]
    BrokeDown,
}

/// How long one reading may take.
const READING: Duration = Duration::from_secs(30);
/// For how long the feed may go on growing after the last command, whatever the bounds of the read models are.
const REST: Duration = Duration::from_secs(5);
/// Between two readings while it grows.
const PAUSE: Duration = Duration::from_millis(20);
/// Events of which a story tells.
const TOLD: usize = 12;

/// A feed from where it stood when it was opened.
#[derive(Clone)]
pub(super) struct Stream {
    place: Arc<dyn AnyWorld>,
    base: Option<u64>,
    /// Whether it tells of one aggregate at a time only.
    pub(super) of_one: bool,
}

impl Stream {
    /// Looks at where the feed stands.
    pub(super) async fn open(lab: &Lab, place: Arc<dyn AnyWorld>) -> Self {
        let mut stream = Self { place, base: None, of_one: false };
        match stream.behind(lab, None, None).await {
            Ok(events) => stream.base = events.iter().filter_map(|event| event.position).max(),
            Err(_) => stream.of_one = true,
        }
        stream
    }

    /// One that is read aggregate by aggregate, from their beginnings on.
    pub(super) fn of_each(place: Arc<dyn AnyWorld>) -> Self {
        Self { place, base: None, of_one: true }
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
            Some(read) => Ok(read?),
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

    /// The same once it grows no more: it holds as many events as it must, and no more than just before.
    pub(super) async fn at_rest(
        &self,
        lab: &Lab,
        ours: &[Value],
        expected: u64,
    ) -> Result<Vec<Event>, FeedTrouble> {
        let limit = lab.engine.target.describe().promises.longest_bound().max(REST);
        if lab.claims(Capability::Wait) {
            // Where it does not catch up, other clauses tell of it; the feed is looked at all the same.
            let _ = caught_up(&lab.engine, &*self.place, Some(limit)).await;
        }
        let deadline = lab.engine.clock.now().saturating_add(limit);
        let mut before = self.read(lab, ours).await?.len();
        loop {
            lab.engine.clock.until(lab.engine.clock.now() + PAUSE).await;
            let events = self.read(lab, ours).await?;
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

/// What an event is known by in the feed.
pub(super) fn key(event: &Event) -> (Option<u64>, &Value, Option<&Version>, &str) {
    (event.position, &event.on, event.version.as_ref(), &event.name)
}

/// The events of each aggregate, in the order of the feed.
pub(super) fn by_aggregate(events: &[Event]) -> BTreeMap<String, Vec<&Event>> {
    let mut all: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in events {
        all.entry(event.on.to_string()).or_default().push(event);
    }
    all
}

/// Events in words, at most a handful.
pub(super) fn told<'e>(events: impl IntoIterator<Item = &'e Event>) -> Vec<String> {
    let mut story: Vec<String> = Vec::new();
    let mut left = 0;
    for event in events {
        if story.len() < TOLD {
            story.push(sentence(event));
        } else {
            left += 1;
        }
    }
    if left > 0 {
        story.push(format!("… and {left} more"));
    }
    story
}

/// One event in words.
pub(super) fn sentence(event: &Event) -> String {
    let position = event.position.map(|position| format!("position {position}: ")).unwrap_or_default();
    let version = event.version.as_ref().map(|version| format!(" at version {version}")).unwrap_or_default();
    let fields = Value::Record(event.fields.clone());
    format!("{position}{} {} on {}{version}", event.name, fields.brief(80), event.on.brief(60))
}
