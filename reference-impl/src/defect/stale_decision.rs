//! `stale-decision`: decides on what the read models show.
//!
//! The bug behind it: the query side has the nicer model of an order, so the command handler asks it. As long as
//! read models follow at once nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, DeliveryPoint, Inbox, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::projection::ProjectionError;
use crate::store::{Position, RecordedEvent};

pub(super) const DEFECT: Defect = Defect {
    name: "stale-decision",
    summary: "commands are decided on what the read models show, however far they lag behind",
    default_rate: Rate::Always,
    breaks: &["BR-4", "BR-6", "CH-1"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-5", "CV-1", "CV-2", "EC-1", "EC-3", "EC-4", "EV-7", "ID-1", "ID-3",
        "ID-4", "OC-1", "OC-3", "OC-4", "OC-5", "QS-3", "QS-5", "RB-1", "RB-3",
    ],
    shows: Shows::Lagging,
    install: |points, strike| {
        let shown = Arc::new(AtomicU64::new(0));
        let orders = Ordinals::default();
        Points {
            append: Arc::new(StaleDecision {
                strike,
                orders,
                shown: Arc::clone(&shown),
                inner: points.append,
            }),
            delivery: Arc::new(Watched { shown, inner: points.delivery }),
            ..points
        }
    },
};

#[derive(Debug)]
struct StaleDecision {
    strike: Strike,
    orders: Ordinals,
    /// The position that a read model has reached.
    shown: Arc<AtomicU64>,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for StaleDecision {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn horizon(&self, order: OrderId) -> Option<Position> {
        if !self.strike.hits(self.orders.of(&order.to_string())) {
            return self.inner.horizon(order);
        }
        Some(Position::new(self.shown.load(Ordering::Acquire)))
    }
}

/// Sees how far deliveries have come.
#[derive(Debug)]
struct Watched {
    shown: Arc<AtomicU64>,
    inner: Arc<dyn DeliveryPoint>,
}

impl DeliveryPoint for Watched {
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        Some(&*self.inner)
    }

    fn deliver<'a>(
        &'a self,
        event: &'a RecordedEvent,
        to: &'a dyn Inbox,
    ) -> BoxFuture<'a, Result<(), ProjectionError>> {
        Box::pin(async move {
            self.inner.deliver(event, to).await?;
            self.shown.fetch_max(event.position.get(), Ordering::AcqRel);
            Ok(())
        })
    }
}
