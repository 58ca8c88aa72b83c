//! Drives one projection: in order, from its checkpoint, and anew when asked.

use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, MutexGuard, OnceCell, watch};

use super::batch::Batch;
use super::stamp::stamp;
use super::{
    Fold, Generation, Generations, InMemoryGenerations, Projection, ProjectionError, ProjectionStamp,
    Projector, ReadRepository, Rebuilt,
};
use crate::BoxFuture;
use crate::defect::{DeliveryPoint, Inbox};
use crate::lock::{read, write};
use crate::store::{EventStore, Position, RecordedEvent, StoreError};

/// How many events are read from the log at a time.
const BATCH: usize = 256;
/// How many of them for a rebuild: nobody waits for the first of them, and a row is written once for all of
/// its events in the batch.
const REBUILD_BATCH: usize = 4096;
/// How often a task looks whether it may deliver, letting others run in between, before it queues.
const LOOKS: usize = 50;

/// Why a read model can't go on from what is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// What is kept was made by a projection of the same version that makes other rows.
    #[error(
        "the projection of {read_model} was changed, but its version is still {version}: raise it, so that \
         the read model is built anew"
    )]
    Changed {
        /// Which.
        read_model: &'static str,
        /// The version of both.
        version: u32,
    },
    /// The store or the projection failed.
    #[error(transparent)]
    Failed(#[from] ProjectionError),
}

/// One read model: its projection, its rows, and how far it has come.
#[derive(Debug)]
pub struct ReadModel<P: Projection> {
    projection: P,
    /// What says which projection this is, once somebody wants to know.
    stamp: OnceCell<ProjectionStamp>,
    store: Arc<dyn EventStore>,
    delivery: Arc<dyn DeliveryPoint>,
    generations: Arc<dyn Generations<P::Row, P::Repository>>,
    /// The repository that answers queries. A rebuild replaces it whole.
    current: RwLock<Arc<P::Repository>>,
    /// Held by whoever takes over what another process has built.
    adopting: Mutex<()>,
    /// Held by whoever delivers, so that events are taken in one by one and in order.
    turn: Mutex<()>,
    /// Held by whoever rebuilds.
    building: Mutex<()>,
    /// Whether the rows are kept where others may come and go.
    shared: bool,
    progress: watch::Sender<Position>,
}

impl<P: Projection> ReadModel<P> {
    /// An empty read model in memory of what `store` holds; events reach it through `delivery`.
    pub fn new(projection: P, store: Arc<dyn EventStore>, delivery: Arc<dyn DeliveryPoint>) -> Self {
        let generations = Arc::new(InMemoryGenerations::new(P::empty));
        let (rows, stamp) = (P::empty(), OnceCell::new());
        Self::over(projection, store, delivery, generations, rows, Position::START, stamp)
    }

    /// A read model whose rows are kept in `generations`. It goes on from the checkpoint that is kept
    /// with them. Where nothing is kept yet, or what a projection of another version has made, it is
    /// built from the log first, beside what is there.
    ///
    /// # Errors
    /// [`OpenError::Changed`] if the projection makes other rows than one of its own version did.
    pub async fn open(
        projection: P,
        store: Arc<dyn EventStore>,
        delivery: Arc<dyn DeliveryPoint>,
        generations: Arc<dyn Generations<P::Row, P::Repository>>,
    ) -> Result<Self, OpenError> {
        let stamp = stamp::<P>().await.map_err(failed::<P>)?;
        if let Some(kept) = generations.current().await.map_err(failed::<P>)? {
            if kept.stamp == stamp {
                let checkpoint = kept.rows.checkpoint().await.map_err(failed::<P>)?;
                let (rows, stamp) = (kept.rows, OnceCell::new_with(Some(stamp)));
                let kept = Self::over(projection, store, delivery, generations, rows, checkpoint, stamp);
                return Ok(Self { shared: true, ..kept });
            }
            if kept.stamp.version == stamp.version {
                return Err(OpenError::Changed { read_model: P::NAME, version: stamp.version });
            }
        }
        let anew = generations.begin(stamp).await.map_err(failed::<P>)?;
        let (id, rows) = (anew.id, anew.rows);
        let stamp = OnceCell::new_with(Some(stamp));
        let built = Self::over(projection, store, delivery, generations, rows, Position::START, stamp);
        let built = Self { shared: true, ..built };
        let head = built.store.head().await.map_err(failed::<P>)?;
        built.fold(&built.repository(), Position::START, head).await.map_err(failed::<P>)?;
        built.generations.swap_in(id, &built).await.map_err(failed::<P>)?;
        built.reached(head);
        Ok(built)
    }

    fn over(
        projection: P,
        store: Arc<dyn EventStore>,
        delivery: Arc<dyn DeliveryPoint>,
        generations: Arc<dyn Generations<P::Row, P::Repository>>,
        rows: Arc<P::Repository>,
        checkpoint: Position,
        stamp: OnceCell<ProjectionStamp>,
    ) -> Self {
        Self {
            projection,
            stamp,
            store,
            delivery,
            generations,
            current: RwLock::new(rows),
            adopting: Mutex::new(()),
            turn: Mutex::new(()),
            building: Mutex::new(()),
            shared: false,
            progress: watch::Sender::new(checkpoint),
        }
    }

    /// The repository that answers queries now. Ask for it anew for each query.
    pub fn repository(&self) -> Arc<P::Repository> {
        Arc::clone(&read(&self.current))
    }

    /// What the repository that answers queries says to `ask`. If it is replaced meanwhile, its successor is asked.
    ///
    /// # Errors
    /// What the repository fails with, or that its successor can't be used here.
    pub async fn answer<'a, T>(
        &'a self,
        ask: impl Fn(Arc<P::Repository>) -> BoxFuture<'a, Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut rows = self.repository();
        loop {
            match ask(Arc::clone(&rows)).await {
                Err(StoreError::Replaced { .. }) => rows = self.successor(&rows).await?,
                outcome => return outcome,
            }
        }
    }

    /// The repository that answers in place of `replaced`.
    async fn successor(&self, replaced: &Arc<P::Repository>) -> Result<Arc<P::Repository>, StoreError> {
        let _adopting = self.adopting.lock().await;
        let current = self.repository();
        if !Arc::ptr_eq(&current, replaced) {
            return Ok(current);
        }
        let unusable = |what| StoreError::Unavailable { reason: format!("{}: {what}", P::NAME) };
        let found = self.generations.current().await?;
        let found = found.ok_or_else(|| unusable("there are no rows any more"))?;
        if found.stamp != self.stamp().await? {
            return Err(unusable("another version of this program has built it anew"));
        }
        *write(&self.current) = Arc::clone(&found.rows);
        Ok(found.rows)
    }

    async fn stamp(&self) -> Result<ProjectionStamp, StoreError> {
        self.stamp.get_or_try_init(stamp::<P>).await.copied()
    }

    async fn deliver_up_to(&self, upto: Position) -> Result<(), ProjectionError> {
        // Somebody else may have been here first: that is known without waiting for a turn.
        if *self.progress.borrow() >= upto {
            return Ok(());
        }
        let _turn = self.take_turn().await;
        let mut rows = self.repository();
        loop {
            match self.deliver_to(&rows, upto).await {
                // Whoever has replaced them may have come further, with other rows.
                Err(ProjectionError { source: StoreError::Replaced { .. }, .. }) => {
                    rows = self.successor(&rows).await.map_err(failed::<P>)?;
                }
                outcome => return outcome,
            }
        }
    }

    /// Delivers what comes after the checkpoint to `rows`.
    async fn deliver_to(&self, rows: &P::Repository, upto: Position) -> Result<(), ProjectionError> {
        // Others may have brought the rows further; or a server has crashed, and lost what it needn't keep.
        let mut at =
            if self.shared { rows.checkpoint().await.map_err(failed::<P>)? } else { *self.progress.borrow() };
        while at < upto {
            let events = self.batch(at, upto, BATCH).await.map_err(failed::<P>)?;
            let (Some(first), Some(last)) = (events.first(), events.last()) else { return Ok(()) };
            self.deliver(first, &events, rows).await?;
            at = last.position;
        }
        self.reached(at);
        Ok(())
    }

    /// Delivers one event after the other, and keeps what came of them. Where one fails, what came
    /// before it is kept.
    async fn deliver(
        &self,
        first: &RecordedEvent,
        events: &[Arc<RecordedEvent>],
        repository: &P::Repository,
    ) -> Result<(), ProjectionError> {
        let batch = Batch::over(&self.projection, repository, first.order, events).await;
        let batch = batch.map_err(failed::<P>)?;
        let mut outcome = Ok(());
        for event in events {
            outcome = self.delivery.deliver(event, &batch).await;
            if outcome.is_err() {
                break;
            }
        }
        let at = batch.keep(repository).await.map_err(failed::<P>)?;
        self.reached(at);
        outcome
    }

    /// Waits until nobody else delivers. The queue of the lock is fair: once a task sleeps in it,
    /// everybody who comes later has to wait for that task to wake up, which takes much longer
    /// than a delivery in memory does. So it is worth a few looks before queueing up.
    async fn take_turn(&self) -> MutexGuard<'_, ()> {
        for _ in 0..LOOKS {
            if let Ok(turn) = self.turn.try_lock() {
                return turn;
            }
            tokio::task::yield_now().await;
        }
        self.turn.lock().await
    }

    async fn build_anew(&self) -> Result<Rebuilt, StoreError> {
        // One at a time: each generation that is begun clears away those left unfinished.
        let _building = self.building.lock().await;
        let Generation { id, rows: aside, .. } = self.generations.begin(self.stamp().await?).await?;
        // Most of the log is taken in while deliveries go on; only the rest makes them wait.
        let reached = *self.progress.borrow();
        self.fold(&aside, Position::START, reached).await?;
        if let Some(meanwhile) = self.delivery.meanwhile() {
            meanwhile.await;
        }
        let _turn = self.take_turn().await;
        let position = self.answer(|rows| Box::pin(async move { rows.checkpoint().await })).await?;
        self.fold(&aside, reached, self.delivery.taken_in_up_to(reached, position)).await?;
        aside.put(Vec::new(), position).await?;
        self.generations.swap_in(id, self).await?;
        *write(&self.current) = aside;
        self.reached(position);
        Ok(Rebuilt { read_model: P::NAME, position })
    }

    async fn fold(&self, into: &P::Repository, after: Position, upto: Position) -> Result<(), StoreError> {
        let mut at = after;
        while at < upto {
            let events = self.batch(at, upto, REBUILD_BATCH).await?;
            let (Some(first), Some(last)) = (events.first(), events.last()) else { break };
            let batch = Batch::over(&self.projection, into, first.order, &events).await?;
            for event in &events {
                if self.delivery.replays(event) {
                    batch.take_in(event).await?;
                } else {
                    batch.pass(event.position);
                }
            }
            batch.keep(into).await?;
            at = last.position;
        }
        Ok(())
    }

    /// The next events after `at`, none beyond `upto`: positions have no gaps.
    async fn batch(
        &self,
        at: Position,
        upto: Position,
        most: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let wanted = usize::try_from(upto.get() - at.get()).unwrap_or(most).min(most);
        self.store.read_all(at, wanted).await
    }
}

impl<P: Projection> Fold<P::Row> for ReadModel<P> {
    fn fold<'a>(
        &'a self,
        made_by: ProjectionStamp,
        rows: Vec<Arc<P::Row>>,
        events: &'a [Arc<RecordedEvent>],
    ) -> BoxFuture<'a, Result<Vec<Arc<P::Row>>, StoreError>> {
        Box::pin(async move {
            if made_by != self.stamp().await? {
                let reason = format!("another version of this program has folded {}", P::NAME);
                return Err(StoreError::Unavailable { reason });
            }
            let Some(first) = events.first() else { return Ok(Vec::new()) };
            let batch = Batch::with(&self.projection, first.order, rows, events);
            for event in events {
                self.delivery.deliver(event, &batch).await.map_err(|error| error.source)?;
            }
            Ok(batch.changed().0)
        })
    }

    fn events_after(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        self.store.read_all(after, limit)
    }

    fn reached(&self, position: Position) {
        self.progress.send_if_modified(|progress| {
            let news = position > *progress;
            *progress = position.max(*progress);
            news
        });
    }
}

impl<P: Projection> Inbox for ReadModel<P> {
    fn apply<'a>(&'a self, event: &'a RecordedEvent) -> BoxFuture<'a, Result<(), ProjectionError>> {
        Box::pin(async move {
            let repository = self.repository();
            let batch = Batch::over(&self.projection, &repository, event.order, &[]).await;
            let batch = batch.map_err(failed::<P>)?;
            batch.apply(event).await?;
            batch.keep(&repository).await.map_err(failed::<P>)?;
            Ok(())
        })
    }

    fn skip(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        Box::pin(async move { self.repository().put(Vec::new(), position).await.map_err(failed::<P>) })
    }
}

impl<P: Projection> Projector for ReadModel<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn progress(&self) -> watch::Receiver<Position> {
        self.progress.subscribe()
    }

    fn catch_up(&self, upto: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        Box::pin(self.deliver_up_to(upto))
    }

    fn rebuild(&self) -> BoxFuture<'_, Result<Rebuilt, ProjectionError>> {
        Box::pin(async move { self.build_anew().await.map_err(failed::<P>) })
    }
}

fn failed<P: Projection>(source: StoreError) -> ProjectionError {
    ProjectionError { read_model: P::NAME, source }
}
