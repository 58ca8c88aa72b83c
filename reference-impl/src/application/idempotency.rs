//! The pipeline's second step: a command that was sent with a key takes effect once.
//!
//! The outcome of the first attempt is kept, a refusal too, and given again to every later one; an
//! attempt that comes while the first is under way waits for it. Only outcomes are kept: where the
//! infrastructure failed, the key is free again and a retry is a fresh attempt. Keys live as long
//! as the system. A durable store keeps the outcome in the transaction of the append.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use tokio::sync::OnceCell;

use super::{Command, CommandError, Envelope, Handler, IdempotencyKey, Receipt, Refusal};
use crate::defect::KeyPoint;
use crate::domain::{OrderCommand, OrderId};
use crate::lock::lock;
use crate::store::ActorId;

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
    keys: Arc<Keys>,
    point: Arc<dyn KeyPoint>,
    next: H,
}

impl<H> Idempotent<H> {
    /// Knows no key yet; keys come in through `point`.
    pub fn new(point: Arc<dyn KeyPoint>, next: H) -> Self {
        Self { keys: Arc::default(), point, next }
    }
}

impl<C: Command, H: Handler<Envelope<C>>> Handler<Envelope<C>> for Idempotent<H> {
    async fn handle(&self, mut envelope: Envelope<C>) -> Result<Receipt, CommandError> {
        let Some(key) = self.point.incoming(envelope.key.take()) else {
            return self.next.handle(envelope).await;
        };
        let body = Body { order: envelope.order, command: envelope.command.clone().into() };
        let waits = self.point.waits(&key);
        let key = self.point.remembered(key, body.order, &body.command);
        let claim = self.keys.claim(Scoped { actor: envelope.actor.clone(), key }, body, waits)?;
        let replay = envelope.replay.take();
        let handled = AtomicBool::new(false);
        let handle = async {
            handled.store(true, Ordering::Relaxed);
            self.next.handle(envelope).await
        };
        let outcome = claim.first_outcome(handle).await;
        if let Some(replay) = replay
            && !handled.into_inner()
        {
            replay.set();
        }
        outcome
    }
}

/// A key, as one actor's. Nobody gets to see the outcome of somebody else's command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Scoped {
    actor: Option<ActorId>,
    key: IdempotencyKey,
}

/// What must be the same for a command to be the same again.
#[derive(Debug, PartialEq, Eq)]
struct Body {
    order: OrderId,
    command: OrderCommand,
}

/// A command under its key, and its outcome once there is one.
#[derive(Debug)]
struct Attempt {
    body: Body,
    outcome: OnceCell<Result<Receipt, Refusal>>,
}

#[derive(Debug, Default)]
struct Keys {
    attempts: Mutex<HashMap<Scoped, Arc<Attempt>>>,
}

impl Keys {
    /// Takes part in the attempt under that key, and begins it if there is none. Whoever doesn't wait takes
    /// part only in one that has its outcome.
    fn claim(&self, key: Scoped, body: Body, waits: bool) -> Result<Claim<'_>, Refusal> {
        let mut attempts = lock(&self.attempts);
        if let Some(attempt) = attempts.get(&key) {
            if attempt.body != body {
                return Err(Refusal::KeyReused { key: key.key });
            }
            let attempt = (waits || attempt.outcome.get().is_some()).then(|| Arc::clone(attempt));
            return Ok(Claim { keys: self, key, attempt });
        }
        let attempt = Arc::new(Attempt { body, outcome: OnceCell::new() });
        attempts.insert(key.clone(), Arc::clone(&attempt));
        Ok(Claim { keys: self, key, attempt: Some(attempt) })
    }
}

/// Somebody's part in an attempt. When the last one leaves it without an outcome (the store failed,
/// or everybody gave up waiting), the key is free again.
struct Claim<'a> {
    keys: &'a Keys,
    key: Scoped,
    /// Taken out on drop only.
    attempt: Option<Arc<Attempt>>,
}

impl Claim<'_> {
    /// The outcome of the attempt. `handle` is polled only if nobody else's is.
    async fn first_outcome(
        &self,
        handle: impl Future<Output = Result<Receipt, CommandError>> + Send,
    ) -> Result<Receipt, CommandError> {
        let settled = async {
            match handle.await {
                Ok(receipt) => Ok(Ok(receipt)),
                Err(CommandError::Rejected(refusal)) => Ok(Err(refusal)),
                Err(failure) => Err(failure),
            }
        };
        match &self.attempt {
            Some(attempt) => {
                let outcome = attempt.outcome.get_or_try_init(|| settled).await?;
                outcome.clone().map_err(CommandError::from)
            }
            None => settled.await?.map_err(CommandError::from),
        }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut attempts = lock(&self.keys.attempts);
        // Parts are taken and left under this lock only, so the count can be trusted here.
        self.attempt = None;
        if let Some(attempt) = attempts.get(&self.key)
            && attempt.outcome.get().is_none()
            && Arc::strong_count(attempt) == 1
        {
            attempts.remove(&self.key);
        }
    }
}
