//! `drop-event`: an event is lost on its way to the read models.
//!
//! The bug behind it: a projector that acknowledges first and applies afterwards, or swallows an
//! error. The log still has the event, so a rebuild heals what was missed.

use std::sync::Arc;

use super::{Defect, DeliveryPoint, Inbox, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::projection::ProjectionError;
use crate::store::RecordedEvent;

pub(super) const DEFECT: Defect = Defect {
    name: "drop-event",
    summary: "one event in N never reaches the read models, and their checkpoints move on past it",
    default_rate: Rate::one_in(10),
    breaks: &["EC-1", "CV-2"],
    may_break: &["BR-4", "CV-1", "EC-3", "EC-4", "QS-2", "QS-5", "RB-1", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        delivery: Arc::new(DropEvent { strike, inner: points.delivery }),
        ..points
    },
};

#[derive(Debug)]
struct DropEvent {
    strike: Strike,
    inner: Arc<dyn DeliveryPoint>,
}

impl DeliveryPoint for DropEvent {
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        Some(&*self.inner)
    }

    fn deliver<'a>(
        &'a self,
        event: &'a RecordedEvent,
        to: &'a dyn Inbox,
    ) -> BoxFuture<'a, Result<(), ProjectionError>> {
        // By position: every read model misses the same events, and a redelivery changes nothing.
        if self.strike.hits(event.position.get()) {
            to.skip(event.position)
        } else {
            self.inner.deliver(event, to)
        }
    }
}
