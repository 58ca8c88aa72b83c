//! `query-writes`: looking at an order changes it.
//!
//! The bug behind it: "last viewed" is kept in the thing that is viewed. Each look is a new version, and whoever was
//! about to write at the version that they had seen gets a conflict.

use std::any::Any;
use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, SystemPoint};
use crate::application::GetOrderDetails;
use crate::domain::OrderEvent;
use crate::{BoxFuture, OrderSystem};

pub(super) const DEFECT: Defect = Defect {
    name: "query-writes",
    summary: "asking for an order's details writes an event to it, one time in N",
    default_rate: Rate::one_in(4),
    breaks: &["QS-1"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "BR-6", "CH-1", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3",
        "EC-4", "EC-5", "EV-6", "ID-1", "ID-2", "ID-3", "ID-4", "OC-1", "OC-3", "OC-4", "OC-5", "QS-3",
        "QS-4", "QS-5", "RB-1", "RB-2", "RB-3", "EV-1",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        system: Arc::new(QueryWrites { strike, looks: Occasions::default(), inner: points.system }),
        ..points
    },
};

#[derive(Debug)]
struct QueryWrites {
    strike: Strike,
    looks: Occasions,
    inner: Arc<dyn SystemPoint>,
}

impl SystemPoint for QueryWrites {
    fn inner(&self) -> Option<&dyn SystemPoint> {
        Some(&*self.inner)
    }

    fn before_query<'a>(
        &'a self,
        system: &'a OrderSystem,
        query: &'a (dyn Any + Send + Sync),
    ) -> Option<BoxFuture<'a, ()>> {
        let Some(GetOrderDetails { order }) = query.downcast_ref::<GetOrderDetails>() else {
            return self.inner.before_query(system, query);
        };
        self.strike.hits(self.looks.next()).then(|| {
            Box::pin(async move {
                // Takes out what isn't there: nothing but the version shows it. An order that doesn't exist can't be
                // touched, and a look that lost a race leaves no trace.
                let touched = OrderEvent::ItemRemoved { product: "".into() };
                let _ = system.seed_events(*order, vec![touched]).await;
            }) as BoxFuture<'a, ()>
        })
    }
}
