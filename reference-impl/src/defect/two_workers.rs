//! `two-workers`: of two events of one order that come at once, one never reaches the read models.
//!
//! The bug behind it: two workers project one row at the same time. Each reads it, puts in its own event and writes it back; whoever writes
//! last takes away what the other one did. One behind the other, nothing is lost.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, DeliveryPoint, Inbox, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::lock::lock;
use crate::projection::ProjectionError;
use crate::store::{Append, AppendError, Appended, EventStore, Position, RecordedEvent};

pub(super) const DEFECT: Defect = Defect {
    name: "two-workers",
    summary: "of two events of one order that come at once, one never reaches the read models",
    default_rate: Rate::Always,
    breaks: &["EC-4"],
    may_break: &[
        "BR-1", "CV-1", "CV-2", "EC-1", "EC-3", "EV-7", "ID-3", "OC-3", "OC-5", "QS-5", "RB-1", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| {
        let lost = Arc::new(Lost::default());
        Points {
            append: Arc::new(Crowd {
                strike,
                orders: Ordinals::default(),
                lost: Arc::clone(&lost),
                inner: points.append,
            }),
            delivery: Arc::new(Overwritten { lost, inner: points.delivery }),
            ..points
        }
    },
};

/// Who is about, and what is lost for it.
#[derive(Debug, Default)]
struct Lost {
    /// The writers to each order, for as long as they are on their way to the store.
    writers: Mutex<HashMap<OrderId, u32>>,
    events: Mutex<HashSet<Position>>,
}

impl Lost {
    fn comes(&self, order: OrderId) {
        *lock(&self.writers).entry(order).or_default() += 1;
    }

    /// Goes again, and says whether somebody else was there.
    fn goes(&self, order: OrderId) -> bool {
        let mut writers = lock(&self.writers);
        let there = writers.entry(order).or_default();
        *there = there.saturating_sub(1);
        let others = *there > 0;
        if !others {
            writers.remove(&order);
        }
        others
    }

    fn loses(&self, position: Position) {
        lock(&self.events).insert(position);
    }

    fn has_lost(&self, position: Position) -> bool {
        lock(&self.events).contains(&position)
    }
}

#[derive(Debug)]
struct Crowd {
    strike: Strike,
    orders: Ordinals,
    lost: Arc<Lost>,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for Crowd {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        let order = append.order;
        if !self.strike.hits(self.orders.of(&order.to_string())) {
            return self.inner.append(store, append);
        }
        Box::pin(async move {
            self.lost.comes(order);
            round_trip().await;
            let appended = self.inner.append(store, append).await;
            let others = self.lost.goes(order);
            if let (Ok(appended), true) = (&appended, others) {
                self.lost.loses(appended.position);
            }
            appended
        })
    }
}

#[derive(Debug)]
struct Overwritten {
    lost: Arc<Lost>,
    inner: Arc<dyn DeliveryPoint>,
}

impl DeliveryPoint for Overwritten {
    fn inner(&self) -> Option<&dyn DeliveryPoint> {
        Some(&*self.inner)
    }

    fn deliver<'a>(
        &'a self,
        event: &'a RecordedEvent,
        to: &'a dyn Inbox,
    ) -> BoxFuture<'a, Result<(), ProjectionError>> {
        if self.lost.has_lost(event.position) {
            to.skip(event.position)
        } else {
            self.inner.deliver(event, to)
        }
    }
}
