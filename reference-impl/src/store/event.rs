//! Events as the store keeps them: with their place in the log and where they came from.

use serde::{Deserialize, Serialize};

use super::{Position, Version};
use crate::clock::Timestamp;
use crate::domain::{OrderEvent, OrderId, text_id, uuid_id};

uuid_id! {
    /// Names one event.
    EventId
}

uuid_id! {
    /// Names one command. A client that retries a command may send the same id again; what makes
    /// the retry safe is the idempotency key.
    CommandId
}

uuid_id! {
    /// Names a message of any system: what a command says it was caused by.
    MessageId
}

text_id! {
    /// Names who speaks: a user, a service.
    ActorId
}

/// Where an event came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventMetadata {
    /// The event's own id.
    pub event_id: EventId,
    /// When it was recorded.
    pub time: Timestamp,
    /// The command that led to it.
    pub command_id: CommandId,
    /// The message that led to the command, where the client named one.
    pub causation: Option<MessageId>,
    /// Who sent the command, where that is known.
    pub actor: Option<ActorId>,
}

/// An event that is to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What has happened.
    pub event: OrderEvent,
    /// Where it came from.
    pub metadata: EventMetadata,
}

/// An event in the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedEvent {
    /// Its global position.
    pub position: Position,
    /// Whose stream it is in.
    pub order: OrderId,
    /// Its version in that stream.
    pub version: Version,
    /// What has happened.
    pub event: OrderEvent,
    /// Where it came from.
    pub metadata: EventMetadata,
}
