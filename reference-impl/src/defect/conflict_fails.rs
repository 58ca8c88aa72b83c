//! `conflict-fails`: a race is answered with a 5xx.
//!
//! The bug behind it: the database's "could not serialize access" (SQLSTATE 40001) is one more exception that nobody
//! catches. It needs two at once, so no test on the developer's machine has ever seen it.

use std::sync::Arc;

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{Append, AppendError, Appended, EventStore, StoreError};

pub(super) const DEFECT: Defect = Defect {
    name: "conflict-fails",
    summary: "a writer who was slower than another gets a failure",
    default_rate: Rate::Always,
    breaks: &["CH-5"],
    may_break: &["BR-3", "BR-5", "EC-4", "ID-3", "OC-3", "OC-4", "OC-5", "RB-3"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        append: Arc::new(ConflictFails { strike, orders: Ordinals::default(), inner: points.append }),
        ..points
    },
};

#[derive(Debug)]
struct ConflictFails {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for ConflictFails {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        if !self.strike.hits(self.orders.of(&append.order.to_string())) {
            return self.inner.append(store, append);
        }
        Box::pin(async move {
            // The window between load and append, as with a network in between.
            round_trip().await;
            self.inner.append(store, append).await.map_err(|error| match error {
                AppendError::Conflict(conflict) => {
                    let reason = format!("could not serialize access: {conflict}");
                    StoreError::Unavailable { reason }.into()
                }
                other => other,
            })
        })
    }
}
