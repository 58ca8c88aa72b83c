//! Generations of a read model's rows: one answers queries, another is built beside it and takes its
//! place.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use super::{CustomerOrder, CustomerOrdersRepository, Fold, OrderSummary, ReadRepository};
use crate::BoxFuture;
use crate::lock::lock;
use crate::store::StoreError;

/// Says which code has folded a generation of rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProjectionStamp {
    /// The projection's version, [`Projection::VERSION`](super::Projection::VERSION).
    pub version: u32,
    /// What the projection makes of a few events that never change, as a number. Two projections that
    /// differ there are different, whatever their version says.
    pub digest: u64,
}

/// Names one generation of one read model, in one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct GenerationId(pub u64);

/// One generation: its rows, and by which code they came about.
#[derive(Debug)]
pub struct Generation<R: ?Sized> {
    /// Its name.
    pub id: GenerationId,
    /// Its rows.
    pub rows: Arc<R>,
    /// Who has folded them.
    pub stamp: ProjectionStamp,
}

impl<R: ?Sized> Clone for Generation<R> {
    fn clone(&self) -> Self {
        Self { id: self.id, rows: Arc::clone(&self.rows), stamp: self.stamp }
    }
}

/// The port to the generations of one read model: rows of the type `Row`, in repositories of the type `R`.
pub trait Generations<Row, R: ?Sized>: Send + Sync + Debug {
    /// The generation that answers queries, if there is one.
    fn current(&self) -> BoxFuture<'_, Result<Option<Generation<R>>, StoreError>>;

    /// A new and empty generation beside the one that answers. One that was begun before and never
    /// swapped in, by a process that has stopped, may be cleared away.
    fn begin(&self, stamp: ProjectionStamp) -> BoxFuture<'_, Result<Generation<R>, StoreError>>;

    /// Has that generation answer queries from now on, in one step. The one before answers nothing any more
    /// ([`StoreError::Replaced`]) and is cleared away. Where others may have brought it further than the new one
    /// by then, what is missing goes through `last` first, in the same step: nothing that was shown is taken back.
    fn swap_in<'a>(
        &'a self,
        generation: GenerationId,
        last: &'a dyn Fold<Row>,
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Generations of `order_summary`.
pub type OrderSummaryGenerations = dyn Generations<OrderSummary, dyn ReadRepository<OrderSummary>>;

/// Generations of `customer_orders`.
pub type CustomerOrderGenerations = dyn Generations<CustomerOrder, dyn CustomerOrdersRepository>;

/// Generations in memory: what was swapped out is gone with its last reader.
pub struct InMemoryGenerations<R: ?Sized> {
    empty: fn() -> Arc<R>,
    kept: Mutex<Kept<R>>,
}

struct Kept<R: ?Sized> {
    current: Option<Generation<R>>,
    begun: Option<Generation<R>>,
    last: u64,
}

impl<R: ?Sized> InMemoryGenerations<R> {
    /// None yet; each begins as `empty` makes it.
    pub fn new(empty: fn() -> Arc<R>) -> Self {
        Self { empty, kept: Mutex::new(Kept { current: None, begun: None, last: 0 }) }
    }
}

impl<R: ?Sized> Debug for InMemoryGenerations<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InMemoryGenerations").field("last", &lock(&self.kept).last).finish_non_exhaustive()
    }
}

/// Here nobody but its own read model brings a generation further, so nothing is ever missing in a new one.
impl<Row, R: ?Sized + Send + Sync> Generations<Row, R> for InMemoryGenerations<R> {
    fn current(&self) -> BoxFuture<'_, Result<Option<Generation<R>>, StoreError>> {
        Box::pin(async { Ok(lock(&self.kept).current.clone()) })
    }

    fn begin(&self, stamp: ProjectionStamp) -> BoxFuture<'_, Result<Generation<R>, StoreError>> {
        Box::pin(async move {
            let mut kept = lock(&self.kept);
            kept.last += 1;
            let begun = Generation { id: GenerationId(kept.last), rows: (self.empty)(), stamp };
            kept.begun = Some(begun.clone());
            Ok(begun)
        })
    }

    fn swap_in<'a>(
        &'a self,
        generation: GenerationId,
        _last: &'a dyn Fold<Row>,
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let mut kept = lock(&self.kept);
            match kept.begun.take_if(|begun| begun.id == generation) {
                Some(begun) => kept.current = Some(begun),
                None => {
                    let reason = format!("generation {} was cleared away", generation.0);
                    return Err(StoreError::Unavailable { reason });
                }
            }
            Ok(())
        })
    }
}
