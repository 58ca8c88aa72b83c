//! The pipeline's last step: load, decide, append.

use std::sync::Arc;

use super::{Command, CommandError, Envelope, Handler, Receipt, Refusal};
use crate::clock::Clock;
use crate::defect::DecisionPoint;
use crate::domain::{OrderCommand, OrderEvent};
use crate::seed::IdSource;
use crate::store::{
    ActorKey, Append, AppendError, Appended, CommandId, CommandKey, Conflict, EventMetadata, ExpectedVersion,
    KeyedCommand, NewEvent, OrderRepository, Version,
};

/// How often a command is decided anew because somebody else wrote to its order meanwhile. After
/// that it is refused: a client may know better than to insist.
const MAX_ATTEMPTS: usize = 16;

/// Handles every command on an order.
#[derive(Debug, Clone)]
pub struct OrderCommandHandler {
    orders: OrderRepository,
    decision: Arc<dyn DecisionPoint>,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
}

impl OrderCommandHandler {
    /// Decides on what `orders` holds, through `decision`; stamps events with `clock`'s time and ids from
    /// `ids`.
    pub fn new(
        orders: OrderRepository,
        decision: Arc<dyn DecisionPoint>,
        clock: Arc<dyn Clock>,
        ids: Arc<IdSource>,
    ) -> Self {
        Self { orders, decision, clock, ids }
    }

    /// Loads the order, decides, and appends what was decided: once.
    async fn attempt(
        &self,
        envelope: &Envelope<OrderCommand>,
        command_id: CommandId,
    ) -> Result<Receipt, CommandError> {
        let Envelope { order, expected, .. } = *envelope;
        let loaded = self.orders.load(order).await?;
        if !self.orders.admits(order, expected, loaded.version) {
            return Err(Conflict { order, expected, actual: loaded.version }.into());
        }
        let base = expected.named().unwrap_or(loaded.version);
        match self.decision.decide(&loaded.state, &envelope.command) {
            Ok(events) => {
                let at = self.record(events, base, envelope, command_id, key(envelope)).await?;
                Ok(Receipt { order, version: at.version, position: at.position })
            }
            Err(rejection) => {
                let left = self.decision.left_by_rejected(&loaded.state, &envelope.command);
                if !left.is_empty() {
                    self.record(left, base, envelope, command_id, None).await?;
                }
                Err(rejection.into())
            }
        }
    }

    async fn record(
        &self,
        events: Vec<OrderEvent>,
        base: Version,
        envelope: &Envelope<OrderCommand>,
        command_id: CommandId,
        key: Option<CommandKey>,
    ) -> Result<Appended, AppendError> {
        let append = Append {
            order: envelope.order,
            expected: ExpectedVersion::Exact(base),
            events: events.into_iter().map(|event| self.stamp(event, envelope, command_id)).collect(),
            key,
        };
        self.orders.save(append).await
    }

    fn stamp(&self, event: OrderEvent, envelope: &Envelope<OrderCommand>, command_id: CommandId) -> NewEvent {
        let metadata = EventMetadata {
            event_id: self.ids.next(),
            time: self.clock.now(),
            command_id,
            causation: envelope.causation,
            actor: envelope.actor.clone(),
        };
        NewEvent { event, metadata }
    }
}

/// What the outcome of a command is remembered under.
fn key(envelope: &Envelope<OrderCommand>) -> Option<CommandKey> {
    let key = envelope.key.clone()?;
    Some(CommandKey {
        key: ActorKey { actor: envelope.actor.clone(), key },
        command: Arc::new(KeyedCommand { order: envelope.order, command: envelope.command.clone() }),
    })
}

impl<C: Command> Handler<Envelope<C>> for OrderCommandHandler {
    async fn handle(&self, envelope: Envelope<C>) -> Result<Receipt, CommandError> {
        let envelope = envelope.map(Into::into);
        let command_id = envelope.command_id.unwrap_or_else(|| self.ids.next());
        for _ in 1..MAX_ATTEMPTS {
            match self.attempt(&envelope, command_id).await {
                // A caller who expects nothing doesn't care who came first: decide again, on what is
                // there now. A caller who expects a version wants to be told.
                Err(CommandError::Rejected(Refusal::ConcurrencyConflict(_)))
                    if envelope.expected == ExpectedVersion::Any => {}
                outcome => return outcome,
            }
        }
        self.attempt(&envelope, command_id).await
    }
}
