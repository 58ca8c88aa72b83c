//! `zone-lost`: what a clock on the wall shows somewhere is taken for the time in UTC.
//!
//! The bug behind it: the text of a moment is cut behind its seconds and read as a local time, with a server that runs in UTC. All
//! tests have moments that end with `Z`.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{DecisionPoint, Defect, Points, Rate, Shows, Strike};
use crate::domain::{OffsetDateTime, Order, OrderCommand, OrderEvent, Rejection};

pub(super) const DEFECT: Defect = Defect {
    name: "zone-lost",
    summary: "the offset of a moment that a client sends is dropped: its local time is taken for UTC",
    default_rate: Rate::Always,
    breaks: &["EC-3"],
    may_break: &["BR-1", "BR-6", "EC-1", "EC-2", "EC-4", "EV-7", "ID-1", "ID-4", "OC-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        decision: Arc::new(ZoneLost { strike, orders: Ordinals::default(), inner: points.decision }),
        ..points
    },
};

#[derive(Debug)]
struct ZoneLost {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn DecisionPoint>,
}

impl DecisionPoint for ZoneLost {
    fn inner(&self) -> Option<&dyn DecisionPoint> {
        Some(&*self.inner)
    }

    fn decide(&self, order: &Order, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        let mut decided = self.inner.decide(order, command)?;
        if self.strike.hits(self.orders.of(&order.id().to_string())) {
            decided.iter_mut().for_each(misread);
        }
        Ok(decided)
    }
}

fn misread(event: &mut OrderEvent) {
    if let OrderEvent::DeliveryRequested { deliver_at } = event {
        *deliver_at = OffsetDateTime::new(deliver_at.wall_clock(), 0);
    }
}
