//! `relayed-twice`: each message of the outbox is handed on twice, and the second time it is a new one.
//!
//! The bug behind it: a relay sends a message, and crashes before it has marked it as sent; so it sends it again.
//! That is as it must be, at least once; but the broker gives the copy an offset of its own, and whoever takes offsets
//! for the identity of messages takes it in once more.

use std::sync::Arc;

use reference_impl::store::RecordedEvent;

use super::registry::Needs;
use super::{StoreDefect, StorePoint};
use crate::plan::Plan;

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "relayed-twice",
    summary: "each message of the outbox reaches readers twice, at two positions",
    breaks: &["EC-1", "EV-1"],
    needs: Needs::Outbox,
    install: |inner| Arc::new(RelayedTwice { inner }),
};

/// A sound outbox has each message once.
const TWICE: &str = "
    DROP INDEX IF EXISTS outbox_versions;
    DROP INDEX IF EXISTS outbox_event_ids;
    CREATE INDEX IF NOT EXISTS outbox_by_order ON outbox (order_id, version)";

#[derive(Debug)]
struct RelayedTwice {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for RelayedTwice {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn parts(&self, plan: Plan) -> Vec<Plan> {
        let mut parts = self.inner.parts(plan);
        let head = parts.last().map(|last| last.head).unwrap_or_default();
        let sent: Vec<_> = parts.iter().flat_map(|part| part.events.iter().cloned()).collect();
        let mut again = Plan { head, ..Plan::default() };
        for message in sent {
            again.head = again.head.next();
            again.events.push(Arc::new(RecordedEvent { position: again.head, ..(*message).clone() }));
        }
        if !again.events.is_empty() {
            parts.push(again);
        }
        parts
    }

    fn opening(&self) -> Vec<&'static str> {
        let mut opening = self.inner.opening();
        opening.push(TWICE);
        opening
    }
}
