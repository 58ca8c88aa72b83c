//! `time-ordered`: the feed has another order at each reading.
//!
//! The bug behind it: `ORDER BY created_at`. Events of the same millisecond come in whatever order the database finds
//! them in.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, FeedPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{EventStore, Position, RecordedEvent, StoreError};

pub(super) const DEFECT: Defect = Defect {
    name: "time-ordered",
    summary: "one reading of the feed in N swaps neighbours",
    default_rate: Rate::one_in(3),
    breaks: &["EV-2"],
    may_break: &[
        "BR-3", "BR-5", "CV-2", "EC-4", "EV-1", "EV-3", "EV-4", "EV-5", "QS-1", "RB-2", "SG-3", "SG-4",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        feed: Arc::new(TimeOrdered { strike, readings: Occasions::default(), inner: points.feed }),
        ..points
    },
};

#[derive(Debug)]
struct TimeOrdered {
    strike: Strike,
    readings: Occasions,
    inner: Arc<dyn FeedPoint>,
}

impl FeedPoint for TimeOrdered {
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
            if events.len() > 1 && self.strike.hits(self.readings.next()) {
                // The last one stays: who reads on from it misses nothing.
                let swapped = if events.len() > 2 { events.len() - 1 } else { 2 };
                for pair in events[..swapped].chunks_exact_mut(2) {
                    pair.swap(0, 1);
                }
            }
            Ok(events)
        })
    }
}
