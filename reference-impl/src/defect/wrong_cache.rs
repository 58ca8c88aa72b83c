//! `wrong-cache`: an order is shown with somebody else's items.
//!
//! The bug behind it: part of an answer is cached under a key that leaves out what it depends on, or in a field of a
//! controller that two requests share. No command ever put those items there.

use std::sync::{Arc, Mutex};

use super::occasions::Occasions;
use super::{AnswerPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::lock::lock;
use crate::projection::{At, OrderSummary, ReadRepository};
use crate::store::StoreError;

pub(super) const DEFECT: Defect = Defect {
    name: "wrong-cache",
    summary: "one answer in N shows the items of the order that was asked for before",
    default_rate: Rate::one_in(5),
    breaks: &["EC-3"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "BR-6", "CV-1", "CV-2", "EC-1", "EC-2", "EC-4", "EC-5",
        "ID-1", "ID-3", "ID-4", "OC-1", "OC-3", "OC-5", "QS-1", "RB-1", "RB-3",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        answer: Arc::new(WrongCache {
            strike,
            readings: Occasions::default(),
            cached: Mutex::default(),
            inner: points.answer,
        }),
        ..points
    },
};

#[derive(Debug)]
struct WrongCache {
    strike: Strike,
    readings: Occasions,
    cached: Mutex<Option<Arc<OrderSummary>>>,
    inner: Arc<dyn AnswerPoint>,
}

impl AnswerPoint for WrongCache {
    fn inner(&self) -> Option<&dyn AnswerPoint> {
        Some(&*self.inner)
    }

    fn details<'a>(
        &'a self,
        rows: &'a dyn ReadRepository<OrderSummary>,
        order: OrderId,
    ) -> BoxFuture<'a, Result<At<Option<Arc<OrderSummary>>>, StoreError>> {
        Box::pin(async move {
            let mut found = self.inner.details(rows, order).await?;
            let Some(own) = &found.value else { return Ok(found) };
            let cached = lock(&self.cached).replace(Arc::clone(own));
            if self.strike.hits(self.readings.next())
                && let Some(other) = cached.filter(|other| other.order != order)
            {
                found.value = Some(Arc::new(OrderSummary {
                    items: other.items.clone(),
                    total: other.total,
                    item_count: other.item_count,
                    ..OrderSummary::clone(own)
                }));
            }
            Ok(found)
        })
    }
}
