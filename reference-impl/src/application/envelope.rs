//! The envelope: everything about a command but the command.

use super::{Command, ReplayMark};
use crate::domain::OrderId;
use crate::store::{ActorId, CommandId, ExpectedVersion, IdempotencyKey, MessageId};

/// A command on its way: on which order, on what condition, from whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope<C> {
    /// The order it is for.
    pub order: OrderId,
    /// The command itself.
    pub command: C,
    /// With a key, sending the same command again has no second effect.
    pub key: Option<IdempotencyKey>,
    /// Where the order must be for the command to be decided at all.
    pub expected: ExpectedVersion,
    /// The command's id; drawn from the system's seed where the client gives none.
    pub command_id: Option<CommandId>,
    /// The message that led to this command.
    pub causation: Option<MessageId>,
    /// Who sends it. Keys of different actors are different keys.
    pub actor: Option<ActorId>,
    /// Where to note that the outcome is that of an earlier command under the same key.
    pub replay: Option<ReplayMark>,
}

impl<C: Command> Envelope<C> {
    /// A command on an order, with nothing else said.
    pub fn new(order: OrderId, command: C) -> Self {
        Self {
            order,
            command,
            key: None,
            expected: ExpectedVersion::Any,
            command_id: None,
            causation: None,
            actor: None,
            replay: None,
        }
    }

    /// Sets the idempotency key.
    #[must_use]
    pub fn with_key(self, key: impl Into<IdempotencyKey>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Sets the expected version.
    #[must_use]
    pub fn expecting(self, expected: ExpectedVersion) -> Self {
        Self { expected, ..self }
    }

    /// Sets the command's id.
    #[must_use]
    pub fn with_id(self, command_id: CommandId) -> Self {
        Self { command_id: Some(command_id), ..self }
    }

    /// Names the message that led to this command.
    #[must_use]
    pub fn caused_by(self, causation: MessageId) -> Self {
        Self { causation: Some(causation), ..self }
    }

    /// Names who sends it.
    #[must_use]
    pub fn by(self, actor: impl Into<ActorId>) -> Self {
        Self { actor: Some(actor.into()), ..self }
    }

    /// Has it noted in `mark` if the outcome is that of an earlier command under the same key.
    #[must_use]
    pub fn noting_replay(self, mark: &ReplayMark) -> Self {
        Self { replay: Some(mark.clone()), ..self }
    }

    /// The same envelope with the command turned into another type.
    pub(super) fn map<D>(self, turn: impl FnOnce(C) -> D) -> Envelope<D> {
        let Self { order, command, key, expected, command_id, causation, actor, replay } = self;
        Envelope { order, command: turn(command), key, expected, command_id, causation, actor, replay }
    }
}
