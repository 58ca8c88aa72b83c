//! An event store with the weaknesses of a real one.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use reference_impl::BoxFuture;
use reference_impl::domain::OrderId;
use reference_impl::store::{
    ActorKey, Append, AppendError, Appended, CommandKey, Conflict, EventStore, InMemoryEventStore,
    KeptOutcome, KeyStore, Position, RecordedEvent, Refused, StoreError, Version,
};
use tokio::sync::{Semaphore, watch};
use tokio::task::yield_now;

/// A store that fails so many times, and lets an append through only where there is a permit. Between
/// a load and an append it lets others go first, as a store at the end of a network does.
#[derive(Debug)]
pub(crate) struct Flaky {
    inner: InMemoryEventStore,
    pub(crate) failing_appends: AtomicUsize,
    pub(crate) failing_feeds: AtomicUsize,
    pub(crate) permits: Semaphore,
    contended: AtomicBool,
    waiting: AtomicUsize,
}

impl Flaky {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            inner: InMemoryEventStore::new(),
            failing_appends: AtomicUsize::new(0),
            failing_feeds: AtomicUsize::new(0),
            permits: Semaphore::new(1000),
            contended: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
        })
    }

    /// From now on somebody else is always faster: every append comes too late.
    #[cfg(feature = "http")]
    pub(crate) fn contend(&self) {
        self.contended.store(true, Ordering::SeqCst);
    }

    /// How many appends wait for a permit.
    #[cfg(feature = "http")]
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    fn fails(counter: &AtomicUsize) -> Result<(), StoreError> {
        match counter.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)) {
            Ok(_) => Err(StoreError::Unavailable { reason: "on purpose".to_owned() }),
            Err(_) => Ok(()),
        }
    }
}

impl EventStore for Flaky {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            yield_now().await;
            self.waiting.fetch_add(1, Ordering::SeqCst);
            let _permit = self.permits.acquire().await;
            self.waiting.fetch_sub(1, Ordering::SeqCst);
            Self::fails(&self.failing_appends)?;
            if self.contended.load(Ordering::SeqCst) {
                let Append { order, expected, .. } = append;
                let actual = expected.named().unwrap_or_default().next();
                return Err(Conflict { order, expected, actual }.into());
            }
            self.inner.append(append).await
        })
    }

    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        self.inner.read_stream(order, after)
    }

    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move {
            Self::fails(&self.failing_feeds)?;
            self.inner.read_all(after, limit).await
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        self.inner.head()
    }

    fn subscribe(&self) -> watch::Receiver<Position> {
        self.inner.subscribe()
    }
}

impl KeyStore for Flaky {
    fn find<'a>(&'a self, key: &'a ActorKey) -> BoxFuture<'a, Result<Option<KeptOutcome>, StoreError>> {
        self.inner.find(key)
    }

    fn keep(&self, key: CommandKey, refused: Refused) -> BoxFuture<'_, Result<KeptOutcome, StoreError>> {
        self.inner.keep(key, refused)
    }
}
