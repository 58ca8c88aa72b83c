//! What goes over the wire in answers: structs of the API's own, so that the insides can change and
//! clients don't notice.

use serde::Serialize;
use uuid::Uuid;

use super::decimal::Exact;
use crate::application::{AuditEntry, OrderSnapshot, Receipt as Accepted};
use crate::domain::{CustomerId, Item as Line, OffsetDateTime, OrderEvent};
use crate::projection::{CustomerOrder, OrderSummary};
use crate::store::{ActorId, EventMetadata, RecordedEvent};

/// The answer to an accepted command.
#[derive(Debug, Serialize)]
pub(super) struct Receipt {
    id: Uuid,
    version: u64,
    position: u64,
}

impl From<&Accepted> for Receipt {
    fn from(receipt: &Accepted) -> Self {
        Self { id: receipt.order.as_uuid(), version: receipt.version.get(), position: receipt.position.get() }
    }
}

/// One line of an order.
#[derive(Debug, Serialize)]
pub(super) struct Item<'a> {
    product: &'a str,
    quantity: i64,
    price: Exact,
}

impl<'a> From<&'a Line> for Item<'a> {
    fn from(line: &'a Line) -> Self {
        Self { product: line.product.as_str(), quantity: line.quantity, price: Exact(line.price) }
    }
}

fn items(lines: &[Line]) -> Vec<Item<'_>> {
    lines.iter().map(Item::from).collect()
}

/// An order as it shows now.
#[derive(Debug, Serialize)]
pub(super) struct Order<'a> {
    id: Uuid,
    customer: &'a str,
    customer_name: Option<&'a str>,
    customer_email: Option<&'a str>,
    status: &'static str,
    items: Vec<Item<'a>>,
    total: Exact,
    item_count: usize,
    created_at: String,
    deliver_at: Option<String>,
    version: u64,
    position: u64,
}

impl<'a> From<&'a OrderSummary> for Order<'a> {
    fn from(order: &'a OrderSummary) -> Self {
        Self {
            id: order.order.as_uuid(),
            customer: order.customer.as_str(),
            customer_name: order.customer_name.as_deref(),
            customer_email: order.customer_email.as_deref(),
            status: order.status.as_str(),
            items: items(&order.items),
            total: Exact(order.total),
            item_count: order.item_count,
            created_at: order.created_at.to_string(),
            deliver_at: order.deliver_at.map(|at| at.to_string()),
            version: order.version.get(),
            position: order.position.get(),
        }
    }
}

/// An order as it was at an earlier version.
#[derive(Debug, Serialize)]
pub(super) struct Snapshot<'a> {
    id: Uuid,
    customer: Option<&'a str>,
    status: &'static str,
    items: Vec<Item<'a>>,
    total: Exact,
    item_count: usize,
    deliver_at: Option<String>,
    version: u64,
}

impl<'a> Snapshot<'a> {
    pub(super) fn new(order: &'a OrderSnapshot, version: u64) -> Self {
        Self {
            id: order.order.as_uuid(),
            customer: order.customer.as_ref().map(CustomerId::as_str),
            status: order.status.as_str(),
            items: items(&order.items),
            total: Exact(order.total),
            item_count: order.item_count,
            deliver_at: order.deliver_at.map(|at| at.to_string()),
            version,
        }
    }
}

/// A row of a customer's list.
#[derive(Debug, Serialize)]
pub(super) struct Row<'a> {
    id: Uuid,
    customer: &'a str,
    status: &'static str,
    total: Exact,
    version: u64,
    position: u64,
}

impl<'a> From<&'a CustomerOrder> for Row<'a> {
    fn from(order: &'a CustomerOrder) -> Self {
        Self {
            id: order.order.as_uuid(),
            customer: order.customer.as_str(),
            status: order.status.as_str(),
            total: Exact(order.total),
            version: order.version.get(),
            position: order.position.get(),
        }
    }
}

/// A page of a customer's list.
#[derive(Debug, Serialize)]
pub(super) struct CustomerOrders<'a> {
    pub(super) orders: Vec<Row<'a>>,
    pub(super) total_count: usize,
    pub(super) page: u32,
    pub(super) page_size: u32,
}

/// Something that has happened, in the feed and in audit trails.
#[derive(Debug, Serialize)]
pub(super) struct Event<'a> {
    id: Uuid,
    position: u64,
    order: Uuid,
    version: u64,
    r#type: &'static str,
    data: Data<'a>,
    time: String,
    command_id: Uuid,
    causation_id: Option<Uuid>,
    actor: Option<&'a str>,
}

impl<'a> From<&'a RecordedEvent> for Event<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        let EventMetadata { event_id, time, command_id, causation, actor } = &event.metadata;
        Self {
            id: event_id.as_uuid(),
            position: event.position.get(),
            order: event.order.as_uuid(),
            version: event.version.get(),
            r#type: event.event.name(),
            data: Data::from(&event.event),
            time: time.to_string(),
            command_id: command_id.as_uuid(),
            causation_id: causation.map(|causation| causation.as_uuid()),
            actor: actor.as_ref().map(ActorId::as_str),
        }
    }
}

impl<'a> Event<'a> {
    /// A line of the audit trail of that order.
    pub(super) fn of(order: Uuid, entry: &'a AuditEntry) -> Self {
        Self {
            id: entry.event_id.as_uuid(),
            position: entry.position.get(),
            order,
            version: entry.version.get(),
            r#type: entry.event.name(),
            data: Data::from(&entry.event),
            time: entry.time.to_string(),
            command_id: entry.command_id.as_uuid(),
            causation_id: entry.causation.map(|causation| causation.as_uuid()),
            actor: entry.actor.as_ref().map(ActorId::as_str),
        }
    }
}

/// What an event says. Its name is beside it.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Created { customer: &'a str, items: Vec<Item<'a>> },
    Added { product: &'a str, quantity: i64, price: Exact },
    Removed { product: &'a str },
    DeliveryRequested { deliver_at: OffsetDateTime },
    Cancelled { reason: &'a str },
    Confirmed {},
}

impl<'a> From<&'a OrderEvent> for Data<'a> {
    fn from(event: &'a OrderEvent) -> Self {
        match event {
            OrderEvent::OrderCreated { customer, items: lines } => {
                Self::Created { customer: customer.as_str(), items: items(lines) }
            }
            OrderEvent::ItemAdded { product, quantity, price } => {
                Self::Added { product: product.as_str(), quantity: *quantity, price: Exact(*price) }
            }
            OrderEvent::ItemRemoved { product } => Self::Removed { product: product.as_str() },
            OrderEvent::DeliveryRequested { deliver_at } => {
                Self::DeliveryRequested { deliver_at: *deliver_at }
            }
            OrderEvent::OrderConfirmed {} => Self::Confirmed {},
            OrderEvent::OrderCancelled { reason } => Self::Cancelled { reason },
        }
    }
}

/// A part of the feed.
#[derive(Debug, Serialize)]
pub(super) struct Feed<'a> {
    pub(super) events: Vec<Event<'a>>,
    /// Where to read on.
    pub(super) next: u64,
    /// The position of the last event there is.
    pub(super) head: u64,
}

/// An order's audit trail.
#[derive(Debug, Serialize)]
pub(super) struct AuditTrail<'a> {
    pub(super) id: Uuid,
    pub(super) version: u64,
    pub(super) events: Vec<Event<'a>>,
}

/// A read model, and how far it is.
#[derive(Debug, Serialize)]
pub(super) struct ReadModel<'a> {
    pub(super) name: &'a str,
    pub(super) position: u64,
}
