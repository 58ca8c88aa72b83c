//! Events, keys and rows as columns, and back.

use std::borrow::Cow;
use std::sync::Arc;

use reference_impl::clock::Timestamp;
use reference_impl::domain::{CustomerId, Item, OrderEvent, OrderId, OrderStatus};
use reference_impl::projection::{At, CustomerOrder, OrderSummary, OrdersOfCustomer};
use reference_impl::store::{
    ActorId, ActorKey, Appended, EventMetadata, IdempotencyKey, KeptOutcome, Position, RecordedEvent,
    Refused, StoreError, Version,
};
use rust_decimal::Decimal;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::error::corrupt;
use crate::state::{Head, OrderState};
use crate::text::{column, original};

/// A number as a column holds it. Positions and versions count up from 1, so none comes near the end.
pub(crate) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number as a column held it.
pub(crate) fn unsigned(number: i64) -> Result<u64, StoreError> {
    u64::try_from(number).map_err(corrupt)
}

pub(crate) fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(corrupt)
}

pub(crate) fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(corrupt)
}

pub(crate) fn decimal(text: &str) -> Result<Decimal, StoreError> {
    Decimal::from_str_exact(text).map_err(corrupt)
}

/// An event as it comes out of a database.
#[derive(Debug)]
pub(crate) struct EventColumns {
    pub(crate) position: i64,
    pub(crate) order: Uuid,
    pub(crate) version: i64,
    pub(crate) data: String,
    pub(crate) event_id: Uuid,
    pub(crate) recorded_at: i64,
    pub(crate) command_id: Uuid,
    pub(crate) causation: Option<Uuid>,
    pub(crate) actor: Option<String>,
}

impl EventColumns {
    pub(crate) fn event(self) -> Result<Arc<RecordedEvent>, StoreError> {
        Ok(Arc::new(RecordedEvent {
            position: Position::new(unsigned(self.position)?),
            order: OrderId::new(self.order),
            version: Version::new(unsigned(self.version)?),
            event: parsed::<OrderEvent>(&self.data)?,
            metadata: EventMetadata {
                event_id: self.event_id.into(),
                time: Timestamp::from_unix_millis(self.recorded_at),
                command_id: self.command_id.into(),
                causation: self.causation.map(Into::into),
                actor: self.actor.as_deref().map(|actor| ActorId::from(&*original(actor))),
            },
        }))
    }
}

/// Actor and key as columns. No actor has a blank name, so an empty one stands for none.
pub(crate) fn key_columns(key: &ActorKey) -> (Cow<'_, str>, Cow<'_, str>) {
    let actor = key.actor.as_ref().map_or(Cow::Borrowed(""), |actor| column(actor.as_str()));
    (actor, column(key.key.as_str()))
}

/// The key of two columns.
pub(crate) fn actor_key(actor: &str, key: &str) -> ActorKey {
    let actor = (!actor.is_empty()).then(|| ActorId::from(&*original(actor)));
    ActorKey { actor, key: IdempotencyKey::from(&*original(key)) }
}

/// What is remembered under a key, as the columns `command` and `outcome`.
pub(crate) fn outcome_columns(kept: &KeptOutcome) -> Result<(String, String), StoreError> {
    Ok((json(&*kept.command)?, json(&kept.outcome)?))
}

/// What the columns `command` and `outcome` say.
pub(crate) fn outcome(command: &str, outcome: &str) -> Result<KeptOutcome, StoreError> {
    let outcome = parsed::<Result<Appended, Refused>>(outcome)?;
    Ok(KeptOutcome { command: Arc::new(parsed(command)?), outcome })
}

/// A row of `orders` as columns.
#[derive(Debug, Serialize)]
pub(crate) struct StateColumns {
    pub(crate) order_id: Uuid,
    pub(crate) version: i64,
    pub(crate) customer_id: String,
    pub(crate) status: String,
    /// Written for others to read; here it is summed up anew.
    pub(crate) total: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) deliver_at: Option<i64>,
    pub(crate) opened: i64,
    pub(crate) position: i64,
}

impl StateColumns {
    pub(crate) fn of(state: &OrderState) -> Self {
        let customer = state.order.customer().map_or("", CustomerId::as_str);
        Self {
            order_id: state.order.id().as_uuid(),
            version: signed(state.version.get()),
            customer_id: column(customer).into_owned(),
            status: state.order.status().as_str().to_owned(),
            total: state.order.total().map(|total| total.to_string()),
            created_at: state.created_at.as_unix_millis(),
            deliver_at: state.order.deliver_at().map(Timestamp::as_unix_millis),
            opened: signed(state.opened.get()),
            position: signed(state.position.get()),
        }
    }

    /// All but the lines.
    pub(crate) fn head(self) -> Result<Head, StoreError> {
        Ok(Head {
            order: OrderId::new(self.order_id),
            version: Version::new(unsigned(self.version)?),
            customer: (&*original(&self.customer_id)).into(),
            status: status(&self.status)?,
            created_at: Timestamp::from_unix_millis(self.created_at),
            deliver_at: self.deliver_at.map(Timestamp::from_unix_millis),
            opened: Position::new(unsigned(self.opened)?),
            position: Position::new(unsigned(self.position)?),
        })
    }
}

/// A row of `order_summary` as columns.
#[derive(Debug, Serialize)]
pub(crate) struct SummaryColumns {
    pub(crate) order_id: Uuid,
    pub(crate) customer_id: String,
    pub(crate) customer_name: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) total: String,
    pub(crate) item_count: i64,
    pub(crate) status: String,
    pub(crate) created_at: i64,
    pub(crate) deliver_at: Option<i64>,
    pub(crate) items: String,
    pub(crate) version: i64,
    pub(crate) position: i64,
}

impl SummaryColumns {
    pub(crate) fn of(row: &OrderSummary) -> Result<Self, StoreError> {
        let text = |text: &Option<Arc<str>>| text.as_deref().map(|text| column(text).into_owned());
        Ok(Self {
            order_id: row.order.as_uuid(),
            customer_id: column(row.customer.as_str()).into_owned(),
            customer_name: text(&row.customer_name),
            customer_email: text(&row.customer_email),
            total: row.total.to_string(),
            item_count: i64::try_from(row.item_count).map_err(corrupt)?,
            status: row.status.as_str().to_owned(),
            created_at: row.created_at.as_unix_millis(),
            deliver_at: row.deliver_at.map(Timestamp::as_unix_millis),
            items: items_column(&row.items)?,
            version: signed(row.version.get()),
            position: signed(row.position.get()),
        })
    }

    pub(crate) fn row(self) -> Result<Arc<OrderSummary>, StoreError> {
        let text = |text: Option<String>| text.map(|text| Arc::from(&*original(&text)));
        Ok(Arc::new(OrderSummary {
            order: OrderId::new(self.order_id),
            customer: (&*original(&self.customer_id)).into(),
            customer_name: text(self.customer_name),
            customer_email: text(self.customer_email),
            status: status(&self.status)?,
            items: items(&self.items)?,
            total: decimal(&self.total)?,
            item_count: usize::try_from(self.item_count).map_err(corrupt)?,
            created_at: Timestamp::from_unix_millis(self.created_at),
            deliver_at: self.deliver_at.map(Timestamp::from_unix_millis),
            version: Version::new(unsigned(self.version)?),
            position: Position::new(unsigned(self.position)?),
        }))
    }
}

fn status(text: &str) -> Result<OrderStatus, StoreError> {
    let known = [OrderStatus::Absent, OrderStatus::Pending, OrderStatus::Confirmed, OrderStatus::Cancelled];
    let found = known.into_iter().find(|status| status.as_str() == text);
    found.ok_or_else(|| corrupt(format!("`{text}` is no status of an order")))
}

/// A row of `customer_orders` as columns.
#[derive(Debug, Serialize)]
pub(crate) struct OrderColumns {
    pub(crate) order_id: Uuid,
    pub(crate) customer_id: String,
    pub(crate) opened: i64,
    pub(crate) status: String,
    pub(crate) total: String,
    pub(crate) position: i64,
    pub(crate) version: i64,
    pub(crate) items: String,
}

impl OrderColumns {
    pub(crate) fn of(row: &CustomerOrder) -> Result<Self, StoreError> {
        Ok(Self {
            order_id: row.order.as_uuid(),
            customer_id: column(row.customer.as_str()).into_owned(),
            opened: signed(row.opened.get()),
            status: row.status.as_str().to_owned(),
            total: row.total.to_string(),
            position: signed(row.position.get()),
            version: signed(row.version.get()),
            items: items_column(&row.items)?,
        })
    }

    pub(crate) fn row(self) -> Result<Arc<CustomerOrder>, StoreError> {
        Ok(Arc::new(CustomerOrder {
            order: OrderId::new(self.order_id),
            customer: (&*original(&self.customer_id)).into(),
            status: status(&self.status)?,
            total: decimal(&self.total)?,
            version: Version::new(unsigned(self.version)?),
            position: Position::new(unsigned(self.position)?),
            opened: Position::new(unsigned(self.opened)?),
            items: items(&self.items)?,
        }))
    }
}

/// Lines as a column holds them. A product may hold what no JSON in a database can: it is written as it would be in a
/// column of its own.
fn items_column(items: &[Item]) -> Result<String, StoreError> {
    let written = |item: &Item| Item::new(&*column(item.product.as_str()), item.quantity, item.price);
    json(&items.iter().map(written).collect::<Vec<_>>())
}

/// The lines that a column holds.
fn items(column: &str) -> Result<Vec<Item>, StoreError> {
    let meant = |item: Item| Item::new(&*original(item.product.as_str()), item.quantity, item.price);
    Ok(parsed::<Vec<Item>>(column)?.into_iter().map(meant).collect())
}

/// A page of a customer's orders, out of rows of which each has the checkpoint, how many orders there are in all and,
/// but for a page without any, an order. Without rows there is no such generation.
pub(crate) fn page(
    found: Vec<(i64, i64, Option<OrderColumns>)>,
) -> Result<Option<At<OrdersOfCustomer>>, StoreError> {
    let Some((checkpoint, total, _)) = found.first() else { return Ok(None) };
    let total_count = usize::try_from(*total).map_err(corrupt)?;
    let position = Position::new(unsigned(*checkpoint)?);
    let rows = found.into_iter().filter_map(|(.., order)| order.map(OrderColumns::row));
    let rows = rows.collect::<Result<_, _>>()?;
    Ok(Some(At { value: OrdersOfCustomer { rows, total_count }, position }))
}
