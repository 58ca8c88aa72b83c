//! `old-replica`: a row that was new is old again.
//!
//! The bug behind it: reads go to several replicas in turn, and one of them lags. Reload the page and the item is gone,
//! reload it again and it is back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::ordinals::Ordinals;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::lock::lock;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::{StoreError, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "old-replica",
    summary: "after a change an order's new state is shown, then the old one once more, one change in N",
    default_rate: Rate::one_in(2),
    breaks: &["EC-2", "SG-2", "SG-5"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "BR-6", "CV-1", "CV-2", "EC-1", "EC-3", "EC-4", "EC-5",
        "ID-1", "ID-3", "ID-4", "OC-1", "OC-3", "OC-5", "QS-1", "RB-1", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(OldReplica {
            strike,
            orders: Ordinals::default(),
            seen: Mutex::default(),
            inner: points.answer,
        }),
        ..points
    },
};

#[derive(Debug)]
struct OldReplica {
    strike: Strike,
    orders: Ordinals,
    seen: Mutex<HashMap<OrderId, Seen>>,
    inner: Arc<dyn AnswerPoint>,
}

type Found = At<Option<Arc<OrderSummary>>>;

/// What was shown of one order.
#[derive(Debug)]
struct Seen {
    now: Found,
    before: Option<Found>,
    /// How often `now` was asked for.
    times: u64,
}

impl OldReplica {
    /// What the replica whose turn it is answers, `newest` being what the first one has.
    fn answer(&self, order: OrderId, newest: Found) -> Found {
        let version = |found: &Found| found.value.as_ref().map_or(Version::START, |row| row.version);
        let mut seen = lock(&self.seen);
        let seen = seen.entry(order).or_insert_with(|| Seen { now: newest.clone(), before: None, times: 0 });
        if version(&newest) != version(&seen.now) {
            seen.before = Some(std::mem::replace(&mut seen.now, newest.clone()));
            seen.times = 0;
        }
        seen.times += 1;
        let change = self.orders.of(&order.to_string()).rotate_left(32) ^ version(&newest).get();
        match &seen.before {
            Some(before) if seen.times == 2 && self.strike.hits(change) => before.clone(),
            _ => newest,
        }
    }
}

impl AnswerPoint for OldReplica {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let newest = self.inner.details(rows, order).await?;
            Ok(self.answer(order, newest))
        })
    }
}
