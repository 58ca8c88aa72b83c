//! `ignore-key`: the idempotency key is dropped on the way in.
//!
//! The bug behind it: a gateway that forwards only the headers it knows. Every retry is a command
//! of its own.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{Defect, KeyPoint, Points, Rate, Shows, Strike};
use crate::application::IdempotencyKey;

pub(super) const DEFECT: Defect = Defect {
    name: "ignore-key",
    summary: "the idempotency key is ignored, so that a retry takes effect again",
    default_rate: Rate::Always,
    breaks: &["ID-1", "ID-2", "ID-3", "ID-5"],
    may_break: &["BR-5", "BR-6", "OC-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        key: Arc::new(IgnoreKey { strike, keys: Ordinals::default(), inner: points.key }),
        ..points
    },
};

#[derive(Debug)]
struct IgnoreKey {
    strike: Strike,
    keys: Ordinals,
    inner: Arc<dyn KeyPoint>,
}

impl KeyPoint for IgnoreKey {
    fn inner(&self) -> Option<&dyn KeyPoint> {
        Some(&*self.inner)
    }

    fn incoming(&self, key: Option<IdempotencyKey>) -> Option<IdempotencyKey> {
        // By the key itself: a retry fares as the first attempt did.
        let kept = key.filter(|key| !self.strike.hits(self.keys.of(key.as_str())));
        self.inner.incoming(kept)
    }
}
