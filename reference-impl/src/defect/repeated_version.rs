//! `repeated-version`: two events of a stream have the same version.
//!
//! The bug behind it: the next version is `SELECT max(version) + 1`, read before the one ahead of it was committed, and
//! no unique index says no.

use std::sync::Arc;

use super::{Defect, FeedPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::store::{EventStore, Position, RecordedEvent, StoreError, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "repeated-version",
    summary: "one event in N bears the version of the one before it",
    default_rate: Rate::one_in(4),
    breaks: &["EV-1"],
    may_break: &["BR-3", "BR-5", "CV-2", "EC-6", "EV-2", "EV-3", "EV-4", "EV-6", "EV-7", "OC-3", "OC-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        feed: Arc::new(RepeatedVersion { strike, inner: points.feed }),
        ..points
    },
};

#[derive(Debug)]
struct RepeatedVersion {
    strike: Strike,
    inner: Arc<dyn FeedPoint>,
}

impl RepeatedVersion {
    fn renumbered(&self, events: Vec<Arc<RecordedEvent>>) -> Vec<Arc<RecordedEvent>> {
        let renumber = |event: Arc<RecordedEvent>| {
            // By position: it looks the same at every reading.
            if event.version.get() > 1 && self.strike.hits(event.position.get()) {
                let version = Version::new(event.version.get() - 1);
                Arc::new(RecordedEvent { version, ..RecordedEvent::clone(&event) })
            } else {
                event
            }
        };
        events.into_iter().map(renumber).collect()
    }
}

impl FeedPoint for RepeatedVersion {
    fn inner(&self) -> Option<&dyn FeedPoint> {
        Some(&*self.inner)
    }

    fn read_all<'a>(
        &'a self,
        store: &'a dyn EventStore,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move { Ok(self.renumbered(self.inner.read_all(store, after, limit).await?)) })
    }

    fn read_stream<'a>(
        &'a self,
        store: &'a dyn EventStore,
        order: OrderId,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move { Ok(self.renumbered(self.inner.read_stream(store, order).await?)) })
    }
}
