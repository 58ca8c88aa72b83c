//! Puts a system together: the one place that knows every part.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::OrderSystem;
use super::facade::Parts;
use crate::application::{Envelope, MediatorBuilder};
use crate::application::{
    GetOrderAsOf, GetOrderAuditTrail, GetOrderDetails, HistoryQueries, Idempotent, ListCustomerOrders,
    Mediator, OrderCommandHandler, OrderDetailsQueries, OrderListQueries, Validated,
};
use crate::clock::{Clock, SystemClock};
use crate::defect::{DefectSpec, Points, Strike};
use crate::domain::{AddItem, CancelOrder, ConfirmOrder, CreateOrder, OrderCommand, RemoveItem, ReplaceItem};
use crate::projection::{CustomerDirectory, CustomerOrders, DerivedDirectory, OrderSummaries, ReadModel};
use crate::seed::{IdSource, Seed};
use crate::store::{EventStore, InMemoryEventStore, KeyStore, OrderRepository, WriteSide};
use crate::sync::{Delay, Eventual, ReadModels, Strong, SyncMode, Synchroniser};

/// Why a system can't be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Eventual mode has a task in the background, and that needs a tokio runtime to run on.
    #[error("eventual mode must be built within a tokio runtime")]
    NoRuntime,
}

/// A system in the making. Cheap: nothing is started before [`OrderSystemBuilder::build`], and no
/// thread ever.
#[derive(Debug)]
pub struct OrderSystemBuilder {
    sync: SyncMode,
    seed: Seed,
    defects: Vec<DefectSpec>,
    customers: Arc<dyn CustomerDirectory>,
    clock: Arc<dyn Clock>,
    store: WriteSide,
}

impl OrderSystemBuilder {
    pub(super) fn new() -> Self {
        Self {
            sync: SyncMode::Strong,
            seed: Seed::new(0),
            defects: Vec::new(),
            customers: Arc::new(DerivedDirectory),
            clock: Arc::new(SystemClock),
            store: WriteSide::of(Arc::new(InMemoryEventStore::new())),
        }
    }

    /// When effects become visible. Default: [`SyncMode::Strong`].
    #[must_use]
    pub fn sync(self, sync: SyncMode) -> Self {
        Self { sync, ..self }
    }

    /// What ids, jitter and strikes of defects are drawn from. Default: 0.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Self { seed: Seed::new(seed), ..self }
    }

    /// The defects to switch on, in addition to those already asked for. Default: none.
    #[must_use]
    pub fn defects(mut self, defects: impl IntoIterator<Item = DefectSpec>) -> Self {
        self.defects.extend(defects);
        self
    }

    /// Where customers are looked up. Default: [`DerivedDirectory`].
    #[must_use]
    pub fn customers(self, customers: Arc<dyn CustomerDirectory>) -> Self {
        Self { customers, ..self }
    }

    /// What events are stamped with. Default: [`SystemClock`].
    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// Where events and keys are kept. Default: an empty [`InMemoryEventStore`].
    #[must_use]
    pub fn store<S: EventStore + KeyStore + 'static>(self, store: Arc<S>) -> Self {
        Self { store: WriteSide::of(store), ..self }
    }

    /// The system, running.
    ///
    /// # Errors
    /// [`BuildError::NoRuntime`] for eventual mode outside a tokio runtime.
    pub fn build(self) -> Result<OrderSystem, BuildError> {
        let Self { sync, seed, defects, customers, clock, store } = self;
        let points = defects.iter().fold(Points::correct(), |points, spec| {
            (spec.defect.install)(points, Strike::new(spec.defect.name, spec.rate, seed))
        });
        let ids = Arc::new(IdSource::new(seed));
        let WriteSide { events, keys } = points.store.over(store);

        let summaries = OrderSummaries::new(customers);
        let summaries =
            Arc::new(ReadModel::new(summaries, Arc::clone(&events), Arc::clone(&points.delivery)));
        let lists =
            Arc::new(ReadModel::new(CustomerOrders, Arc::clone(&events), Arc::clone(&points.delivery)));
        let read_models: ReadModels = Arc::new([summaries.clone(), lists.clone()]);
        let synchroniser = synchroniser(sync, seed, &read_models, &*events)?;

        let orders = OrderRepository::new(events.clone(), points.append);
        let handler = OrderCommandHandler::new(orders, points.decision, Arc::clone(&clock), Arc::clone(&ids));
        let pipeline = Validated::new(Idempotent::new(keys, points.key, handler));
        let history = HistoryQueries::new(events.clone()).through(points.feed.clone(), points.answer.clone());
        let mediator = register_commands(Mediator::builder(), &pipeline)
            .register::<GetOrderDetails>(OrderDetailsQueries::new(summaries).through(points.answer.clone()))
            .register::<ListCustomerOrders>(OrderListQueries::new(lists).through(points.answer))
            .register::<GetOrderAsOf>(history.clone())
            .register::<GetOrderAuditTrail>(history)
            .build();
        Ok(OrderSystem::new(Parts {
            mediator,
            store: events,
            read_models,
            synchroniser,
            clock,
            ids,
            feed: points.feed,
            point: points.system,
            #[cfg(feature = "http")]
            wire: points.wire,
        }))
    }
}

type Pipeline = Validated<Idempotent<OrderCommandHandler>>;

/// Every command type goes through the same pipeline, and shares its keys.
fn register_commands(mediator: MediatorBuilder, pipeline: &Pipeline) -> MediatorBuilder {
    mediator
        .register::<Envelope<CreateOrder>>(pipeline.clone())
        .register::<Envelope<AddItem>>(pipeline.clone())
        .register::<Envelope<RemoveItem>>(pipeline.clone())
        .register::<Envelope<ReplaceItem>>(pipeline.clone())
        .register::<Envelope<ConfirmOrder>>(pipeline.clone())
        .register::<Envelope<CancelOrder>>(pipeline.clone())
        .register::<Envelope<OrderCommand>>(pipeline.clone())
}

fn synchroniser(
    sync: SyncMode,
    seed: Seed,
    read_models: &ReadModels,
    events: &dyn EventStore,
) -> Result<Box<dyn Synchroniser>, BuildError> {
    match sync {
        SyncMode::Strong => Ok(Box::new(Strong::new(Arc::clone(read_models)))),
        SyncMode::Eventual { lag, jitter } => {
            let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
            let delay = Delay::new(lag, jitter, seed);
            Ok(Box::new(Eventual::start(&runtime, Arc::clone(read_models), events.subscribe(), delay)))
        }
    }
}
