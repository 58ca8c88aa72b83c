//! `rebuild-loses`: what happens during a rebuild is lost to it.
//!
//! The bug behind it: the rebuild reads the log, takes a while, and swaps the tables. What was projected into the old
//! table in that while is thrown away with it.

use std::sync::Arc;
use std::time::Duration;

use super::occasions::Occasions;
use super::{Defect, DeliveryPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::Position;

/// How long a rebuild reads the log.
const READING: Duration = Duration::from_millis(50);

pub(super) const DEFECT: Defect = Defect {
    name: "rebuild-loses",
    summary: "events that are recorded while a rebuild reads the log are not in what it builds",
    default_rate: Rate::Always,
    breaks: &["RB-3"],
    may_break: &[
        "BR-3", "BR-5", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4", "EC-5", "QS-2", "QS-5", "RB-1",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        delivery: Arc::new(RebuildLoses { strike, rebuilds: Occasions::default(), inner: points.delivery }),
        ..points
    },
};

#[derive(Debug)]
struct RebuildLoses {
    strike: Strike,
    rebuilds: Occasions,
    inner: Arc<dyn DeliveryPoint>,
}

impl DeliveryPoint for RebuildLoses {
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        Some(&*self.inner)
    }

    fn meanwhile(&self) -> Option<BoxFuture<'_, ()>> {
        // As long as a log of some size would take.
        Some(Box::pin(tokio::time::sleep(READING)))
    }

    fn taken_in_up_to(&self, reached: Position, now: Position) -> Position {
        if self.strike.hits(self.rebuilds.next()) { reached } else { self.inner.taken_in_up_to(reached, now) }
    }
}
