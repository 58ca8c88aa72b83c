//! `late-commit`: an event turns up behind a position that was delivered.
//!
//! The bug behind it: positions come from a sequence, which hands them out before the transaction commits. Who is
//! quicker with a later number is seen first, and a reader who goes on from there never sees the other.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::{Defect, FeedPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::lock::lock;
use crate::store::{EventStore, Position, RecordedEvent, StoreError};

/// How many readings a late event is missing from.
const UNSEEN_READINGS: u64 = 3;

pub(super) const DEFECT: Defect = Defect {
    name: "late-commit",
    summary: "one event in N appears in the feed only when later ones were read already",
    default_rate: Rate::one_in(4),
    breaks: &["EV-5"],
    may_break: &[
        "BR-1", "BR-3", "BR-5", "BR-6", "CV-2", "EC-3", "EC-4", "EV-1", "EV-2", "EV-3", "EV-4", "EV-6",
        "OC-5", "QS-1", "RB-2", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        feed: Arc::new(LateCommit { strike, readings: Mutex::default(), inner: points.feed }),
        ..points
    },
};

#[derive(Debug)]
struct LateCommit {
    strike: Strike,
    readings: Mutex<HashMap<Position, u64>>,
    inner: Arc<dyn FeedPoint>,
}

impl LateCommit {
    /// Whether the event is still not committed.
    fn hidden(&self, position: Position) -> bool {
        let mut readings = lock(&self.readings);
        let times = readings.entry(position).or_default();
        *times += 1;
        *times <= UNSEEN_READINGS && self.strike.hits(position.get())
    }
}

impl FeedPoint for LateCommit {
    fn inner(&self) -> Option<&dyn FeedPoint> {
        Some(&*self.inner)
    }

    fn read_all<'a>(
        &'a self,
        store: &'a dyn EventStore,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move {
            let mut events = self.inner.read_all(store, after, limit).await?;
            events.retain(|event| !self.hidden(event.position));
            Ok(events)
        })
    }
}
