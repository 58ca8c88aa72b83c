//! `rebuild-publishes`: a rebuild does again what the events once led to.
//!
//! The bug behind it: the projection also sends what follows from an event (a mail, a command, another event), and a
//! rebuild replays that with the rest. Customers get last year's mails anew.

use std::sync::Arc;

use super::occasions::Occasions;
use super::{Defect, Points, Rate, Shows, Strike, SystemPoint};
use crate::domain::OrderEvent;
use crate::store::Position;
use crate::{BoxFuture, OrderSystem};

pub(super) const DEFECT: Defect = Defect {
    name: "rebuild-publishes",
    summary: "a rebuild writes an event to the order that was written to last",
    default_rate: Rate::Always,
    breaks: &["RB-2"],
    may_break: &[
        "BR-1", "BR-2", "BR-3", "BR-4", "BR-5", "BR-6", "CH-1", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3",
        "EC-4", "EC-5", "EV-6", "ID-1", "ID-2", "ID-3", "ID-4", "OC-1", "OC-3", "OC-4", "OC-5", "QS-3",
        "QS-4", "QS-5", "RB-1", "RB-3", "QS-1", "RB-4",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        system: Arc::new(RebuildPublishes { strike, rebuilds: Occasions::default(), inner: points.system }),
        ..points
    },
};

#[derive(Debug)]
struct RebuildPublishes {
    strike: Strike,
    rebuilds: Occasions,
    inner: Arc<dyn SystemPoint>,
}

impl SystemPoint for RebuildPublishes {
    fn inner(&self) -> Option<&dyn SystemPoint> {
        Some(&*self.inner)
    }

    fn after_rebuild<'a>(&'a self, system: &'a OrderSystem) -> Option<BoxFuture<'a, ()>> {
        if !self.strike.hits(self.rebuilds.next()) {
            return self.inner.after_rebuild(system);
        }
        Some(Box::pin(async move {
            let Ok(head) = system.head().await else { return };
            let before = Position::new(head.get().saturating_sub(1));
            if let Ok(events) = system.events(before, 1).await
                && let Some(last) = events.last()
            {
                // Takes out what isn't there: nothing but the version shows it.
                let again = OrderEvent::ItemRemoved { product: "".into() };
                let _ = system.seed_events(last.order, vec![again]).await;
            }
        }))
    }
}
