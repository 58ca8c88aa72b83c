//! The pipeline's second step: a command that was sent with a key takes effect once.
//!
//! The outcome of the first attempt is remembered by the [`KeyStore`], a refusal too, and given again
//! to every later one; an attempt that comes while the first is under way waits for it. Only outcomes
//! are remembered: where the infrastructure failed, the key is free again and a retry is a fresh
//! attempt. The outcome of an append is written by the append itself, in one step, so that a crash
//! can't come between the two.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::{Command, CommandError, Envelope, Handler, Receipt, Refusal};
use crate::defect::KeyPoint;
use crate::lock::lock;
use crate::store::{ActorKey, CommandKey, KeptOutcome, KeyStore, KeyedCommand, Refused};

/// Says, once a command has its outcome, whether that is the outcome of an earlier one under the same
/// key. An accepted command and a refused one can both be replayed, so the answer itself is no place
/// for it.
#[derive(Debug, Clone, Default)]
pub struct ReplayMark(Arc<AtomicBool>);

impl ReplayMark {
    /// Whether the outcome was given before.
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self) {
        self.0.store(true, Ordering::Release);
    }
}

/// Who is told of a replay is no part of what a command says: to envelopes, all marks are equal.
impl PartialEq for ReplayMark {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for ReplayMark {}

/// Lets a keyed command through to the next step once.
#[derive(Debug, Clone)]
pub struct Idempotent<H> {
    keys: Arc<dyn KeyStore>,
    attempts: Arc<Attempts>,
    point: Arc<dyn KeyPoint>,
    next: H,
}

impl<H> Idempotent<H> {
    /// Remembers outcomes in `keys`, which must be those of the store that the next steps append to;
    /// keys come in through `point`.
    pub fn new(keys: Arc<dyn KeyStore>, point: Arc<dyn KeyPoint>, next: H) -> Self {
        Self { keys, attempts: Arc::default(), point, next }
    }

    /// What is remembered of the command under its key, if anything is.
    async fn remembered(&self, key: &CommandKey) -> Result<Option<Outcome>, CommandError> {
        let kept = self.keys.find(&key.key).await?;
        Ok(kept.map(|kept| again(kept, key)))
    }

    /// Handles the command and sees to it that its outcome is remembered.
    async fn first<C: Command>(
        &self,
        envelope: Envelope<C>,
        key: &CommandKey,
    ) -> Result<Outcome, CommandError>
    where
        H: Handler<Envelope<C>>,
    {
        let refusal = match self.next.handle(envelope).await {
            Ok(receipt) => return Ok(Ok(receipt)),
            Err(CommandError::Rejected(refusal)) => refusal,
            Err(failure) => return Err(failure),
        };
        let refused = match refusal {
            Refusal::Rule(rejection) => Refused::Rule(rejection),
            Refusal::ConcurrencyConflict(conflict) => Refused::Conflict(conflict),
            // Another process was faster with the same key: what it has recorded counts.
            Refusal::KeyReused { .. } => return Ok(self.remembered(key).await?.unwrap_or(Err(refusal))),
            Refusal::Malformed(_) => return Ok(Err(refusal)),
        };
        Ok(again(self.keys.keep(key.clone(), refused).await?, key))
    }
}

impl<C: Command, H: Handler<Envelope<C>>> Handler<Envelope<C>> for Idempotent<H> {
    async fn handle(&self, mut envelope: Envelope<C>) -> Result<Receipt, CommandError> {
        let Some(key) = self.point.incoming(envelope.key.take()) else {
            return self.next.handle(envelope).await;
        };
        let command = KeyedCommand { order: envelope.order, command: envelope.command.clone().into() };
        let waits = self.point.waits(&key);
        let key = self.point.remembered(key, command.order, &command.command);
        let key =
            CommandKey { key: ActorKey { actor: envelope.actor.clone(), key }, command: Arc::new(command) };
        let part = self.attempts.join(&key, waits)?;
        let replay = envelope.replay.take();
        let handled = AtomicBool::new(false);
        let settle = async {
            if let Some(outcome) = self.remembered(&key).await? {
                return Ok(outcome);
            }
            handled.store(true, Ordering::Relaxed);
            if part.attempt.is_some() {
                envelope.key = Some(key.key.key.clone());
                self.first(envelope, &key).await
            } else {
                // Nothing is remembered of whoever didn't wait for the first.
                match self.next.handle(envelope).await {
                    Err(CommandError::Rejected(refusal)) => Ok(Err(refusal)),
                    outcome => outcome.map(Ok),
                }
            }
        };
        let outcome = match &part.attempt {
            Some(attempt) => attempt.outcome.get_or_try_init(|| settle).await?.clone(),
            None => settle.await?,
        };
        if let Some(replay) = replay
            && !handled.into_inner()
            && !matches!(outcome, Err(Refusal::KeyReused { .. }))
        {
            replay.set();
        }
        outcome.map_err(CommandError::from)
    }
}

type Outcome = Result<Receipt, Refusal>;

/// What is remembered, as the answer to a command under the same key.
fn again(kept: KeptOutcome, key: &CommandKey) -> Outcome {
    if kept.command != key.command {
        return Err(Refusal::KeyReused { key: key.key.key.clone() });
    }
    match kept.outcome {
        Ok(at) => Ok(Receipt { order: key.command.order, version: at.version, position: at.position }),
        Err(Refused::Rule(rejection)) => Err(rejection.into()),
        Err(Refused::Conflict(conflict)) => Err(conflict.into()),
    }
}

/// A command under its key that is under way, and its outcome once there is one.
#[derive(Debug)]
struct Attempt {
    command: Arc<KeyedCommand>,
    outcome: OnceCell<Outcome>,
}

/// The attempts that are under way in this process.
#[derive(Debug, Default)]
struct Attempts(Mutex<HashMap<ActorKey, Arc<Attempt>>>);

impl Attempts {
    /// Takes part in the attempt under that key, and begins it if there is none. Whoever doesn't wait takes
    /// part only in one that has its outcome.
    fn join<'a>(&'a self, key: &'a CommandKey, waits: bool) -> Result<Part<'a>, Refusal> {
        let mut attempts = lock(&self.0);
        if let Some(attempt) = attempts.get(&key.key) {
            if attempt.command != key.command {
                return Err(Refusal::KeyReused { key: key.key.key.clone() });
            }
            let attempt = (waits || attempt.outcome.initialized()).then(|| Arc::clone(attempt));
            return Ok(Part { attempts: self, key: &key.key, attempt });
        }
        let attempt = Arc::new(Attempt { command: Arc::clone(&key.command), outcome: OnceCell::new() });
        attempts.insert(key.key.clone(), Arc::clone(&attempt));
        Ok(Part { attempts: self, key: &key.key, attempt: Some(attempt) })
    }
}

/// Somebody's part in an attempt. When the last one leaves it, it is over: either its outcome is
/// remembered, or the store failed or everybody gave up waiting, and the key is free again.
struct Part<'a> {
    attempts: &'a Attempts,
    key: &'a ActorKey,
    /// Taken out on drop only.
    attempt: Option<Arc<Attempt>>,
}

impl Drop for Part<'_> {
    fn drop(&mut self) {
        if self.attempt.is_none() {
            return;
        }
        let mut attempts = lock(&self.attempts.0);
        // Parts are taken and left under this lock only, so the count can be trusted here.
        self.attempt = None;
        if attempts.get(self.key).is_some_and(|attempt| Arc::strong_count(attempt) == 1) {
            attempts.remove(self.key);
        }
    }
}
