//! `order_summary`: one order with all that a page about it shows, denormalised.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::facts::{delivery_after, items_after, status_after};
use super::{CustomerDirectory, DerivedDirectory, InMemoryOrderSummaries, Projection, ReadRepository, Row};
use crate::clock::Timestamp;
use crate::domain::{CustomerId, Item, OrderEvent, OrderId, OrderStatus, money};
use crate::store::{Position, RecordedEvent, StoreError, Version};

/// A row of `order_summary`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderSummary {
    /// Which order.
    pub order: OrderId,
    /// Who ordered.
    pub customer: CustomerId,
    /// Their name, as it was when the order was opened; `None` if the directory didn't know them.
    pub customer_name: Option<Arc<str>>,
    /// Their e-mail address, likewise.
    pub customer_email: Option<Arc<str>>,
    /// Where the order stands.
    pub status: OrderStatus,
    /// Its lines, in the order they were added.
    pub items: Vec<Item>,
    /// The exact sum of quantity × price.
    #[serde(with = "money::as_text")]
    pub total: Decimal,
    /// How many lines there are.
    pub item_count: usize,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it is to be delivered; `None` as long as nobody has said.
    pub deliver_at: Option<Timestamp>,
    /// The version of the order's stream that the row reflects.
    pub version: Version,
    /// The global position of the event of that version.
    pub position: Position,
}

impl Row for OrderSummary {
    fn order(&self) -> OrderId {
        self.order
    }

    fn applied(&self) -> Position {
        self.position
    }
}

/// Folds events into [`OrderSummary`] rows.
#[derive(Debug)]
pub struct OrderSummaries {
    customers: Arc<dyn CustomerDirectory>,
}

impl OrderSummaries {
    /// Looks customers up in `customers`.
    pub fn new(customers: Arc<dyn CustomerDirectory>) -> Self {
        Self { customers }
    }

    async fn opened(&self, customer: &CustomerId, event: &RecordedEvent) -> Result<OrderSummary, StoreError> {
        let (name, email) = match self.customers.find(customer).await? {
            Some(found) => (Some(found.name), Some(found.email)),
            None => (None, None),
        };
        Ok(OrderSummary {
            order: event.order,
            customer: customer.clone(),
            customer_name: name,
            customer_email: email,
            status: OrderStatus::Absent,
            items: Vec::new(),
            total: Decimal::ZERO,
            item_count: 0,
            created_at: event.metadata.time,
            deliver_at: None,
            version: event.version,
            position: event.position,
        })
    }
}

impl Projection for OrderSummaries {
    const NAME: &'static str = "order_summary";
    const VERSION: u32 = 2;
    type Row = OrderSummary;
    type Repository = dyn ReadRepository<OrderSummary>;

    fn empty() -> Arc<Self::Repository> {
        Arc::new(InMemoryOrderSummaries::default())
    }

    fn sample() -> Self {
        Self::new(Arc::new(DerivedDirectory))
    }

    async fn project(
        &self,
        row: Option<&OrderSummary>,
        event: &RecordedEvent,
    ) -> Result<Option<OrderSummary>, StoreError> {
        let before = match (&event.event, row) {
            (OrderEvent::OrderCreated { customer, .. }, _) => self.opened(customer, event).await?,
            (_, Some(row)) => row.clone(),
            (_, None) => return Ok(None),
        };
        let items = items_after(&before.items, &event.event);
        Ok(money::total(&items).map(|total| OrderSummary {
            status: status_after(before.status, &event.event),
            item_count: items.len(),
            items,
            total,
            deliver_at: delivery_after(before.deliver_at, &event.event),
            version: event.version,
            position: event.position,
            ..before
        }))
    }
}
