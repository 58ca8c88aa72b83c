//! `torn-append`: a command with two effects has one.
//!
//! The bug behind it: each event is written in a transaction of its own, and the process stops between two of them, or
//! the loop around them returns too early.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{Append, AppendError, Appended, EventStore};

pub(super) const DEFECT: Defect = Defect {
    name: "torn-append",
    summary: "of a command's several events only the first is written",
    default_rate: Rate::Always,
    breaks: &["BR-3"],
    may_break: &[
        "BR-2", "BR-5", "BR-6", "CH-1", "CH-2", "CV-2", "EC-1", "EC-3", "EC-4", "EV-1", "ID-1", "OC-3",
        "OC-5", "QS-5", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        append: Arc::new(TornAppend { strike, appends: Occasions::default(), inner: points.append }),
        ..points
    },
};

#[derive(Debug)]
struct TornAppend {
    strike: Strike,
    appends: Occasions,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for TornAppend {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        let Append { order, expected, mut events, key } = append;
        if events.len() > 1 && self.strike.hits(self.appends.next()) {
            events.truncate(1);
        }
        self.inner.append(store, Append { order, expected, events, key })
    }
}
