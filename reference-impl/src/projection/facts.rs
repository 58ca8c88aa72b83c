//! What events say about an order, as rows of any read model take it in.

use crate::clock::Timestamp;
use crate::domain::{Item, OrderEvent, OrderStatus};

/// The lines after `event`.
pub(crate) fn items_after(items: &[Item], event: &OrderEvent) -> Vec<Item> {
    let kept = items.iter().cloned();
    match event {
        OrderEvent::OrderCreated { items, .. } => items.clone(),
        OrderEvent::ItemAdded { product, quantity, price } => {
            kept.chain([Item::new(product.clone(), *quantity, *price)]).collect()
        }
        OrderEvent::ItemRemoved { product } => kept.filter(|item| item.product != *product).collect(),
        OrderEvent::DeliveryRequested { .. }
        | OrderEvent::OrderConfirmed {}
        | OrderEvent::OrderCancelled { .. } => kept.collect(),
    }
}

/// The status after `event`.
pub(crate) const fn status_after(status: OrderStatus, event: &OrderEvent) -> OrderStatus {
    match event {
        OrderEvent::OrderCreated { .. } => OrderStatus::Pending,
        OrderEvent::OrderConfirmed {} => OrderStatus::Confirmed,
        OrderEvent::OrderCancelled { .. } => OrderStatus::Cancelled,
        OrderEvent::ItemAdded { .. }
        | OrderEvent::ItemRemoved { .. }
        | OrderEvent::DeliveryRequested { .. } => status,
    }
}

/// When to deliver, after `event`.
pub(crate) const fn delivery_after(before: Option<Timestamp>, event: &OrderEvent) -> Option<Timestamp> {
    match event {
        OrderEvent::OrderCreated { .. } => None,
        OrderEvent::DeliveryRequested { deliver_at } => Some(deliver_at.moment()),
        _ => before,
    }
}
