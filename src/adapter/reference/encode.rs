//! The order system's own answers, as scenarios see them.

use std::sync::Arc;

use reference_impl::application::{
    AuditEntry, CustomerOrdersPage, OrderSnapshot, Receipt as OrderReceipt, Reflecting, Refusal,
};
use reference_impl::clock::Timestamp;
use reference_impl::domain::{CustomerId, Item, OrderEvent, OrderId};
use reference_impl::projection::{CustomerOrder, OrderSummary};
use reference_impl::store::RecordedEvent;
use rust_decimal::Decimal;

use crate::protocol::{Answer, Event, Receipt, Rejection, Seen, Version};
use crate::value::{Number, Record, Value};

pub(super) fn receipt(receipt: &OrderReceipt) -> Receipt {
    Receipt {
        id: Some(id(receipt.order)),
        version: Some(Version::Number(receipt.version.get())),
        position: Some(receipt.position.get()),
        body: Record::default(),
    }
}

pub(super) fn refusal(refusal: &Refusal) -> Rejection {
    Rejection {
        code: Some(refusal.code().into()),
        detail: Some(refusal.to_string().into()),
        body: Record::default(),
    }
}

pub(super) fn details(answer: &Reflecting<Option<Arc<OrderSummary>>>) -> Answer {
    let seen = match &answer.value {
        Some(order) => Seen::Found(summary(order)),
        None => Seen::Absent,
    };
    reflecting(seen, answer)
}

pub(super) fn list(answer: &Reflecting<CustomerOrdersPage>) -> Answer {
    let rows = answer.value.rows.iter().map(|order| row(order)).collect();
    reflecting(Seen::Found(Value::List(rows)), answer).of_total(answer.value.total_count as u64)
}

/// An order as it was at an earlier version: what only the read model knows is not in it.
pub(super) fn snapshot(answer: &Reflecting<Option<OrderSnapshot>>) -> Answer {
    let seen = match &answer.value {
        Some(order) => Seen::Found(record([
            ("order", id(order.order)),
            ("customer", order.customer.as_ref().map(CustomerId::as_str).map_or(Value::Null, Value::from)),
            ("status", Value::from(order.status.as_str())),
            ("items", Value::List(order.items.iter().map(item).collect())),
            ("total", decimal(order.total)),
            ("item_count", Value::from(order.item_count as u64)),
            ("deliver_at", moment(order.deliver_at)),
        ])),
        None => Seen::Absent,
    };
    reflecting(seen, answer)
}

/// An event of the feed.
pub(super) fn recorded(event: &RecordedEvent) -> Event {
    Event {
        name: event.event.name().into(),
        on: id(event.order),
        fields: fields(&event.event),
        version: Some(Version::Number(event.version.get())),
        position: Some(event.position.get()),
        id: Some(event.metadata.event_id.to_string().into()),
        causation: Some(event.metadata.command_id.to_string().into()),
    }
}

/// An event of an order's audit trail.
pub(super) fn entry(order: OrderId, entry: &AuditEntry) -> Event {
    Event {
        name: entry.event.name().into(),
        on: id(order),
        fields: fields(&entry.event),
        version: Some(Version::Number(entry.version.get())),
        position: Some(entry.position.get()),
        id: Some(entry.event_id.to_string().into()),
        causation: Some(entry.command_id.to_string().into()),
    }
}

fn fields(event: &OrderEvent) -> Record {
    match event {
        OrderEvent::OrderCreated { customer, items } => named([
            ("customer", Value::from(customer.as_str())),
            ("items", Value::List(items.iter().map(item).collect())),
        ]),
        OrderEvent::ItemAdded { product, quantity, price } => named([
            ("product", Value::from(product.as_str())),
            ("quantity", Value::from(*quantity)),
            ("price", decimal(*price)),
        ]),
        OrderEvent::ItemRemoved { product } => named([("product", Value::from(product.as_str()))]),
        OrderEvent::DeliveryRequested { deliver_at } => {
            named([("deliver_at", Value::from(deliver_at.to_string().as_str()))])
        }
        OrderEvent::OrderConfirmed {} => Record::new(),
        OrderEvent::OrderCancelled { reason } => named([("reason", Value::from(reason.as_str()))]),
    }
}

fn reflecting<T>(seen: Seen, answer: &Reflecting<T>) -> Answer {
    Answer {
        seen,
        version: answer.version.map(|version| Version::Number(version.get())),
        position: Some(answer.position.get()),
        total: None,
    }
}

fn summary(order: &OrderSummary) -> Value {
    let text = |text: &Option<Arc<str>>| text.clone().map_or(Value::Null, Value::Text);
    record([
        ("order", id(order.order)),
        ("customer", Value::from(order.customer.as_str())),
        ("customer_name", text(&order.customer_name)),
        ("customer_email", text(&order.customer_email)),
        ("status", Value::from(order.status.as_str())),
        ("items", Value::List(order.items.iter().map(item).collect())),
        ("total", decimal(order.total)),
        ("item_count", Value::from(order.item_count as u64)),
        ("created_at", Value::from(order.created_at.to_string().as_str())),
        ("deliver_at", moment(order.deliver_at)),
    ])
}

fn row(order: &CustomerOrder) -> Value {
    record([
        ("order", id(order.order)),
        ("status", Value::from(order.status.as_str())),
        ("total", decimal(order.total)),
    ])
}

fn item(item: &Item) -> Value {
    record([
        ("product", Value::from(item.product.as_str())),
        ("quantity", Value::from(item.quantity)),
        ("price", decimal(item.price)),
    ])
}

fn id(order: OrderId) -> Value {
    Value::from(order.to_string().as_str())
}

fn moment(moment: Option<Timestamp>) -> Value {
    moment.map_or(Value::Null, |moment| Value::from(moment.to_string().as_str()))
}

fn decimal(decimal: Decimal) -> Value {
    Value::Number(Number::from(decimal))
}

fn record<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Record(named(fields))
}

fn named<const N: usize>(fields: [(&str, Value); N]) -> Record {
    fields.into_iter().map(|(name, value)| (Arc::from(name), value)).collect()
}
