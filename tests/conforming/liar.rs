//! The order system behind a face that lies: what it does is right, and what it tells of it is not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofmark::adapter::{
    BoxFuture, Control, ControlError, Description, Reference, Session, Target, Unreachable, World, WorldSeed,
};
use proofmark::protocol::{Actor, Answer, Command, Event, Outcome, Query, Seen, Version};
use proofmark::value::Value;

/// What it lies about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lie {
    /// The second event of each stream is left out.
    Gap,
    /// Two neighbours have one position.
    SamePosition,
    /// Each reading begins with another event.
    Turning,
    /// The first event tells how many there are.
    Amended,
    /// The event at the cursor comes once more.
    Repeating,
    /// Some events show up later than those behind them.
    Late,
    /// Two events have one id.
    SameId,
    /// All events name one cause.
    SameCause,
    /// Orders are told to be created for somebody else.
    Falsified,
    /// The version before the one that is asked for.
    Older,
    /// What was rebuilt shows no customer any more.
    RebuildForgets,
    /// A rebuild makes the last event happen once more.
    RebuildEmits,
    /// What was done during a rebuild never shows.
    RebuildLoses,
    /// While a rebuild is under way, nothing is there.
    RebuildCloses,
}

/// A target that lies.
#[derive(Debug)]
pub(crate) struct Liar {
    inner: Reference,
    lie: Lie,
}

struct Place {
    inner: Box<dyn World>,
    lie: Lie,
    /// How often an event was there to be told.
    told: Mutex<HashMap<u64, u32>>,
    readings: Mutex<usize>,
    rebuilds: Arc<Rebuilds>,
}

/// What rebuilds did up to now.
#[derive(Default)]
struct Rebuilds {
    under_way: AtomicBool,
    done: AtomicBool,
    lost: Mutex<Vec<Value>>,
}

struct Face {
    inner: Box<dyn Session>,
    lie: Lie,
    rebuilds: Arc<Rebuilds>,
}

impl Session for Face {
    fn submit<'a>(&'a mut self, command: &'a Command) -> BoxFuture<'a, Outcome> {
        if self.rebuilds.under_way.load(Ordering::SeqCst) {
            self.rebuilds.lost.lock().expect("nobody panics").extend(command.on.clone());
        }
        self.inner.submit(command)
    }

    fn ask<'a>(&'a mut self, query: &'a Query) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let mut answer = self.inner.ask(query).await;
            let under_way = self.rebuilds.under_way.load(Ordering::SeqCst);
            match (self.lie, &mut answer.seen) {
                (Lie::RebuildForgets, Seen::Found(Value::Record(order)))
                    if self.rebuilds.done.load(Ordering::SeqCst) =>
                {
                    order.insert("customer", Value::Null);
                }
                (Lie::RebuildCloses, seen) if under_way => *seen = Seen::Absent,
                (Lie::RebuildLoses, seen) => {
                    let lost = self.rebuilds.lost.lock().expect("nobody panics");
                    if query.on.as_ref().is_some_and(|on| lost.contains(on)) {
                        *seen = Seen::Absent;
                    }
                }
                _ => {}
            }
            answer
        })
    }
}

impl Liar {
    pub(crate) fn new(inner: Reference, lie: Lie) -> Self {
        Self { inner, lie }
    }
}

impl Target for Liar {
    fn describe(&self) -> &Description {
        self.inner.describe()
    }

    fn world(&self, seed: WorldSeed) -> BoxFuture<'_, Result<Box<dyn World>, Unreachable>> {
        Box::pin(async move {
            let inner = self.inner.world(seed).await?;
            let place = Place {
                inner,
                lie: self.lie,
                told: Mutex::default(),
                readings: Mutex::default(),
                rebuilds: Arc::default(),
            };
            Ok(Box::new(place) as Box<dyn World>)
        })
    }
}

impl World for Place {
    fn open(&self, actor: &Actor) -> BoxFuture<'_, Result<Box<dyn Session>, Unreachable>> {
        let opened = self.inner.open(actor);
        Box::pin(async move {
            let (inner, lie, rebuilds) = (opened.await?, self.lie, self.rebuilds.clone());
            Ok(Box::new(Face { inner, lie, rebuilds }) as Box<dyn Session>)
        })
    }

    fn control(&self) -> Option<&dyn Control> {
        Some(self)
    }
}

impl Place {
    fn honest(&self) -> &dyn Control {
        self.inner.control().expect("the order system has means")
    }

    /// What it makes of the events.
    fn lies(&self, events: &mut Vec<Event>) {
        match self.lie {
            Lie::Gap => events.retain(|event| event.version != Some(Version::Number(2))),
            Lie::SamePosition => {
                for at in (1..events.len()).step_by(2) {
                    events[at].position = events[at - 1].position;
                }
            }
            Lie::Turning => {
                let mut readings = self.readings.lock().expect("nobody panics");
                *readings += 1;
                let by = *readings % events.len().max(1);
                let positions: Vec<_> = events.iter().map(|event| event.position).collect();
                events.rotate_left(by);
                for (event, position) in events.iter_mut().zip(positions) {
                    event.position = position;
                }
            }
            Lie::Amended => {
                let count = events.len() as u64;
                if let Some(first) = events.first_mut() {
                    first.fields.insert("of", count);
                }
            }
            Lie::Late => {
                let mut told = self.told.lock().expect("nobody panics");
                events.retain(|event| {
                    let position = event.position.expect("it tells positions");
                    let times = told.entry(position).or_default();
                    *times += 1;
                    position % 10 != 5 || *times > 6
                });
            }
            Lie::SameId => {
                if let [.., one, other] = &mut events[..] {
                    other.id.clone_from(&one.id);
                }
            }
            Lie::SameCause => {
                for event in events.iter_mut() {
                    event.causation = Some("somebody".into());
                }
            }
            Lie::Falsified => {
                for event in events.iter_mut().filter(|event| &*event.name == "OrderCreated") {
                    event.fields.insert("customer", "somebody");
                }
            }
            Lie::RebuildEmits if self.rebuilds.done.load(Ordering::SeqCst) => {
                if let Some(mut again) = events.last().cloned() {
                    again.position = again.position.map(|position| position + 1_000);
                    events.push(again);
                }
            }
            _ => {}
        }
    }
}

impl Control for Place {
    fn caught_up(&self, within: Duration) -> BoxFuture<'_, bool> {
        self.honest().caught_up(within)
    }

    fn rebuild<'a>(
        &'a self,
        read_model: &'a str,
        within: Duration,
    ) -> BoxFuture<'a, Result<(), ControlError>> {
        Box::pin(async move {
            self.rebuilds.under_way.store(true, Ordering::SeqCst);
            let done = self.honest().rebuild(read_model, within).await;
            // Long enough for others to get a word in.
            tokio::time::sleep(Duration::from_millis(20)).await;
            self.rebuilds.under_way.store(false, Ordering::SeqCst);
            self.rebuilds.done.store(true, Ordering::SeqCst);
            done
        })
    }

    fn events<'a>(
        &'a self,
        on: Option<&'a Value>,
        after: Option<u64>,
    ) -> BoxFuture<'a, Result<Vec<Event>, ControlError>> {
        let after = match self.lie {
            Lie::Repeating => after.map(|after| after.saturating_sub(1)),
            _ => after,
        };
        Box::pin(async move {
            let mut events = self.honest().events(on, after).await?;
            self.lies(&mut events);
            Ok(events)
        })
    }

    fn as_of<'a>(
        &'a self,
        query: &'a Query,
        version: &'a Version,
    ) -> BoxFuture<'a, Result<Answer, ControlError>> {
        Box::pin(async move {
            match (self.lie, version) {
                (Lie::Older, Version::Number(number)) => {
                    self.honest().as_of(query, &Version::Number(number - 1)).await
                }
                _ => self.honest().as_of(query, version).await,
            }
        })
    }
}
