//! The `Order` aggregate: decides what may happen, and evolves by what has happened.
//!
//! The pattern is event sourcing as Greg Young describes it ("CQRS Documents", 2010), in the
//! functional form of Jérémie Chassaing ("Functional Event Sourcing Decider", 2021).

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{
    AddItem, CreateOrder, CustomerId, Item, OrderCommand, OrderEvent, OrderId, ProductId, Rejection,
    RemoveItem, ReplaceItem, RequestDelivery, money,
};
use crate::clock::Timestamp;

/// So many lines of a product are removed at once, at most.
const MOST_REMOVED: usize = 10;
/// So many of them are replaced at once, at most.
const MOST_REPLACED: usize = 3;

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// Nothing has happened yet: there is no such order.
    #[default]
    Absent,
    /// Open: items come and go.
    Pending,
    /// Confirmed: it doesn't change any more.
    Confirmed,
    /// Cancelled: it doesn't change any more.
    Cancelled,
}

impl OrderStatus {
    /// The status as one lower-case word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Pending => "pending",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for OrderStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One order: the state its events have led to, and the rules for what may happen next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    id: OrderId,
    status: OrderStatus,
    customer: Option<CustomerId>,
    items: Vec<Item>,
    deliver_at: Option<Timestamp>,
}

impl Order {
    /// The order to which nothing has happened yet.
    pub const fn new(id: OrderId) -> Self {
        Self { id, status: OrderStatus::Absent, customer: None, items: Vec::new(), deliver_at: None }
    }

    /// The order as its events, oldest first, have left it.
    pub fn replay<'a>(id: OrderId, events: impl IntoIterator<Item = &'a OrderEvent>) -> Self {
        let mut order = Self::new(id);
        for event in events {
            order.evolve(event);
        }
        order
    }

    /// The order as a store has kept it: what its events once led to.
    pub const fn kept(
        id: OrderId,
        status: OrderStatus,
        customer: Option<CustomerId>,
        items: Vec<Item>,
        deliver_at: Option<Timestamp>,
    ) -> Self {
        Self { id, status, customer, items, deliver_at }
    }

    /// Its id.
    pub const fn id(&self) -> OrderId {
        self.id
    }

    /// Where it stands.
    pub const fn status(&self) -> OrderStatus {
        self.status
    }

    /// Who ordered; `None` as long as it is absent.
    pub const fn customer(&self) -> Option<&CustomerId> {
        self.customer.as_ref()
    }

    /// Its lines, in the order they were added.
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// When it is to be delivered; `None` as long as nobody has said.
    pub const fn deliver_at(&self) -> Option<Timestamp> {
        self.deliver_at
    }

    /// The exact sum of quantity × price. `None` only where events that no command led to were
    /// put into the stream by hand: [`Order::decide`] lets no other total come about.
    pub fn total(&self) -> Option<Decimal> {
        money::total(&self.items)
    }

    /// What `command` leads to: the events to record, or the rule that forbids it. Changes nothing.
    ///
    /// # Errors
    /// The [`Rejection`] of the first rule that the command breaks.
    pub fn decide(&self, command: &OrderCommand) -> Result<Vec<OrderEvent>, Rejection> {
        let event = match command {
            OrderCommand::CreateOrder(command) => self.create(command)?,
            OrderCommand::AddItem(command) => self.add(command)?,
            OrderCommand::RemoveItem(command) => self.remove(command)?,
            OrderCommand::ReplaceItem(command) => return self.replace(command),
            OrderCommand::RequestDelivery(RequestDelivery { deliver_at }) => {
                self.must_be_pending()?;
                OrderEvent::DeliveryRequested { deliver_at: *deliver_at }
            }
            OrderCommand::ConfirmOrder(_) => {
                self.must_be_pending()?;
                OrderEvent::OrderConfirmed {}
            }
            OrderCommand::CancelOrder(command) => {
                self.must_be_pending()?;
                OrderEvent::OrderCancelled { reason: command.reason.clone() }
            }
        };
        Ok(vec![event])
    }

    /// Takes in what has happened. Never refuses: an event is a fact, the rules came before it.
    pub fn evolve(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::OrderCreated { customer, items } => {
                self.status = OrderStatus::Pending;
                self.customer = Some(customer.clone());
                self.items.clone_from(items);
            }
            OrderEvent::ItemAdded { product, quantity, price } => {
                self.items.push(Item::new(product.clone(), *quantity, *price));
            }
            OrderEvent::ItemRemoved { product } => {
                self.items.retain(|item| item.product != *product);
            }
            OrderEvent::DeliveryRequested { deliver_at } => self.deliver_at = Some(deliver_at.moment()),
            OrderEvent::OrderConfirmed {} => self.status = OrderStatus::Confirmed,
            OrderEvent::OrderCancelled { .. } => self.status = OrderStatus::Cancelled,
        }
    }

    fn create(&self, command: &CreateOrder) -> Result<OrderEvent, Rejection> {
        if self.status != OrderStatus::Absent {
            return Err(Rejection::OrderAlreadyExists { order: self.id, status: self.status });
        }
        if command.items.is_empty() {
            return Err(Rejection::OrderHasNoItems { order: self.id });
        }
        command.items.iter().try_for_each(Item::check)?;
        self.must_sum_up(&command.items)?;
        Ok(OrderEvent::OrderCreated { customer: command.customer.clone(), items: command.items.clone() })
    }

    fn add(&self, command: &AddItem) -> Result<OrderEvent, Rejection> {
        self.must_be_pending()?;
        let AddItem { product, quantity, price } = command.clone();
        let item = Item::new(product, quantity, price);
        item.check()?;
        self.must_sum_up(self.items.iter().chain([&item]))?;
        Ok(OrderEvent::ItemAdded { product: item.product, quantity, price })
    }

    fn remove(&self, command: &RemoveItem) -> Result<OrderEvent, Rejection> {
        self.must_be_pending()?;
        let product = &command.product;
        self.must_hold(product)?;
        self.must_hold_at_most(MOST_REMOVED, product)?;
        self.must_keep_items_without(product)?;
        Ok(OrderEvent::ItemRemoved { product: product.clone() })
    }

    fn replace(&self, command: &ReplaceItem) -> Result<Vec<OrderEvent>, Rejection> {
        self.must_be_pending()?;
        let ReplaceItem { product, replacement, quantity, price } = command.clone();
        self.must_hold(&product)?;
        self.must_hold_at_most(MOST_REPLACED, &product)?;
        let item = Item::new(replacement, quantity, price);
        item.check()?;
        self.must_sum_up(self.items.iter().filter(|kept| kept.product != product).chain([&item]))?;
        let added = OrderEvent::ItemAdded { product: item.product, quantity, price };
        Ok(vec![OrderEvent::ItemRemoved { product }, added])
    }

    fn must_hold(&self, product: &ProductId) -> Result<(), Rejection> {
        if !self.items.iter().any(|item| item.product == *product) {
            return Err(Rejection::ItemNotFound { order: self.id, product: product.clone() });
        }
        Ok(())
    }

    fn must_hold_at_most(&self, most: usize, product: &ProductId) -> Result<(), Rejection> {
        let lines = self.items.iter().filter(|item| item.product == *product).count();
        if lines > most {
            return Err(Rejection::TooManyLines { order: self.id, product: product.clone(), lines, most });
        }
        Ok(())
    }

    fn must_be_pending(&self) -> Result<(), Rejection> {
        match self.status {
            OrderStatus::Pending => Ok(()),
            OrderStatus::Absent => Err(Rejection::OrderNotFound { order: self.id }),
            status => Err(Rejection::OrderNotPending { order: self.id, status }),
        }
    }

    fn must_keep_items_without(&self, product: &ProductId) -> Result<(), Rejection> {
        if self.items.iter().all(|item| item.product == *product) {
            return Err(Rejection::OrderHasNoItems { order: self.id });
        }
        Ok(())
    }

    fn must_sum_up<'a>(&self, items: impl IntoIterator<Item = &'a Item>) -> Result<(), Rejection> {
        match money::total(items) {
            Some(_) => Ok(()),
            None => Err(Rejection::TotalNotExact { order: self.id }),
        }
    }
}
