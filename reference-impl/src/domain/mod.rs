//! The domain: what an order is, and which rules it keeps.
//!
//! Everything here is pure. No clock, no store, no `async`: a command and a state go in, events
//! or a rejection come out. That is what makes the rules testable as tables.

mod command;
mod event;
mod ids;
mod item;
mod moment;
pub mod money;
mod order;
#[cfg(test)]
mod order_tests;
mod rejection;

pub use command::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, OrderCommand, RemoveItem, ReplaceItem, RequestDelivery,
};
pub use event::OrderEvent;
pub use ids::{CustomerId, OrderId, ProductId};
pub use item::Item;
pub use moment::{NoDateTime, OffsetDateTime};
pub use order::{Order, OrderStatus};
pub use rejection::Rejection;

pub(crate) use ids::{text_id, uuid_id};
