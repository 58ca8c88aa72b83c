//! Idempotency keys: which command a key stands for, and what came of it.

use std::fmt::Debug;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{ActorId, Appended, Conflict, StoreError};
use crate::BoxFuture;
use crate::domain::{OrderCommand, OrderId, Rejection, text_id};

text_id! {
    /// What a client puts on a command so that it can send it again safely (the `Idempotency-Key`
    /// header field of the IETF draft of that name).
    IdempotencyKey
}

/// A key, as one actor's. Nobody gets to see the outcome of somebody else's command.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ActorKey {
    /// Whose key it is, where that is known.
    pub actor: Option<ActorId>,
    /// The key itself.
    pub key: IdempotencyKey,
}

/// What must be the same for a command to be the same again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyedCommand {
    /// The order it is for.
    pub order: OrderId,
    /// The command itself.
    pub command: OrderCommand,
}

/// A key and the command that was sent with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandKey {
    /// The key.
    pub key: ActorKey,
    /// The command.
    pub command: Arc<KeyedCommand>,
}

/// Why a command was refused, in so far as a key remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refused {
    /// A rule of the domain forbade it.
    Rule(Rejection),
    /// The order was not at the version that was expected.
    Conflict(Conflict),
}

/// What is remembered under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptOutcome {
    /// The command that the key was first used for.
    pub command: Arc<KeyedCommand>,
    /// What came of it: where its events are, or why there are none.
    pub outcome: Result<Appended, Refused>,
}

/// The port to remembered outcomes. The outcome of an append is remembered by the append itself, in
/// the same atomic step ([`Append::key`](super::Append::key)): a key without its effect, or an effect
/// without its key, can't be left by a crash. So an event store and its keys are one store.
pub trait KeyStore: Send + Sync + Debug {
    /// What is remembered under a key.
    fn find<'a>(&'a self, key: &'a ActorKey) -> BoxFuture<'a, Result<Option<KeptOutcome>, StoreError>>;

    /// Remembers that a command was refused, unless something is remembered under its key already.
    /// Gives what is remembered from then on.
    fn keep(&self, key: CommandKey, refused: Refused) -> BoxFuture<'_, Result<KeptOutcome, StoreError>>;
}
