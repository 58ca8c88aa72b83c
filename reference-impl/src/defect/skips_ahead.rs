//! `skips-ahead`: while a read model catches up, the last event shows before those that came before it.
//!
//! The bug behind it: so that users see at once what they did, the last event is laid over a row that lags, whatever else that row has not
//! taken in yet. A moment later all is there, and nobody who looks at rest sees anything.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use super::ordinals::Ordinals;
use super::{AnswerPoint, AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::{OrderEvent, OrderId, money};
use crate::lock::lock;
use crate::projection::{At, OrderSummary, ReadRepository, items_after, status_after};
use crate::store::{Append, AppendError, Appended, EventStore, StoreError, Version};

pub(super) const DEFECT: Defect = Defect {
    name: "skips-ahead",
    summary: "while an order's details lag by several events, the last of them shows without the others, at one version in N",
    default_rate: Rate::one_in(2),
    breaks: &["EC-3"],
    may_break: &["RB-3"],
    shows: Shows::Lagging,
    install: |points, strike| {
        let last = Arc::new(Last::default());
        Points {
            append: Arc::new(Appending { last: Arc::clone(&last), inner: points.append }),
            answer: Arc::new(SkipsAhead { strike, orders: Ordinals::default(), last, inner: points.answer }),
            ..points
        }
    },
};

/// The last event of each order, and the version that it led to.
type Last = Mutex<HashMap<OrderId, (OrderEvent, Version)>>;

#[derive(Debug)]
struct Appending {
    last: Arc<Last>,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for Appending {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        let (order, event) = (append.order, append.events.last().map(|last| last.event.clone()));
        Box::pin(async move {
            let appended = self.inner.append(store, append).await?;
            if let Some(event) = event {
                lock(&self.last).insert(order, (event, appended.version));
            }
            Ok(appended)
        })
    }
}

#[derive(Debug)]
struct SkipsAhead {
    strike: Strike,
    orders: Ordinals,
    last: Arc<Last>,
    inner: Arc<dyn AnswerPoint>,
}

impl SkipsAhead {
    /// What is shown of an order whose row is this.
    fn row(&self, row: Arc<OrderSummary>) -> Arc<OrderSummary> {
        let Some((event, version)) = lock(&self.last).get(&row.order).cloned() else { return row };
        let change = self.orders.of(&row.order.to_string()).rotate_left(32) ^ version.get();
        if version.get() < row.version.get() + 2 || !self.strike.hits(change) {
            return row;
        }
        let items = items_after(&row.items, &event);
        let Some(total) = money::total(&items) else { return row };
        let status = status_after(row.status, &event);
        Arc::new(OrderSummary { status, item_count: items.len(), items, total, version, ..(*row).clone() })
    }
}

impl AnswerPoint for SkipsAhead {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let At { value, position } = self.inner.details(rows, order).await?;
            Ok(At { value: value.map(|row| self.row(row)), position })
        })
    }
}
