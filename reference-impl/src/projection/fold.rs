//! A read model as a store sees it that keeps its rows in a transaction of its own.

use std::fmt::Debug;
use std::sync::{Arc, Weak};

use super::{CustomerDirectory, CustomerOrder, OrderSummary, ProjectionStamp};
use crate::BoxFuture;
use crate::store::{Position, RecordedEvent, StoreError};

/// What a store asks of a read model whose rows it reads and keeps itself, in one transaction with something else.
pub trait Fold<Row>: Send + Sync + Debug {
    /// The rows that `events` change, as they are then. `rows` are those there are of the orders that the events
    /// are about; the projection of `made_by` has folded them.
    ///
    /// # Errors
    /// When it isn't this read model's projection that has folded the rows, or the projection fails.
    fn fold<'a>(
        &'a self,
        made_by: ProjectionStamp,
        rows: Vec<Arc<Row>>,
        events: &'a [Arc<RecordedEvent>],
    ) -> BoxFuture<'a, Result<Vec<Arc<Row>>, StoreError>>;

    /// Up to `limit` events after a position, for whoever keeps rows where the log is not.
    fn events_after(
        &self,
        after: Position,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>>;

    /// Called when the rows that answer queries have been seen to reflect `position`.
    fn reached(&self, position: Position);
}

/// The read models of one system, for a store that keeps their rows with each append.
#[derive(Debug, Clone)]
pub struct InlineReadModels {
    /// `order_summary`. Weak, since a read model holds the store.
    pub order_summaries: Weak<dyn Fold<OrderSummary>>,
    /// `customer_orders`.
    pub customer_orders: Weak<dyn Fold<CustomerOrder>>,
    /// Where customers are looked up.
    pub customers: Arc<dyn CustomerDirectory>,
}

/// The port to a store that keeps the rows of read models in the transaction of each append (an inline
/// projection): queries show an append's effect from the instant that it is recorded.
pub trait InlineProjection: Send + Sync + Debug {
    /// Has the read models follow each append from now on, in place of those that were attached before.
    fn attach(&self, read_models: InlineReadModels);
}
