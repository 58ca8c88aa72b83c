//! The event store in memory, and its keys.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, RwLock};

use tokio::sync::watch;

use super::{
    ActorKey, Append, AppendError, Appended, CommandKey, Conflict, EventStore, KeptOutcome, KeyStore,
    NewEvent, Position, RecordedEvent, Refused, StoreError, Version,
};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::lock::{lock, read, write};

/// An event log that lives as long as its process. Events are shared, never copied.
#[derive(Debug)]
pub struct InMemoryEventStore {
    log: RwLock<Log>,
    /// Locked after `log` where both are.
    keys: Mutex<HashMap<ActorKey, KeptOutcome>>,
    head: watch::Sender<Position>,
}

#[derive(Debug, Default)]
struct Log {
    /// The event at global position `n` is at index `n - 1`.
    all: Vec<Arc<RecordedEvent>>,
    /// The event of version `n` is at index `n - 1` of its stream.
    streams: HashMap<OrderId, Vec<Arc<RecordedEvent>>>,
}

impl InMemoryEventStore {
    /// An empty log, without keys.
    pub fn new() -> Self {
        Self { log: RwLock::default(), keys: Mutex::default(), head: watch::Sender::new(Position::START) }
    }

    fn append_now(&self, append: Append) -> Result<Appended, AppendError> {
        let Append { order, expected, events, key } = append;
        let mut log = write(&self.log);
        let mut keys = key.is_some().then(|| lock(&self.keys));
        if let (Some(keys), Some(CommandKey { key, .. })) = (&keys, &key)
            && keys.contains_key(key)
        {
            return Err(AppendError::KeyTaken { key: key.key.clone() });
        }
        let Log { all, streams } = &mut *log;
        let actual = streams.get(&order).map_or(Version::START, |stream| version_of(stream));
        if !expected.admits(actual) {
            return Err(Conflict { order, expected, actual }.into());
        }
        let stream = streams.entry(order).or_default();
        for new in events {
            push(all, stream, order, new);
        }
        let appended = Appended { version: version_of(stream), position: position_of(all) };
        if let (Some(keys), Some(CommandKey { key, command })) = (&mut keys, key) {
            keys.insert(key, KeptOutcome { command, outcome: Ok(appended) });
        }
        // Told while the lock is held: no follower may ever hear of a later head first.
        self.head.send_replace(appended.position);
        Ok(appended)
    }
}

impl Default for InMemoryEventStore {
    fn default() -> Self {
        Self::new()
    }
}

impl EventStore for InMemoryEventStore {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        Box::pin(async move { self.append_now(append) })
    }

    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move {
            let log = read(&self.log);
            let stream = log.streams.get(&order).map_or(&[][..], Vec::as_slice);
            Ok(rest(stream, after.get()).to_vec())
        })
    }

    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move {
            let log = read(&self.log);
            let rest = rest(&log.all, after.get());
            Ok(rest[..rest.len().min(limit)].to_vec())
        })
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        Box::pin(async move { Ok(*self.head.borrow()) })
    }

    fn subscribe(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }
}

impl KeyStore for InMemoryEventStore {
    fn find<'a>(&'a self, key: &'a ActorKey) -> BoxFuture<'a, Result<Option<KeptOutcome>, StoreError>> {
        Box::pin(async move { Ok(lock(&self.keys).get(key).cloned()) })
    }

    fn keep(&self, key: CommandKey, refused: Refused) -> BoxFuture<'_, Result<KeptOutcome, StoreError>> {
        Box::pin(async move {
            let kept = KeptOutcome { command: key.command, outcome: Err(refused) };
            Ok(lock(&self.keys).entry(key.key).or_insert(kept).clone())
        })
    }
}

fn push(
    all: &mut Vec<Arc<RecordedEvent>>,
    stream: &mut Vec<Arc<RecordedEvent>>,
    order: OrderId,
    new: NewEvent,
) -> Position {
    let position = position_of(all).next();
    let recorded = record(order, version_of(stream).next(), position, new);
    all.push(Arc::clone(&recorded));
    stream.push(recorded);
    position
}

fn record(order: OrderId, version: Version, position: Position, new: NewEvent) -> Arc<RecordedEvent> {
    Arc::new(RecordedEvent { position, order, version, event: new.event, metadata: new.metadata })
}

fn version_of(stream: &[Arc<RecordedEvent>]) -> Version {
    Version::new(stream.len() as u64)
}

fn position_of(all: &[Arc<RecordedEvent>]) -> Position {
    Position::new(all.len() as u64)
}

/// What comes after the first `count` events.
fn rest(events: &[Arc<RecordedEvent>], count: u64) -> &[Arc<RecordedEvent>] {
    usize::try_from(count).ok().and_then(|count| events.get(count..)).unwrap_or_default()
}
