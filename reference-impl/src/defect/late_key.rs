//! `late-key`: a key is known only once its command is through.
//!
//! The bug behind it: the outcome is stored under the key at the end, and looked up at the beginning. A retry after
//! the answer is safe; two clicks at once are two commands.

use std::sync::Arc;

use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, KeyPoint, Points, Rate, Shows, Strike};
use crate::BoxFuture;
use crate::application::IdempotencyKey;
use crate::domain::{OrderCommand, OrderId};
use crate::store::{Append, AppendError, Appended, ExpectedVersion, RecordedEvent, TamperableStore, Version};

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
    fn incoming(&self, key: Option<IdempotencyKey>) -> Option<IdempotencyKey> {
        self.inner.incoming(key)
    }

    fn remembered(&self, key: IdempotencyKey, order: OrderId, command: &OrderCommand) -> IdempotencyKey {
        self.inner.remembered(key, order, command)
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
    fn known(&self, stream: &[Arc<RecordedEvent>]) -> usize {
        self.inner.known(stream)
    }

    fn admits(&self, order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        self.inner.admits(order, expected, actual)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn TamperableStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        Box::pin(async move {
            tokio::task::yield_now().await;
            self.inner.append(store, append).await
        })
    }
}
