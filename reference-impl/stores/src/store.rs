//! The event store and its keys over any database.
//!
//! All that is written goes through one task: it takes what has come in while the last transaction
//! was under way, and writes that in the next one. So a commit to disk is paid for once by as many
//! commands as there are at the moment ("group commit": `DeWitt` et al., "Implementation Techniques for
//! Main Memory Database Systems", SIGMOD 1984), and no two of them can deadlock.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, Weak};
use std::time::Duration;

use reference_impl::BoxFuture;
use reference_impl::domain::{Order, OrderId};
use reference_impl::store::{
    ActorKey, Append, AppendError, Appended, CommandKey, EventStore, KeptOutcome, KeyStore, OrderStates,
    Position, RecordedEvent, Refused, StoreError, Version, Versioned, WriteSide,
};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use crate::error::DEADLINE;
use crate::options::WriteModel;
use crate::plan::{Answer, Plan, Request};
use crate::state::OrderState;
use crate::tail::Tail;

/// How many requests one transaction takes.
const BATCH: usize = 256;
/// How many wait before whoever brings the next one has to.
const QUEUE: usize = 1024;

/// A database that keeps events and keys.
pub(crate) trait Database: Send + Sync + 'static {
    /// Writes what the requests lead to in one transaction, which is on disk when this returns. Gives
    /// what was written.
    fn commit(&self, requests: &[Request]) -> impl Future<Output = Result<Plan, StoreError>> + Send;

    /// Whether one transaction is over before the next begins, in this process.
    fn one_at_a_time(&self) -> bool;

    /// See [`OrderStates::load`]; only asked in the state-based write model.
    fn load(&self, order: OrderId) -> impl Future<Output = Result<Option<OrderState>, StoreError>> + Send;

    /// See [`EventStore::read_stream`].
    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> impl Future<Output = Result<Vec<Arc<RecordedEvent>>, StoreError>> + Send;

    /// See [`EventStore::read_all`].
    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> impl Future<Output = Result<Vec<Arc<RecordedEvent>>, StoreError>> + Send;

    /// See [`EventStore::head`].
    fn head(&self) -> impl Future<Output = Result<Position, StoreError>> + Send;

    /// See [`KeyStore::find`].
    fn find(&self, key: &ActorKey) -> impl Future<Output = Result<Option<KeptOutcome>, StoreError>> + Send;
}

struct Job {
    request: Request,
    answer: oneshot::Sender<Result<Answer, StoreError>>,
}

/// Events and keys in a database.
pub(crate) struct DatabaseStore<D> {
    database: Arc<D>,
    jobs: mpsc::Sender<Job>,
    heads: Arc<watch::Sender<Position>>,
    tail: Arc<Tail>,
}

impl<D> fmt::Debug for DatabaseStore<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DatabaseStore").field("head", &*self.heads.borrow()).finish_non_exhaustive()
    }
}

impl<D: Database> DatabaseStore<D> {
    /// Starts the task that writes. `heads` says where the log ends; whoever learns of a later end by
    /// other ways says it there, too.
    pub(crate) fn start(
        database: Arc<D>,
        model: WriteModel,
        heads: Arc<watch::Sender<Position>>,
    ) -> WriteSide {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let tail = Arc::default();
        tokio::spawn(write(Arc::clone(&database), queue, Arc::clone(&heads), Arc::clone(&tail)));
        let store = Arc::new(Self { database, jobs, heads, tail });
        match model {
            WriteModel::Events => WriteSide::of(store),
            WriteModel::State => WriteSide::of_states(store),
        }
    }

    async fn request(&self, request: Request) -> Result<Answer, StoreError> {
        let stopped = || StoreError::Unavailable { reason: "the writer has stopped".to_owned() };
        let (answer, answered) = oneshot::channel();
        self.jobs.send(Job { request, answer }).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

/// Says that the log goes up to `head`, unless that is known already.
pub(crate) fn announce(heads: &watch::Sender<Position>, head: Position) {
    heads.send_if_modified(|known| {
        let news = head > *known;
        *known = head.max(*known);
        news
    });
}

/// Looks every now and then how far the log goes, for what other processes write; ends with `heads`.
pub(crate) async fn poll<D: Database>(
    database: Weak<D>,
    heads: Weak<watch::Sender<Position>>,
    every: Duration,
) {
    loop {
        tokio::time::sleep(every).await;
        let (Some(database), Some(heads)) = (database.upgrade(), heads.upgrade()) else { return };
        // What fails now is asked again after the next pause.
        if let Ok(head) = database.head().await {
            announce(&heads, head);
        }
    }
}

/// Writes until nobody is left who could bring a job.
async fn write<D: Database>(
    database: Arc<D>,
    mut jobs: mpsc::Receiver<Job>,
    heads: Arc<watch::Sender<Position>>,
    tail: Arc<Tail>,
) {
    let mut batch = Vec::with_capacity(BATCH);
    while jobs.recv_many(&mut batch, BATCH).await > 0 {
        let batch = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
        let written = write_batch(Arc::clone(&database), batch, Arc::clone(&heads), Arc::clone(&tail));
        if database.one_at_a_time() {
            written.await;
        } else {
            tokio::spawn(written);
        }
    }
}

/// Writes a batch in one transaction, and answers.
async fn write_batch<D: Database>(
    database: Arc<D>,
    batch: Vec<Job>,
    heads: Arc<watch::Sender<Position>>,
    tail: Arc<Tail>,
) {
    let (requests, waiting): (Vec<_>, Vec<_>) =
        batch.into_iter().map(|Job { request, answer }| (request, answer)).unzip();
    let outcome = match timeout(DEADLINE, database.commit(&requests)).await {
        Ok(outcome) => outcome,
        Err(_) => Err(StoreError::Unavailable { reason: format!("no answer within {DEADLINE:?}") }),
    };
    match outcome {
        Ok(Plan { answers, head, events, .. }) => {
            tail.extend(events);
            // Before the writers know: whoever reads on from their position finds a head that has it.
            announce(&heads, head);
            for (waiting, answer) in waiting.into_iter().zip(answers) {
                let _ = waiting.send(Ok(answer));
            }
        }
        Err(error) => {
            for waiting in waiting {
                let _ = waiting.send(Err(error.clone()));
            }
        }
    }
}

fn mixed_up() -> StoreError {
    StoreError::Corrupt { reason: "the answer to another request".to_owned() }
}

impl<D: Database> EventStore for DatabaseStore<D> {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move {
            match self.request(Request::Append(append)).await? {
                Answer::Appended(outcome) => outcome,
                Answer::Kept(_) => Err(mixed_up().into()),
            }
        })
    }

    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(self.database.read_stream(order, after))
    }

    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move {
            match self.tail.after(after, limit) {
                Some(events) => Ok(events),
                None => self.database.read_all(after, limit).await,
            }
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(self.database.head())
    }

    fn subscribe(&self) -> watch::Receiver<Position> {
        self.heads.subscribe()
    }
}

impl<D: Database> KeyStore for DatabaseStore<D> {
    fn find<'a>(&'a self, key: &'a ActorKey) -> BoxFuture<'a, Result<Option<KeptOutcome>, StoreError>> {
        Box::pin(self.database.find(key))
    }

    fn keep(&self, key: CommandKey, refused: Refused) -> BoxFuture<'_, Result<KeptOutcome, StoreError>> {
        Box::pin(async move {
            match self.request(Request::Keep(key, refused)).await? {
                Answer::Kept(kept) => Ok(kept),
                Answer::Appended(_) => Err(mixed_up()),
            }
        })
    }
}

impl<D: Database> OrderStates for DatabaseStore<D> {
    fn load(&self, order: OrderId) -> BoxFuture<'_, Result<Versioned<Order>, StoreError>> {
        Box::pin(async move {
            let absent = || Versioned { state: Order::new(order), version: Version::START };
            let kept = self.database.load(order).await?;
            Ok(kept.map_or_else(absent, |kept| Versioned { state: kept.order, version: kept.version }))
        })
    }
}
