//! `check-then-act`: what was decided on one state is written to another.
//!
//! The bug behind it: the version is compared when the order is loaded, and the append says "whatever the version".
//! In SQL the window between the two is a network away; here the writer waits as long.

use std::sync::Arc;

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::store::{Append, AppendError, Appended, EventStore, ExpectedVersion};

pub(super) const DEFECT: Defect = Defect {
    name: "check-then-act",
    summary: "between load and append nobody looks whether somebody else was faster",
    default_rate: Rate::Always,
    breaks: &["BR-5", "OC-3"],
    may_break: &["BR-1", "BR-2", "BR-4", "BR-6", "EC-3", "EC-4", "ID-3", "ID-5", "OC-1", "OC-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        append: Arc::new(CheckThenAct { strike, orders: Ordinals::default(), inner: points.append }),
        ..points
    },
};

#[derive(Debug)]
struct CheckThenAct {
    strike: Strike,
    orders: Ordinals,
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for CheckThenAct {
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
        let unguarded = Append { expected: ExpectedVersion::Any, ..append };
        Box::pin(async move {
            round_trip().await;
            self.inner.append(store, unguarded).await
        })
    }
}
