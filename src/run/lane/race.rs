//! Races: several commands at the same time, each in a session of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::super::Sent;
use super::super::session::Recorded;
use super::Lane;
use crate::adapter::Unreachable;
use crate::history::{Part, Role};
use crate::protocol::{Actor, Command};

/// How often a racer looks around for the others before it goes alone: some milliseconds, counted in looks, since a
/// machine that is busy takes longer for each.
const LOOKS: usize = 50_000;

/// So many racers are waited for at most; more than a machine has cores never go at the very same time.
const TOGETHER: usize = 4;

/// One race of threads at a time in this process, up to when all have sent: several together would keep racers from meeting, and
/// take the cores from those who look at the same time, who could say nothing then.
static TURN: Semaphore = Semaphore::const_new(1);

/// Where racers wait for each other, once they have called and before they send.
///
/// A target in the same process may answer at the first poll, so racers on one thread would go one after the other.
/// On a runtime of several threads each racer therefore has a thread of its own. On a runtime of one thread nobody is
/// waited for: there they overlap if the target takes its time, as one behind a network does.
#[derive(Debug)]
struct Gate {
    wanted: usize,
    here: AtomicUsize,
}

impl Gate {
    fn pass(&self) {
        self.here.fetch_add(1, Ordering::AcqRel);
        for _ in 0..LOOKS {
            if self.here.load(Ordering::Acquire) >= self.wanted {
                return;
            }
            std::thread::yield_now();
        }
    }
}

/// What one sends in a race, and who it is where a step says so.
#[derive(Debug)]
pub(crate) struct Racer {
    pub(crate) command: Arc<Command>,
    pub(crate) actor: Option<Arc<str>>,
}

/// Why nobody knows what came of a race.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RaceError {
    #[error(transparent)]
    Unreachable(#[from] Unreachable),
    #[error("a racer broke down: a panic in Proofmark or in the target's adapter")]
    Broken,
}

/// Whether racers can have threads of their own: a runtime of one thread may have a clock that stands still for them.
pub(crate) fn threaded() -> Option<Handle> {
    Handle::try_current().ok().filter(|runtime| runtime.runtime_flavor() == RuntimeFlavor::MultiThread)
}

/// Whether two of them were on their way at the same time, by the order in which the history has their calls and returns.
pub(crate) fn overlapped(sent: &[Sent]) -> bool {
    let mut order: Vec<(u64, u64)> = sent.iter().map(|sent| sent.order).collect();
    order.sort_by_key(|(_, returned)| *returned);
    order.windows(2).any(|pair| pair[1].0 < pair[0].1)
}

impl Lane {
    /// Opens a session for each, lets them go at the same time, and waits for all. Brings what was sent, in the order of the racers.
    pub(crate) async fn race(&mut self, racers: Vec<Racer>) -> Result<Vec<Sent>, RaceError> {
        let race = self.races;
        self.races += 1;
        let part = Part { role: Role::Racer, race: Some(race), ..self.part };
        let mut ready = Vec::with_capacity(racers.len());
        for Racer { command, actor } in racers {
            let speaks = actor.as_deref().map_or_else(Actor::default, Actor::named);
            ready.push((self.connect(&speaks, part).await?, command, actor));
        }
        let mut sent = self.let_go(ready, race).await?;
        sent.sort_by_key(|(_, _, sent)| sent.order.0);
        for (_, client, sent) in &sent {
            self.has_sent((*client, part), 0, sent);
        }
        let last = sent.iter().map(|(_, _, sent)| sent.returned).max();
        if let (Some(acted), Some(last)) = (&mut self.acted, last) {
            acted.at = last;
        }
        sent.sort_by_key(|(number, ..)| *number);
        Ok(sent.into_iter().map(|(_, _, sent)| sent).collect())
    }

    /// What came of each, with the racer's number and its session's.
    async fn let_go(
        &mut self,
        racers: Vec<(Recorded, Arc<Command>, Option<Arc<str>>)>,
        race: u64,
    ) -> Result<Vec<(usize, u64, Sent)>, RaceError> {
        let threads = threaded();
        let wanted = if threads.is_some() { racers.len().min(TOGETHER) } else { 0 };
        let gate = Arc::new(Gate { wanted, here: AtomicUsize::new(0) });
        // It is never closed, so there is always a turn.
        let turn = if threads.is_some() { TURN.acquire().await.ok() } else { None };
        let turn = Arc::new(turn);
        let mut running = JoinSet::new();
        // A thread can't be stopped from outside: racers end when nobody listens any more.
        let (_listening, over) = watch::channel(());
        for (number, (mut session, command, actor)) in racers.into_iter().enumerate() {
            let (gate, mut over, turn) = (gate.clone(), over.clone(), turn.clone());
            let go = move || {
                gate.pass();
                drop(turn);
            };
            let racer = async move {
                tokio::select! {
                    biased;
                    sent = session.submit_when(command, 0, go) => {
                        Some((number, session.client(), Sent { actor, ..sent }))
                    }
                    _ = over.changed() => None,
                }
            };
            match threads.clone() {
                Some(runtime) => running.spawn_blocking(move || runtime.block_on(racer)),
                None => running.spawn(racer),
            };
        }
        drop(turn);
        if let Some(case) = self.part.case {
            self.engine.recorder.released(case, race);
        }
        let mut sent = Vec::with_capacity(running.len());
        while let Some(ended) = running.join_next().await {
            sent.extend(ended.map_err(|_| RaceError::Broken)?);
        }
        Ok(sent)
    }
}
