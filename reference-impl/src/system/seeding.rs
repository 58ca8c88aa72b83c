//! Test support: puts events into a stream without a command, so that a test can begin anywhere.

use super::OrderSystem;
use crate::application::Receipt;
use crate::domain::{Order, OrderEvent, OrderId, OrderStatus};
use crate::projection::ProjectionError;
use crate::store::{Append, AppendError, EventMetadata, ExpectedVersion, NewEvent, Version};

/// Why events were not put into a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeedError {
    /// No events were given.
    #[error("there are no events to put into order {order}")]
    Empty {
        /// The order.
        order: OrderId,
    },
    /// The order could never have got there.
    #[error("{event} can't happen to order {order}, which is {status}")]
    Impossible {
        /// The order.
        order: OrderId,
        /// The event's name.
        event: &'static str,
        /// Where the order stood by then.
        status: OrderStatus,
    },
    /// A total would come about that can't be held exactly.
    #[error("the total of order {order} would not be an exact decimal")]
    TotalNotExact {
        /// The order.
        order: OrderId,
    },
    /// Somebody else wrote to the stream, or the store failed.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// In strong mode the read models could not be brought up to date.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
}

impl OrderSystem {
    /// Appends events to an order's stream as they are. The rules of commands are not asked, but an
    /// order that doesn't exist can't change, nor one that does be created again.
    ///
    /// # Errors
    /// See [`SeedError`]; nothing is written then, except for [`SeedError::Projection`].
    pub async fn seed_events(&self, order: OrderId, events: Vec<OrderEvent>) -> Result<Receipt, SeedError> {
        let parts = self.parts();
        if events.is_empty() {
            return Err(SeedError::Empty { order });
        }
        let recorded = parts.store.read_stream(order, Version::START).await.map_err(AppendError::from)?;
        let mut state = Order::replay(order, recorded.iter().map(|recorded| &recorded.event));
        events.iter().try_for_each(|event| follow(&mut state, event))?;

        let command_id = parts.ids.next();
        let stamp = |event| NewEvent {
            event,
            metadata: EventMetadata {
                event_id: parts.ids.next(),
                time: parts.clock.now(),
                command_id,
                causation: None,
                actor: None,
            },
        };
        let base = recorded.last().map_or(Version::START, |last| last.version);
        let append = Append {
            order,
            expected: ExpectedVersion::Exact(base),
            events: events.into_iter().map(stamp).collect(),
            key: None,
        };
        let at = parts.store.append(append).await?;
        parts.synchroniser.recorded(at.position).await?;
        Ok(Receipt { order, version: at.version, position: at.position })
    }
}

/// Lets `event` happen to `order`, if it can.
fn follow(order: &mut Order, event: &OrderEvent) -> Result<(), SeedError> {
    let creates = matches!(event, OrderEvent::OrderCreated { .. });
    if creates != (order.status() == OrderStatus::Absent) {
        let (order, status) = (order.id(), order.status());
        return Err(SeedError::Impossible { order, event: event.name(), status });
    }
    order.evolve(event);
    order.total().map(|_| ()).ok_or(SeedError::TotalNotExact { order: order.id() })
}
