//! `stale-cache`: an order's old state is shown as if it were the present one.
//!
//! The bug behind it: rows are cached under the order alone, without its version, and the position that goes with an answer is read from
//! the checkpoint. Whoever holds the position of their write against it believes what they see.

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
    name: "stale-cache",
    summary: "after one change in N an order is shown twice as it was before, at the position that has the change",
    default_rate: Rate::one_in(2),
    breaks: &["SG-1", "SG-5"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "BR-6", "CH-2", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3",
        "EC-4", "EC-5", "ID-1", "ID-3", "ID-4", "OC-1", "OC-3", "OC-5", "QS-1", "QS-4", "RB-1", "RB-3",
    ],
    shows: Shows::Lagging,
    install: |points, strike| Points {
        answer: Arc::new(StaleCache {
            strike,
            orders: Ordinals::default(),
            cached: Mutex::default(),
            inner: points.answer,
        }),
        ..points
    },
};

/// How often a row is shown that is out of date.
const TIMES: u64 = 2;

#[derive(Debug)]
struct StaleCache {
    strike: Strike,
    orders: Ordinals,
    cached: Mutex<HashMap<OrderId, Cached>>,
    inner: Arc<dyn AnswerPoint>,
}

type Row = Option<Arc<OrderSummary>>;

/// What the cache has of one order.
#[derive(Debug)]
struct Cached {
    row: Row,
    /// How often it was shown out of date.
    times: u64,
}

impl StaleCache {
    /// What is shown of an order, `newest` being what there is.
    fn row(&self, order: OrderId, newest: Row) -> Row {
        let version = |row: &Row| row.as_ref().map_or(Version::START, |row| row.version);
        let mut cached = lock(&self.cached);
        let cached = cached.entry(order).or_insert_with(|| Cached { row: newest.clone(), times: 0 });
        let change = self.orders.of(&order.to_string()).rotate_left(32) ^ version(&newest).get();
        let is_old = version(&cached.row) != version(&newest);
        if is_old && cached.times < TIMES && self.strike.hits(change) {
            cached.times += 1;
        } else {
            *cached = Cached { row: newest, times: 0 };
        }
        cached.row.clone()
    }
}

impl AnswerPoint for StaleCache {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Row>, StoreError>> {
        Box::pin(async move {
            let At { value, position } = self.inner.details(rows, order).await?;
            Ok(At { value: self.row(order, value), position })
        })
    }
}
