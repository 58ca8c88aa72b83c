//! Drives one projection: in order, from its checkpoint, and anew when asked.

use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, MutexGuard, watch};

use super::{Projection, ProjectionError, Projector, ReadRepository, Rebuilt, Row};
use crate::BoxFuture;
use crate::defect::{DeliveryPoint, Inbox};
use crate::lock::{read, write};
use crate::store::{EventStore, Position, RecordedEvent, StoreError};

/// How many events are read from the log at a time.
const BATCH: usize = 256;
/// How often a task looks whether it may deliver, letting others run in between, before it queues.
const LOOKS: usize = 50;

/// One read model: its projection, its rows, and how far it has come.
#[derive(Debug)]
pub struct ReadModel<P: Projection> {
    projection: P,
    store: Arc<dyn EventStore>,
    delivery: Arc<dyn DeliveryPoint>,
    /// The repository that answers queries. A rebuild replaces it whole.
    current: RwLock<Arc<P::Repository>>,
    /// Held by whoever delivers, so that events are taken in one by one and in order.
    turn: Mutex<()>,
    progress: watch::Sender<Position>,
}

impl<P: Projection> ReadModel<P> {
    /// An empty read model of what `store` holds; events reach it through `delivery`.
    pub fn new(projection: P, store: Arc<dyn EventStore>, delivery: Arc<dyn DeliveryPoint>) -> Self {
        Self {
            current: RwLock::new(projection.empty()),
            projection,
            store,
            delivery,
            turn: Mutex::new(()),
            progress: watch::Sender::new(Position::START),
        }
    }

    /// The repository that answers queries now. Ask for it anew for each query.
    pub fn repository(&self) -> Arc<P::Repository> {
        Arc::clone(&read(&self.current))
    }

    async fn deliver_up_to(&self, upto: Position) -> Result<(), ProjectionError> {
        // Somebody else may have been here first: that is known without waiting for a turn.
        if *self.progress.borrow() >= upto {
            return Ok(());
        }
        let _turn = self.take_turn().await;
        let mut at = *self.progress.borrow();
        while at < upto {
            let events = self.batch(at, upto).await.map_err(failed::<P>)?;
            let Some(last) = events.last() else { break };
            for event in &events {
                self.delivery.deliver(event, self).await?;
            }
            at = last.position;
            self.progress.send_replace(at);
        }
        Ok(())
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
        let aside = self.projection.empty();
        // Most of the log is taken in while deliveries go on; only the rest makes them wait.
        let reached = *self.progress.borrow();
        self.fold(&aside, Position::START, reached).await?;
        if let Some(meanwhile) = self.delivery.meanwhile() {
            meanwhile.await;
        }
        let _turn = self.take_turn().await;
        let position = self.repository().checkpoint().await?;
        self.fold(&aside, reached, self.delivery.taken_in_up_to(reached, position)).await?;
        aside.advance(position).await?;
        *write(&self.current) = aside;
        Ok(Rebuilt { read_model: P::NAME, position })
    }

    async fn fold(&self, into: &P::Repository, after: Position, upto: Position) -> Result<(), StoreError> {
        let mut at = after;
        while at < upto {
            let events = self.batch(at, upto).await?;
            let Some(last) = events.last() else { break };
            for event in &events {
                if self.delivery.replays(event) {
                    self.take_in(into, event).await?;
                } else {
                    into.advance(event.position).await?;
                }
            }
            at = last.position;
        }
        Ok(())
    }

    /// The next events after `at`, none beyond `upto`: positions have no gaps.
    async fn batch(&self, at: Position, upto: Position) -> Result<Vec<Arc<RecordedEvent>>, StoreError> {
        let wanted = usize::try_from(upto.get() - at.get()).unwrap_or(BATCH).min(BATCH);
        self.store.read_all(at, wanted).await
    }

    /// Takes one event in. At-least-once delivery is enough: what the row has taken in already is
    /// recognised by its position (the idempotent receiver of Hohpe and Woolf, "Enterprise
    /// Integration Patterns", 2003).
    async fn take_in(&self, repository: &P::Repository, event: &RecordedEvent) -> Result<(), StoreError> {
        let row = repository.find(event.order).await?.value;
        if row.as_ref().is_some_and(|row| event.position <= row.applied()) {
            return repository.advance(event.position).await;
        }
        match self.projection.project(row.as_deref(), event).await? {
            Some(row) => repository.put(row, event.position).await,
            None => repository.advance(event.position).await,
        }
    }
}

impl<P: Projection> Inbox for ReadModel<P> {
    fn apply<'a>(&'a self, event: &'a RecordedEvent) -> BoxFuture<'a, Result<(), ProjectionError>> {
        Box::pin(async move {
            let repository = self.repository();
            self.take_in(&repository, event).await.map_err(failed::<P>)
        })
    }

    fn skip(&self, position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        Box::pin(async move { self.repository().advance(position).await.map_err(failed::<P>) })
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
