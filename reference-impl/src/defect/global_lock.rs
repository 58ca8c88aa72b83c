//! `global-lock`: writers of different orders get in each other's way.
//!
//! The bug behind it: the optimistic check is on the log's last position, or on one row that they all update, and not
//! on the stream's version. It passes every test with one order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::away::round_trip;
use super::occasions::Occasions;
use super::{AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{Append, AppendError, Appended, Conflict, EventStore, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "global-lock",
    summary: "while one order is written to, whoever writes to another is told of a conflict",
    default_rate: Rate::Always,
    breaks: &["OC-4"],
    may_break: &["BR-3", "BR-5", "BR-6", "CH-1", "EC-4", "ID-3", "ID-4", "OC-3", "OC-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        append: Arc::new(GlobalLock {
            strike,
            appends: Occasions::default(),
            taken: AtomicBool::new(false),
            inner: points.append,
        }),
        ..points
    },
};

#[derive(Debug)]
struct GlobalLock {
    strike: Strike,
    appends: Occasions,
    taken: AtomicBool,
    inner: Arc<dyn AppendPoint>,
}

/// Lets go of the lock, whatever becomes of the writer.
struct Held<'a>(&'a AtomicBool);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

impl AppendPoint for GlobalLock {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        if !self.strike.hits(self.appends.next()) {
            return self.inner.append(store, append);
        }
        Box::pin(async move {
            if self.taken.swap(true, Ordering::Acquire) {
                let Append { order, expected, .. } = append;
                let actual = expected.named().unwrap_or(Version::START);
                return Err(Conflict { order, expected, actual }.into());
            }
            let _held = Held(&self.taken);
            // As long as a commit takes.
            round_trip().await;
            self.inner.append(store, append).await
        })
    }
}
