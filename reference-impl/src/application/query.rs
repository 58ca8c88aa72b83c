//! Queries: what can be asked. Each is a message type of its own, with an answer of its own.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Message, QueryError};
use crate::clock::Timestamp;
use crate::domain::{CustomerId, Item, OrderEvent, OrderId, OrderStatus, money};
use crate::projection::{CustomerOrder, OrderSummary};
use crate::store::{ActorId, CommandId, EventId, MessageId, Position, Version};

/// How many rows a page holds unless told otherwise.
const DEFAULT_PAGE_SIZE: u32 = 20;

/// An answer, and what of the log it reflects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reflecting<T> {
    /// The answer itself.
    pub value: T,
    /// Every event up to here is reflected, and none after it.
    pub position: Position,
    /// The version of the order's stream that is reflected, where the answer is about one order;
    /// 0 where nothing of the order is known.
    pub version: Option<Version>,
}

/// One order as it shows now, from the read model `order_summary`. An absent order is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetOrderDetails {
    /// Which order.
    pub order: OrderId,
}

impl Message for GetOrderDetails {
    const NAME: &'static str = "GetOrderDetails";
    type Answer = Reflecting<Option<Arc<OrderSummary>>>;
    type Error = QueryError;
}

/// A customer's orders, newest first, from the read model `customer_orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListCustomerOrders {
    /// Whose.
    pub customer: CustomerId,
    /// Which page, from 1.
    pub page: u32,
    /// How many rows a page holds, 1 to 100.
    pub page_size: u32,
}

impl ListCustomerOrders {
    /// The first page, of 20 rows.
    pub fn new(customer: impl Into<CustomerId>) -> Self {
        Self { customer: customer.into(), page: 1, page_size: DEFAULT_PAGE_SIZE }
    }

    /// Another page, or pages of another size.
    #[must_use]
    pub fn page(self, page: u32, page_size: u32) -> Self {
        Self { page, page_size, ..self }
    }
}

impl Message for ListCustomerOrders {
    const NAME: &'static str = "ListCustomerOrders";
    type Answer = Reflecting<CustomerOrdersPage>;
    type Error = QueryError;
}

/// A page of a customer's orders.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerOrdersPage {
    /// The rows, newest first. A page behind the last one is empty.
    pub rows: Vec<Arc<CustomerOrder>>,
    /// How many orders the customer has on all pages together.
    pub total_count: usize,
    /// Which page this is.
    pub page: u32,
    /// How many rows a page holds at most.
    pub page_size: u32,
}

/// One order as it was at an earlier version, from the event log itself. `None` where the order
/// never had that version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetOrderAsOf {
    /// Which order.
    pub order: OrderId,
    /// The version asked for.
    pub version: Version,
}

impl Message for GetOrderAsOf {
    const NAME: &'static str = "GetOrderAsOf";
    type Answer = Reflecting<Option<OrderSnapshot>>;
    type Error = QueryError;
}

/// An order at one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSnapshot {
    /// Which order.
    pub order: OrderId,
    /// Who ordered.
    pub customer: Option<CustomerId>,
    /// Where it stood.
    pub status: OrderStatus,
    /// Its lines then.
    pub items: Vec<Item>,
    /// The exact sum of quantity × price then.
    #[serde(with = "money::as_text")]
    pub total: Decimal,
    /// How many lines there were.
    pub item_count: usize,
    /// When it was to be delivered then, if somebody had said.
    pub deliver_at: Option<Timestamp>,
}

/// Everything that has happened to one order, from the event log itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetOrderAuditTrail {
    /// Which order.
    pub order: OrderId,
}

impl Message for GetOrderAuditTrail {
    const NAME: &'static str = "GetOrderAuditTrail";
    type Answer = Reflecting<Vec<AuditEntry>>;
    type Error = QueryError;
}

/// One line of an audit trail: what happened, when, and by whose command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// The order's version with this event.
    pub version: Version,
    /// The event's global position.
    pub position: Position,
    /// When it was recorded.
    pub time: Timestamp,
    /// What happened.
    pub event: OrderEvent,
    /// The event's own id.
    pub event_id: EventId,
    /// The command that led to it.
    pub command_id: CommandId,
    /// The message that led to the command, where known.
    pub causation: Option<MessageId>,
    /// Who sent the command, where known.
    pub actor: Option<ActorId>,
}
