//! `lost-update`: the append doesn't compare versions.
//!
//! The bug behind it: `INSERT … ON CONFLICT (stream, version) DO UPDATE` where an `INSERT` belongs.
//! A stale writer's event takes the place of what was written meanwhile. In SQL the window between
//! load and append is a network away; here the writer waits as long.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use tokio::sync::{Mutex, watch};

use super::away::round_trip;
use super::ordinals::Ordinals;
use super::{AppendPoint, Defect, Points, Rate, Shows, StorePoint, Strike};
use crate::BoxFuture;
use crate::domain::OrderId;
use crate::lock::{read, write};
use crate::store::{
    ActorKey, Append, AppendError, Appended, CommandKey, Conflict, EventStore, ExpectedVersion, KeptOutcome,
    KeyStore, NewEvent, Position, RecordedEvent, Refused, StoreError, Version, WriteSide,
};

pub(super) const DEFECT: Defect = Defect {
    name: "lost-update",
    summary: "an append doesn't compare versions: a stale writer's event replaces what was written meanwhile",
    default_rate: Rate::Always,
    breaks: &["BR-5", "EV-3", "OC-1", "OC-3", "OC-5"],
    may_break: &[
        "BR-1", "BR-3", "BR-4", "BR-6", "CV-1", "CV-2", "EC-1", "EC-2", "EC-3", "EC-4", "EV-6", "EV-7",
        "ID-3", "RB-1",
    ],
    shows: Shows::Anywhere,
    install: |points, strike| {
        let lost = Arc::new(Overwritten::default());
        Points {
            append: Arc::new(LostUpdate {
                strike,
                orders: Ordinals::default(),
                lost: Arc::clone(&lost),
                inner: points.append,
            }),
            store: Arc::new(Upserted { lost, inner: points.store }),
            ..points
        }
    },
};

#[derive(Debug)]
struct LostUpdate {
    strike: Strike,
    orders: Ordinals,
    lost: Arc<Overwritten>,
    inner: Arc<dyn AppendPoint>,
}

impl LostUpdate {
    /// By stream and version: whoever writes there, all of them are struck or none.
    fn hits(&self, order: OrderId, base: Version) -> bool {
        self.strike.hits(self.orders.of(&order.to_string()).rotate_left(32) ^ base.get())
    }
}

impl AppendPoint for LostUpdate {
    fn inner(&self) -> Option<&dyn AppendPoint> {
        Some(&*self.inner)
    }

    fn admits(&self, order: OrderId, expected: ExpectedVersion, actual: Version) -> bool {
        let stale = expected.named().filter(|base| *base < actual);
        stale.is_some_and(|base| self.hits(order, base)) || self.inner.admits(order, expected, actual)
    }

    fn append<'a>(
        &'a self,
        store: &'a dyn EventStore,
        append: Append,
    ) -> BoxFuture<'a, Result<Appended, AppendError>> {
        match append.expected.named() {
            Some(base) if self.hits(append.order, base) => Box::pin(async move {
                round_trip().await;
                self.lost.upsert(store, append).await
            }),
            _ => self.inner.append(store, append),
        }
    }
}

/// What stale writers have put in the place of what was there. The log below stays as it is: whatever
/// keeps it needs no way to change the past for the sake of this bug.
#[derive(Debug, Default)]
struct Overwritten {
    /// One upsert at a time.
    turn: Mutex<()>,
    events: RwLock<HashMap<(OrderId, Version), Arc<RecordedEvent>>>,
    /// The keys of commands all of whose events took the place of others.
    keys: RwLock<HashMap<ActorKey, KeptOutcome>>,
}

impl Overwritten {
    /// Writes `append`'s events right after its expected version, over what is there. An event
    /// that replaces another takes its version and its position.
    async fn upsert(&self, store: &dyn EventStore, append: Append) -> Result<Appended, AppendError> {
        let (order, expected) = (append.order, append.expected);
        let _turn = self.turn.lock().await;
        loop {
            let stream = store.read_stream(order, Version::START).await?;
            let actual = stream.last().map_or(Version::START, |last| last.version);
            let base = expected.named().unwrap_or(actual);
            let stale = usize::try_from(base.get()).ok().and_then(|base| stream.get(base..));
            let Some(stale) = stale else {
                return Err(Conflict { order, expected, actual }.into());
            };
            let (over, beyond) = append.events.split_at(stale.len().min(append.events.len()));
            if beyond.is_empty() {
                return Ok(self.replace(base, stale, over, append.key));
            }
            let expected = ExpectedVersion::Exact(actual);
            match store.append(Append { expected, events: beyond.to_vec(), ..append.clone() }).await {
                Err(AppendError::Conflict(_)) => {}
                outcome => {
                    let appended = outcome?;
                    self.replace(base, stale, over, None);
                    return Ok(appended);
                }
            }
        }
    }

    fn replace(
        &self,
        base: Version,
        stale: &[Arc<RecordedEvent>],
        over: &[NewEvent],
        key: Option<CommandKey>,
    ) -> Appended {
        let mut at = Appended { version: base, position: Position::START };
        let mut events = write(&self.events);
        for (old, new) in stale.iter().zip(over) {
            let (position, order, version) = (old.position, old.order, old.version);
            let NewEvent { event, metadata } = new.clone();
            at = Appended { version, position };
            events.insert(
                (order, version),
                Arc::new(RecordedEvent { position, order, version, event, metadata }),
            );
        }
        if let Some(CommandKey { key, command }) = key {
            write(&self.keys).insert(key, KeptOutcome { command, outcome: Ok(at) });
        }
        at
    }

    /// What is to be seen of events that the log has.
    fn seen(&self, mut events: Vec<Arc<RecordedEvent>>) -> Vec<Arc<RecordedEvent>> {
        let replaced = read(&self.events);
        if !replaced.is_empty() {
            for event in &mut events {
                if let Some(instead) = replaced.get(&(event.order, event.version)) {
                    *event = Arc::clone(instead);
                }
            }
        }
        events
    }
}

/// Has everybody see the events that were put in the place of others.
#[derive(Debug)]
struct Upserted {
    lost: Arc<Overwritten>,
    inner: Arc<dyn StorePoint>,
}

impl StorePoint for Upserted {
    fn inner(&self) -> Option<&dyn StorePoint> {
        Some(&*self.inner)
    }

    fn over(&self, store: WriteSide) -> WriteSide {
        // What the rows of a state-based write model say is not what was put in the place of others: orders
        // are what the log says here.
        let WriteSide { events, keys, .. } = self.inner.over(store);
        WriteSide::of(Arc::new(Overlaid { lost: Arc::clone(&self.lost), events, keys }))
    }
}

#[derive(Debug)]
struct Overlaid {
    lost: Arc<Overwritten>,
    events: Arc<dyn EventStore>,
    keys: Arc<dyn KeyStore>,
}

impl EventStore for Overlaid {
    fn append(&self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        self.events.append(append)
    }

    fn read_stream(
        &self,
        order: OrderId,
        after: Version,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move { Ok(self.lost.seen(self.events.read_stream(order, after).await?)) })
    }

    fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async move { Ok(self.lost.seen(self.events.read_all(after, limit).await?)) })
    }

    fn head(&self) -> BoxFuture<'_, Result<Position, StoreError>> {
        self.events.head()
    }

    fn subscribe(&self) -> watch::Receiver<Position> {
        self.events.subscribe()
    }
}

impl KeyStore for Overlaid {
    fn find<'a>(&'a self, key: &'a ActorKey) -> BoxFuture<'a, Result<Option<KeptOutcome>, StoreError>> {
        let lost = read(&self.lost.keys).get(key).cloned();
        Box::pin(async move {
            match lost {
                Some(kept) => Ok(Some(kept)),
                None => self.keys.find(key).await,
            }
        })
    }

    fn keep(&self, key: CommandKey, refused: Refused) -> BoxFuture<'_, Result<KeptOutcome, StoreError>> {
        self.keys.keep(key, refused)
    }
}
