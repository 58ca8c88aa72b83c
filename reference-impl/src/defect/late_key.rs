//! `late-key`: a key is known only once its command is through.
//!
//! The bug behind it: the outcome is stored under the key at the end, and looked up at the beginning. A retry after
//! the answer is safe; two clicks at once are two commands.

use std::sync::Arc;

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, KeyPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::application::IdempotencyKey;
use crate::store::{Append, AppendError, Appended, EventStore};

pub(super) const DEFECT: Defect = Defect {
    name: "late-key",
    summary: "a key is recorded only after its command, so that duplicates at the same time all take effect",
    default_rate: Rate::Always,
    breaks: &["ID-3"],
    may_break: &["BR-5", "BR-6", "ID-1", "ID-5", "OC-5"],
    shows: Shows::Anywhere,
    install: |points, strike| Points {
        key: Arc::new(LateKey { strike, keys: Ordinals::default(), inner: points.key }),
        append: Arc::new(SlowAppend { inner: points.append }),
        ..points
    },
};

#[derive(Debug)]
struct LateKey {
    strike: Strike,
    keys: Ordinals,
    inner: Arc<dyn KeyPoint>,
}

impl KeyPoint for LateKey {
    fn inner(&self) -> Option<&dyn KeyPoint> {
        Some(&*self.inner)
    }

    fn waits(&self, key: &IdempotencyKey) -> bool {
        !self.strike.hits(self.keys.of(key.as_str())) && self.inner.waits(key)
    }
}

/// An append takes as long as it takes for a duplicate to come in.
#[derive(Debug)]
struct SlowAppend {
    inner: Arc<dyn AppendPoint>,
}

impl AppendPoint for SlowAppend {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        Box::pin(async move {
            round_trip().await;
            self.inner.append(store, append).await
        })
    }
}
