//! `outbox-outside`: the messages are written after the change, in a transaction of their own.
//!
//! The bug behind it: "save, then publish". Between the two there is a crash, or a broker that is away, and the read side
//! never hears of what has happened (the dual write that an outbox is there to do away with).

use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::store::Position;

use super::away::round_trip;
use super::registry::Needs;
use super::{StoreDefect, StorePoint};
use crate::plan::Plan;

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "outbox-outside",
    summary: "the messages of a change are written to the outbox in a transaction after that of the change",
    breaks: &["EC-1", "FT-2", "FT-4"],
    needs: Needs::Outbox,
    install: |inner| Arc::new(OutboxOutside { inner }),
};

#[derive(Debug)]
struct OutboxOutside {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for OutboxOutside {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn parts(&self, plan: Plan) -> Vec<Plan> {
        let mut parts = Vec::new();
        for mut part in self.inner.parts(plan) {
            if part.events.is_empty() {
                parts.push(part);
                continue;
            }
            let messages =
                Plan { events: std::mem::take(&mut part.events), head: part.head, ..Plan::default() };
            part.head = Position::new(part.head.get() - messages.events.len() as u64);
            parts.extend([part, messages]);
        }
        parts
    }

    fn between(&self) -> BoxFuture<'_, ()> {
        Box::pin(round_trip())
    }
}
