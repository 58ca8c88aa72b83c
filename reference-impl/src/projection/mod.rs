//! The read side: read models, folded from the event log, each with a checkpoint of its own.
//!
//! A [`Projection`] says how an event changes a row; a [`ReadModel`] drives one over its
//! [`ReadRepository`]. A read model can be built anew from the log while queries go on: a new
//! generation of rows beside the one that answers ([`Generations`]).

use std::fmt::Debug;
use std::future::Future;
use std::sync::Arc;

use serde::Serialize;
use tokio::sync::watch;

use crate::BoxFuture;
use crate::domain::OrderId;
use crate::store::{Position, RecordedEvent, StoreError};

mod batch;
mod customer_orders;
mod customers;
mod facts;
mod fold;
mod generation;
mod memory;
mod order_summary;
mod read_model;
mod repository;
mod stamp;

pub(crate) use facts::{items_after, status_after};

pub use customer_orders::{CustomerOrder, CustomerOrders};
pub use customers::{Customer, CustomerDirectory, DerivedDirectory, RegisteredCustomers};
pub use fold::{Fold, InlineProjection, InlineReadModels};
pub use generation::{
    CustomerOrderGenerations, Generation, GenerationId, Generations, InMemoryGenerations,
    OrderSummaryGenerations, ProjectionStamp,
};
pub use memory::{InMemoryCustomerOrders, InMemoryOrderSummaries, InMemoryReadSide};
pub use order_summary::{OrderSummaries, OrderSummary};
pub use read_model::{OpenError, ReadModel};
pub use repository::{At, CustomerOrdersRepository, OrdersOfCustomer, ReadRepository, ReadSide};

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
pub trait Row: Serialize + Send + Sync + Debug + 'static {
    /// The order that it is about.
    fn order(&self) -> OrderId;

    /// The position of the last event it took in. An event at or before it is a redelivery.
    fn applied(&self) -> Position;
}

/// How events become rows: a fold, one row an order.
pub trait Projection: Send + Sync + Debug + 'static {
    /// The read model's name.
    const NAME: &'static str;
    /// Goes up with every change to what rows become. Rows of another version are not read; they are
    /// built anew.
    const VERSION: u32;
    /// What a row looks like.
    type Row: Row;
    /// Where the rows are kept.
    type Repository: ReadRepository<Self::Row> + ?Sized;

    /// A new, empty repository in memory.
    fn empty() -> Arc<Self::Repository>;

    /// A projection of this kind that looks nothing up anywhere: the same one everywhere, so that
    /// what it makes of events can be compared.
    fn sample() -> Self;

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
