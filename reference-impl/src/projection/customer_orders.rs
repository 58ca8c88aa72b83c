//! `customer_orders`: what a customer's list of orders shows, newest first.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::facts::{items_after, status_after};
use super::{CustomerOrdersRepository, InMemoryCustomerOrders, Projection, Row};
use crate::domain::{CustomerId, Item, OrderEvent, OrderId, OrderStatus, money};
use crate::store::{Position, RecordedEvent, StoreError, Version};

/// A row of `customer_orders`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerOrder {
    /// Which order.
    pub order: OrderId,
    /// Whose.
    pub customer: CustomerId,
    /// Where it stands.
    pub status: OrderStatus,
    /// The exact sum of quantity × price.
    #[serde(with = "money::as_text")]
    pub total: Decimal,
    /// The version of the order's stream that the row reflects.
    pub version: Version,
    /// The global position of the event of that version.
    pub position: Position,
    /// The global position of the event that opened the order: lists are in this order.
    pub opened: Position,
    /// The lines behind the total. No query shows them; the next event is folded into them.
    pub items: Vec<Item>,
}

impl Row for CustomerOrder {
    fn order(&self) -> OrderId {
        self.order
    }

    fn applied(&self) -> Position {
        self.position
    }
}

/// Folds events into [`CustomerOrder`] rows.
#[derive(Debug, Clone, Copy, Default)]
pub struct CustomerOrders;

impl Projection for CustomerOrders {
    const NAME: &'static str = "customer_orders";
    const VERSION: u32 = 2;
    type Row = CustomerOrder;
    type Repository = dyn CustomerOrdersRepository;

    fn empty() -> Arc<Self::Repository> {
        Arc::new(InMemoryCustomerOrders::default())
    }

    fn sample() -> Self {
        Self
    }

    async fn project(
        &self,
        row: Option<&CustomerOrder>,
        event: &RecordedEvent,
    ) -> Result<Option<CustomerOrder>, StoreError> {
        let (customer, status, items) = match (&event.event, row) {
            (OrderEvent::OrderCreated { customer, .. }, _) => (customer, OrderStatus::Absent, &[][..]),
            (_, Some(row)) => (&row.customer, row.status, row.items.as_slice()),
            (_, None) => return Ok(None),
        };
        let items = items_after(items, &event.event);
        Ok(money::total(&items).map(|total| CustomerOrder {
            order: event.order,
            customer: customer.clone(),
            status: status_after(status, &event.event),
            total,
            version: event.version,
            position: event.position,
            opened: row.map_or(event.position, |row| row.opened),
            items,
        }))
    }
}
