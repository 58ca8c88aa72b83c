//! Eventual: a task in the background delivers each event some time after it was recorded.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::{ReadModels, Synchroniser};
use crate::BoxFuture;
use crate::projection::ProjectionError;
use crate::seed::Seed;
use crate::store::Position;

/// How long a delivery that failed waits for its next attempt.
const RETRY_DELAY: Duration = Duration::from_millis(10);

/// The background task of one system. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Eventual {
    task: JoinHandle<()>,
}

impl Eventual {
    /// Starts the task on `runtime`. It follows `heads` and looks at no clock while nothing happens.
    /// What was recorded before, and isn't shown yet, is due at once.
    pub(crate) fn start(
        runtime: &Handle,
        read_models: ReadModels,
        heads: watch::Receiver<Position>,
        delay: Delay,
    ) -> Self {
        let schedule = Schedule::new(delay, *heads.borrow());
        Self { task: runtime.spawn(deliver(read_models, heads, schedule)) }
    }
}

impl Drop for Eventual {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Synchroniser for Eventual {
    fn recorded(&self, _position: Position) -> BoxFuture<'_, Result<(), ProjectionError>> {
        // The task hears of it from the store.
        Box::pin(async { Ok(()) })
    }
}

/// How long events take to become visible.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delay {
    lag: Duration,
    jitter: Duration,
    seed: Seed,
}

impl Delay {
    pub(crate) fn new(lag: Duration, jitter: Duration, seed: Seed) -> Self {
        Self { lag, jitter, seed: seed.derive("jitter") }
    }

    fn of(&self, position: Position) -> Duration {
        let jitter = u64::try_from(self.jitter.as_nanos()).unwrap_or(u64::MAX);
        let share = self.seed.draw(position.get()) % jitter.saturating_add(1);
        self.lag + Duration::from_nanos(share)
    }
}

/// Which events wait to be delivered, and until when.
#[derive(Debug)]
struct Schedule {
    delay: Delay,
    /// The last position that was scheduled.
    known: Position,
    /// When each is due. The order is kept: one that is due earlier than the one before it waits.
    waiting: VecDeque<(Instant, Position)>,
}

impl Schedule {
    /// Everything up to `head` is due already.
    fn new(delay: Delay, head: Position) -> Self {
        let due = (head > Position::START).then(|| (Instant::now(), head));
        Self { delay, known: head, waiting: due.into_iter().collect() }
    }

    /// Schedules what was recorded up to `head`, which was heard of at `now`. Each delay counts
    /// from there: an event that waits doesn't make the next one wait longer on top.
    fn learn(&mut self, head: Position, now: Instant) {
        while self.known < head {
            self.known = self.known.next();
            self.waiting.push_back((now + self.delay.of(self.known), self.known));
        }
    }

    /// When the next event is due.
    fn next_due(&self) -> Option<Instant> {
        self.waiting.front().map(|(due, _)| *due)
    }

    /// Takes out what is due at `now`: up to which position to deliver.
    fn take_due(&mut self, now: Instant) -> Option<Position> {
        let mut upto = None;
        while let Some((due, position)) = self.waiting.front().copied()
            && due <= now
        {
            upto = Some(position);
            self.waiting.pop_front();
        }
        upto
    }

    /// Puts a delivery that failed back, to be tried again after a pause.
    fn put_back(&mut self, upto: Position, now: Instant) {
        self.waiting.push_front((now + RETRY_DELAY, upto));
    }
}

async fn deliver(read_models: ReadModels, mut heads: watch::Receiver<Position>, mut schedule: Schedule) {
    loop {
        let head = *heads.borrow_and_update();
        schedule.learn(head, Instant::now());
        if let Some(upto) = schedule.take_due(Instant::now()) {
            if !deliver_up_to(&read_models, upto).await {
                schedule.put_back(upto, Instant::now());
            }
            continue;
        }
        // Asleep until something is due or something new was recorded.
        let news = match schedule.next_due() {
            Some(due) => timeout_at(due, heads.changed()).await.unwrap_or(Ok(())),
            None => heads.changed().await,
        };
        if news.is_err() {
            return; // The store is gone, and its events with it.
        }
    }
}

/// Whether every read model took it in. At-least-once: one that didn't gets it again, from its own
/// checkpoint on, and so do the others, which know it already.
async fn deliver_up_to(read_models: &ReadModels, upto: Position) -> bool {
    let mut all = true;
    for read_model in read_models.iter() {
        all &= read_model.catch_up(upto).await.is_ok();
    }
    all
}
