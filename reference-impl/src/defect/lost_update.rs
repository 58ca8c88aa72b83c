//! `lost-update`: the append doesn't compare versions.
//!
//! The bug behind it: `INSERT … ON CONFLICT (stream, version) DO UPDATE` where an `INSERT` belongs.
//! A stale writer's event takes the place of what was written meanwhile. In SQL the window between
//! load and append is a network away; here the writer waits as long.

use std::sync::Arc;

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::store::{Append, AppendError, Appended, ExpectedVersion, TamperableStore, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "lost-update",
    summary: "an append doesn't compare versions: a stale writer's event replaces what was written meanwhile",
    default_rate: Rate::Always,
    breaks: &["BR-5", "EV-3", "OC-1", "OC-3", "OC-5"],
    may_break: &[
        "BR-1", "BR-3", "BR-4", "BR-6", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4", "EV-6", "EV-7",
        "ID-3", "RB-1",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        append: Arc::new(LostUpdate { strike, orders: Ordinals::default(), inner: points.append }),
        ..points
    },
};

#[derive(Debug)]
struct LostUpdate {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AppendPoint>,
}

impl LostUpdate {
    /// By stream and version: whoever writes there, all of them are struck or none.
    fn hits(&self, order: OrderId, base: Version) -> bool {
        self.strike.hits(self.orders.of(&order.to_string()).rotate_left(32) ^ base.get())
    }
}

impl AppendPoint for LostUpdate {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn admits(&self, order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        let stale = expected.named().filter(|base| *base < actual);
        stale.is_some_and(|base| self.hits(order, base)) || self.inner.admits(order, expected, actual)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn TamperableStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        match append.expected.named() {
            Some(base) if self.hits(append.order, base) => Box::pin(async move {
                round_trip().await;
                store.upsert(append).await
            }),
            _ => self.inner.append(store, append),
        }
    }
}
