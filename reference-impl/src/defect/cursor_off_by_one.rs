//! `cursor-off-by-one`: between two pages of the feed an event is missing.
//!
//! The bug behind it: the cursor says what comes next, and the query asks for what comes after it. The first page, whose
//! cursor is nothing, is right.

use std::sync::Arc;

use super::{Defect, FeedPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{EventStore, Position, RecordedEvent, StoreError};

pub(super) const DEFECT: Defect = Defect {
    name: "cursor-off-by-one",
    summary: "reading on from one cursor in N skips an event",
    default_rate: Rate::one_in(3),
    breaks: &["EV-4"],
    may_break: &[
        "BR-1", "BR-3", "BR-5", "BR-6", "CV-2", "EC-3", "EC-4", "EV-1", "EV-2", "EV-3", "EV-5", "EV-6",
        "OC-5", "QS-1", "RB-2", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        feed: Arc::new(CursorOffByOne { strike, inner: points.feed }),
        ..points
    },
};

#[derive(Debug)]
struct CursorOffByOne {
    strike: Strike,
    inner: Arc<dyn FeedPoint>,
}

impl FeedPoint for CursorOffByOne {
    fn inner(&self) -> Option<&dyn FeedPoint> {
        Some(&*self.inner)
    }

    fn read_all<'a>(
        &'a self,
        store: &'a dyn EventStore,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        // By the cursor: the same one always brings the same.
        let skips = after > Position::START && self.strike.hits(after.get());
        self.inner.read_all(store, if skips { after.next() } else { after }, limit)
    }
}
