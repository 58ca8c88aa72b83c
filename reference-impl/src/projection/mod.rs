//! The read side: read models, folded from the event log, each with a checkpoint of its own.
//!
//! A [`Projection`] says how an event changes a row; a [`ReadModel`] drives one over its
//! [`ReadRepository`]. A read model can be built anew from the log while queries go on.

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use crate::BoxFuture;
use crate::store::{Position, RecordedEvent, StoreError};

mod customer_orders;
mod customers;
mod facts;
mod memory;
mod order_summary;
mod read_model;
mod repository;

pub use customer_orders::{CustomerOrder, CustomerOrders};
pub use customers::{Customer, CustomerDirectory, DerivedDirectory, RegisteredCustomers};
pub use memory::{InMemoryCustomerOrders, InMemoryOrderSummaries};
pub use order_summary::{OrderSummaries, OrderSummary};
pub use read_model::ReadModel;
pub use repository::{At, CustomerOrdersRepository, OrdersOfCustomer, ReadRepository};

/// A read model could not be brought further. Its checkpoint still says how far it got.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the read model {read_model} could not be brought up to date: {source}")]
pub struct ProjectionError {
    /// Which.
    pub read_model: &'static str,
    /// What failed.
    pub source: StoreError,
}

/// What a rebuild did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rebuilt {
    /// Which read model.
    pub read_model: &'static str,
    /// How far the new one reflects the log; never behind the old one.
    pub position: Position,
}

/// A row of a read model.
pub trait Row: Send + Sync + Debug + 'static {
    /// The position of the last event it took in. An event at or before it is a redelivery.
    fn applied(&self) -> Position;
}

/// How events become rows: a fold, one row an order.
pub trait Projection: Send + Sync + Debug + 'static {
    /// The read model's name.
    const NAME: &'static str;
    /// What a row looks like.
    type Row: Row;
    /// Where the rows are kept.
    type Repository: ReadRepository<Self::Row> + ?Sized;

    /// A new, empty repository: what a rebuild fills while the old one still answers.
    fn empty(&self) -> Arc<Self::Repository>;

    /// The row after `event`, or `None` where the event changes nothing that can be shown: it is
    /// about an order the read model has never heard of, or its total can't be held exactly. Such
    /// an event is passed by, so that it doesn't hold up the other orders.
    fn project(
        &self,
        row: Option<&Self::Row>,
        event: &RecordedEvent,
    ) -> impl Future<Output = Result<Option<Self::Row>, StoreError>> + Send;
}

/// A read model as those see it who drive it, whatever its rows are.
pub trait Projector: Send + Sync + Debug {
    /// The read model's name.
    fn name(&self) -> &'static str;

    /// Follows how far it is. Never ahead of what a query would see.
    fn progress(&self) -> watch::Receiver<Position>;

    /// Takes in what the log holds beyond the checkpoint, up to `upto` and in order.
    fn catch_up(&self, upto: Position) -> BoxFuture<'_, Result<(), ProjectionError>>;

    /// Builds it anew from the log, aside, and swaps it in.
    fn rebuild(&self) -> BoxFuture<'_, Result<Rebuilt, ProjectionError>>;
}
