//! `key-after-effect`: the idempotency key is written after the effect, in a transaction of its own.
//!
//! The bug behind it: the key lives in another store (a cache, most often), and is put there once the command is
//! through. A crash in between leaves an effect without its key, and the client's retry makes it twice.

use std::sync::Arc;

use reference_impl::BoxFuture;

use super::away::round_trip;
use super::registry::Needs;
use super::{StoreDefect, StorePoint};
use crate::plan::Plan;

pub(super) const DEFECT: StoreDefect = StoreDefect {
    name: "key-after-effect",
    summary: "a command's idempotency key is written in a transaction after that of its effect",
    breaks: &["ID-5", "FT-2"],
    needs: Needs::Nothing,
    install: |inner| Arc::new(KeyAfterEffect { inner }),
};

#[derive(Debug)]
struct KeyAfterEffect {
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for KeyAfterEffect {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn parts(&self, plan: Plan) -> Vec<Plan> {
        let mut parts = self.inner.parts(plan);
        let head = parts.last().map(|last| last.head).unwrap_or_default();
        let keys: Vec<_> = parts.iter_mut().flat_map(|part| std::mem::take(&mut part.keys)).collect();
        if !keys.is_empty() {
            parts.push(Plan { keys, head, ..Plan::default() });
        }
        parts
    }

    fn between(&self) -> BoxFuture<'_, ()> {
        Box::pin(round_trip())
    }
}
