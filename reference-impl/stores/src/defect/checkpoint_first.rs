//! `checkpoint-first`: a read model's checkpoint is committed before its rows.
//!
//! The bug behind it: a consumer that commits its offset when it has read a message, and not when it has dealt with it
//! (Kafka's `enable.auto.commit` does so by the clock). A crash in between, or rows that can't be written, and the message
//! is never seen again: delivery is at most once.

use std::sync::Arc;

use reference_impl::BoxFuture;

use super::away::round_trip;
use super::registry::Needs;
use super::{StoreDefect, StorePoint};

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "checkpoint-first",
    summary: "a read model's checkpoint is committed before the rows that it stands for",
    breaks: &["EC-1", "FT-2", "FT-4"],
    needs: Needs::Events,
    install: |inner| Arc::new(CheckpointFirst { inner }),
};

#[derive(Debug)]
struct CheckpointFirst {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for CheckpointFirst {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn checkpoint_first(&self) -> bool {
        true
    }

    fn between(&self) -> BoxFuture<'_, ()> {
        Box::pin(round_trip())
    }
}
