//! Puts a system together: the one place that knows every part.

use std::sync::{Arc, Weak};
use std::time::Duration;

use tokio::runtime::Handle;

use super::facade::Parts;
use super::{OrderSystem, Stores};
use crate::application::{Envelope, MediatorBuilder};
use crate::application::{
    GetOrderAsOf, GetOrderAuditTrail, GetOrderDetails, HistoryQueries, Idempotent, ListCustomerOrders,
    Mediator, OrderCommandHandler, OrderDetailsQueries, OrderListQueries, Validated,
};
use crate::clock::{Clock, SystemClock};
use crate::defect::{DefectSpec, Points, Strike};
use crate::domain::{
    AddItem, CancelOrder, ConfirmOrder, CreateOrder, OrderCommand, RemoveItem, ReplaceItem, RequestDelivery,
};
use crate::projection::{
    self, CustomerDirectory, CustomerOrders, DerivedDirectory, InlineReadModels, OrderSummaries,
    ProjectionError, Projector, ReadModel,
};
use crate::seed::{IdSource, Seed};
use crate::store::{EventStore, InMemoryEventStore, KeyStore, OrderRepository, StoreError, WriteSide};
use crate::sync::{Delay, Eventual, ReadModels, Strong, SyncMode, Synchroniser};

/// Why a system can't be built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Eventual mode has a task in the background, and that needs a tokio runtime to run on.
    #[error("eventual mode must be built within a tokio runtime")]
    NoRuntime,
    /// Read models whose rows are kept with each append don't lag.
    #[error("stores that keep the read models with each append have no eventual mode")]
    InlineIsStrong,
}

/// Why a system can't be opened on its stores.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It can't be built at all.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The event store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A read model can't go on from what is kept of it.
    #[error(transparent)]
    ReadModel(#[from] projection::OpenError),
    /// A read model could not be brought up to date.
    #[error(transparent)]
    Projection(#[from] ProjectionError),
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
        let (points, ids) = (self.points(), IdSource::new(self.seed));
        let store = points.store.over(self.store.clone());
        let summaries = OrderSummaries::new(Arc::clone(&self.customers));
        let summaries = ReadModel::new(summaries, store.events.clone(), points.delivery.clone());
        let lists = ReadModel::new(CustomerOrders, store.events.clone(), points.delivery.clone());
        let (summaries, lists) = (Arc::new(summaries), Arc::new(lists));
        self.assemble(Foundation { points, store, ids, summaries, lists, durable: false })
    }

    /// The system, running on what `stores` keep: it goes on from there. Read models that lag behind
    /// are brought up to date first in strong mode, and in the background in eventual mode; those that
    /// another version of their projection has made are built anew. What was given as
    /// [`OrderSystemBuilder::store`] is not used.
    ///
    /// # Errors
    /// See [`OpenError`].
    pub async fn open(self, stores: Stores) -> Result<OrderSystem, OpenError> {
        let Stores { write, read, inline, opening } = stores;
        if inline.is_some() && self.sync != SyncMode::Strong {
            return Err(BuildError::InlineIsStrong.into());
        }
        let (points, ids) = (self.points(), IdSource::nth(self.seed, opening));
        let store = points.store.over(write);
        let summaries = OrderSummaries::new(Arc::clone(&self.customers));
        let (events, delivery) = (&store.events, &points.delivery);
        let summaries =
            ReadModel::open(summaries, events.clone(), delivery.clone(), read.order_summaries()).await?;
        let lists =
            ReadModel::open(CustomerOrders, events.clone(), delivery.clone(), read.customer_orders()).await?;
        if self.sync == SyncMode::Strong {
            let head = events.head().await?;
            summaries.catch_up(head).await?;
            lists.catch_up(head).await?;
        }
        let (summaries, lists) = (Arc::new(summaries), Arc::new(lists));
        if let Some(inline) = inline {
            let order_summaries: Weak<ReadModel<OrderSummaries>> = Arc::downgrade(&summaries);
            let customer_orders: Weak<ReadModel<CustomerOrders>> = Arc::downgrade(&lists);
            let customers = Arc::clone(&self.customers);
            inline.attach(InlineReadModels { order_summaries, customer_orders, customers });
        }
        Ok(self.assemble(Foundation { points, store, ids, summaries, lists, durable: true })?)
    }

    /// The points, with the defects around them.
    fn points(&self) -> Points {
        self.defects.iter().fold(Points::correct(), |points, spec| {
            (spec.defect.install)(points, Strike::new(spec.defect.name, spec.rate, self.seed))
        })
    }

    fn assemble(self, foundation: Foundation) -> Result<OrderSystem, BuildError> {
        let Self { sync, seed, clock, .. } = self;
        let Foundation { points, store, ids, summaries, lists, durable } = foundation;
        let orders = OrderRepository::new(&store, points.append);
        let WriteSide { events, keys, .. } = store;
        let ids = Arc::new(ids);
        let read_models: ReadModels = Arc::new([summaries.clone(), lists.clone()]);
        let synchroniser: Box<dyn Synchroniser> = match sync {
            SyncMode::Strong if durable => {
                let at_once = Delay::new(Duration::ZERO, Duration::ZERO, seed);
                let follower = eventual(&read_models, &*events, at_once)?;
                Box::new(Strong::grouped(read_models.clone(), events.subscribe(), follower))
            }
            SyncMode::Strong => Box::new(Strong::new(read_models.clone())),
            SyncMode::Eventual { lag, jitter } => {
                Box::new(eventual(&read_models, &*events, Delay::new(lag, jitter, seed))?)
            }
        };

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

/// What a system stands on, put together by where it is kept.
struct Foundation {
    points: Points,
    store: WriteSide,
    ids: IdSource,
    summaries: Arc<ReadModel<OrderSummaries>>,
    lists: Arc<ReadModel<CustomerOrders>>,
    durable: bool,
}

type Pipeline = Validated<Idempotent<OrderCommandHandler>>;

/// Every command type goes through the same pipeline, and shares its keys.
fn register_commands(mediator: MediatorBuilder, pipeline: &Pipeline) -> MediatorBuilder {
    mediator
        .register::<Envelope<CreateOrder>>(pipeline.clone())
        .register::<Envelope<AddItem>>(pipeline.clone())
        .register::<Envelope<RemoveItem>>(pipeline.clone())
        .register::<Envelope<ReplaceItem>>(pipeline.clone())
        .register::<Envelope<RequestDelivery>>(pipeline.clone())
        .register::<Envelope<ConfirmOrder>>(pipeline.clone())
        .register::<Envelope<CancelOrder>>(pipeline.clone())
        .register::<Envelope<OrderCommand>>(pipeline.clone())
}

fn eventual(read_models: &ReadModels, events: &dyn EventStore, delay: Delay) -> Result<Eventual, BuildError> {
    let runtime = Handle::try_current().map_err(|_| BuildError::NoRuntime)?;
    Ok(Eventual::start(&runtime, Arc::clone(read_models), events.subscribe(), delay))
}
