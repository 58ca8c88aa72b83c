//! `rebuild-skips`: what is built anew is not what was there.
//!
//! The bug behind it: a rebuild reads the log in batches, from a cursor that is the last event's position plus one,
//! exclusively.

use std::sync::Arc;

use super::{Defect, DeliveryPoint, Points, Rate, Shows, Strike};
use crate::store::RecordedEvent;

pub(super) const DEFECT: Defect = Defect {
    name: "rebuild-skips",
    summary: "a rebuild leaves out one event in N",
    default_rate: Rate::one_in(5),
    breaks: &["RB-1"],
    may_break: &["CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4", "QS-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        delivery: Arc::new(RebuildSkips { strike, inner: points.delivery }),
        ..points
    },
};

#[derive(Debug)]
struct RebuildSkips {
    strike: Strike,
    inner: Arc<dyn DeliveryPoint>,
}

impl DeliveryPoint for RebuildSkips {
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        Some(&*self.inner)
    }

    fn replays(&self, event: &RecordedEvent) -> bool {
        !self.strike.hits(event.position.get()) && self.inner.replays(event)
    }
}
