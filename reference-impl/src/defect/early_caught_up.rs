//! `early-caught-up`: "caught up" is said when events are received, not when they can be seen.
//!
//! The bug behind it: the consumer's committed offset is taken for what has been projected. It is what was fetched.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, SystemPoint};
use crate::store::Position;

pub(super) const DEFECT: Defect = Defect {
    name: "early-caught-up",
    summary: "who waits for a position is told that it is reached before anybody looks",
    default_rate: Rate::Always,
    breaks: &["EC-5"],
    may_break: &[
        "BR-1", "BR-3", "BR-5", "BR-6", "CH-2", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4", "ID-1",
        "ID-3", "ID-4", "OC-1", "OC-3", "OC-5", "QS-3", "QS-5", "RB-1", "RB-3",
    ],
    shows: Shows::Lagging,
    install: |points, strike| Points {
        system: Arc::new(EarlyCaughtUp { strike, waits: Occasions::default(), inner: points.system }),
        ..points
    },
};

#[derive(Debug)]
struct EarlyCaughtUp {
    strike: Strike,
    waits: Occasions,
    inner: Arc<dyn SystemPoint>,
}

impl SystemPoint for EarlyCaughtUp {
    fn inner(&self) -> Option<&dyn SystemPoint> {
        Some(&*self.inner)
    }

    fn awaited(&self, position: Position) -> Position {
        if self.strike.hits(self.waits.next()) { Position::START } else { self.inner.awaited(position) }
    }
}
