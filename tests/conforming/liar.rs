//! The order system behind a face that lies: what it does is right, and what it tells of it is not.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proofmark::adapter::{
    ControlError, Description, Reference, Session, Target, Unreachable, World, WorldSeed,
};
use proofmark::protocol::{Actor, Answer, Command, Event, Observation, Query, Seen, Submission, Version};
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

/// A world and a session of the order system.
type Honest = <Reference as Target>::World;

pub(crate) struct Place {
    inner: Honest,
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

pub(crate) struct Face {
    inner: Honest,
    lie: Lie,
    rebuilds: Arc<Rebuilds>,
}

impl Session for Face {
    async fn submit(&mut self, command: &Command) -> Submission {
        if self.rebuilds.under_way.load(Ordering::SeqCst) {
            self.rebuilds.lost.lock().expect("nobody panics").extend(command.on.clone());
        }
        self.inner.submit(command).await
    }

    async fn ask(&mut self, query: &Query) -> Observation {
        let mut observation = self.inner.ask(query).await;
        let under_way = self.rebuilds.under_way.load(Ordering::SeqCst);
        match (self.lie, &mut observation.answer.seen) {
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
        observation
    }
}

impl Liar {
    pub(crate) fn new(inner: Reference, lie: Lie) -> Self {
        Self { inner, lie }
    }
}

impl Target for Liar {
    type World = Place;

    fn describe(&self) -> &Description {
        self.inner.describe()
    }

    async fn world(&self, seed: WorldSeed) -> Result<Place, Unreachable> {
        Ok(Place {
            inner: self.inner.world(seed).await?,
            lie: self.lie,
            told: Mutex::default(),
            readings: Mutex::default(),
            rebuilds: Arc::default(),
        })
    }
}

impl Place {
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

impl World for Place {
    type Session = Face;

    async fn open(&self, actor: &Actor) -> Result<Face, Unreachable> {
        let inner = self.inner.open(actor).await?;
        Ok(Face { inner, lie: self.lie, rebuilds: self.rebuilds.clone() })
    }

    async fn caught_up(&self, within: Duration) -> bool {
        self.inner.caught_up(within).await
    }

    async fn rebuild(&self, read_model: &str, within: Duration) -> Result<(), ControlError> {
        self.rebuilds.under_way.store(true, Ordering::SeqCst);
        let done = self.inner.rebuild(read_model, within).await;
        // Long enough for others to get a word in.
        tokio::time::sleep(Duration::from_millis(20)).await;
        self.rebuilds.under_way.store(false, Ordering::SeqCst);
        self.rebuilds.done.store(true, Ordering::SeqCst);
        done
    }

    async fn events(&self, on: Option<&Value>, after: Option<u64>) -> Result<Vec<Event>, ControlError> {
        let after = match self.lie {
            Lie::Repeating => after.map(|after| after.saturating_sub(1)),
            _ => after,
        };
        let mut events = self.inner.events(on, after).await?;
        self.lies(&mut events);
        Ok(events)
    }

    async fn as_of(&self, query: &Query, version: &Version) -> Result<Answer, ControlError> {
        match (self.lie, version) {
            (Lie::Older, Version::Number(number)) => {
                self.inner.as_of(query, &Version::Number(number - 1)).await
            }
            _ => self.inner.as_of(query, version).await,
        }
    }
}
