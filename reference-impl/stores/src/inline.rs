//! Rows that are kept in the transaction of something else: of an append, or of a rebuild's last step.

use std::sync::{Arc, PoisonError, RwLock};

use reference_impl::domain::{OrderEvent, OrderId};
use reference_impl::projection::{
    CustomerOrder, CustomerOrders, Fold, InlineProjection, InlineReadModels, OrderSummaries, OrderSummary,
    Projection,
};
use reference_impl::store::{Position, RecordedEvent, StoreError};

use crate::engine::{Engine, Kept};
use crate::error::corrupt;
use crate::options::ProjectedBy;
use crate::plan::Plan;
use crate::rows::{RowTable, connection};
use crate::text::column;

/// How many events are read at a time where rows lag behind.
const BATCH: usize = 1024;

/// Brings a generation up to `upto`, in the transaction that `on` is in. `fresh` are the last events of the log, in
/// so far as they are known: the others are read.
pub(crate) async fn bring<T: RowTable>(
    table: &T,
    on: &mut connection!(T),
    generation: Kept,
    upto: Position,
    fresh: &[Arc<RecordedEvent>],
    fold: &dyn Fold<T::Row>,
) -> Result<(), StoreError> {
    let mut reached = generation.checkpoint;
    while reached < upto {
        let read;
        let events = match fresh.first() {
            Some(first) if first.position == reached.next() => fresh,
            _ => {
                let here = table.engine().log(on, reached, BATCH).await?;
                // The log may be in another database than the rows.
                read = if here.is_empty() { fold.events_after(reached, BATCH).await? } else { here };
                let within = read.partition_point(|event| event.position <= upto);
                &read[..within]
            }
        };
        let last = events.last().ok_or_else(|| corrupt(format!("the log ends before {upto}")))?;
        let rows = table.find_all_in(on, generation.id, &orders(events)).await?;
        let changed = fold.fold(generation.stamp, rows, events).await?;
        reached = last.position;
        if !table.put_in(on, generation.id, &changed, reached).await? {
            return Err(StoreError::Replaced { reason: format!("generation {}", generation.id.0) });
        }
    }
    Ok(())
}

fn orders(events: &[Arc<RecordedEvent>]) -> Vec<OrderId> {
    let mut orders: Vec<_> = events.iter().map(|event| event.order).collect();
    orders.sort_unstable();
    orders.dedup();
    orders
}

/// The read models that follow appends in this process, once there are some.
#[derive(Debug, Default)]
pub(crate) struct Attached(RwLock<Option<InlineReadModels>>);

impl InlineProjection for Attached {
    fn attach(&self, read_models: InlineReadModels) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(read_models);
    }
}

impl Attached {
    fn get(&self) -> Option<InlineReadModels> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// How far the rows of each read model that answer queries are.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    summaries: Position,
    lists: Position,
}

/// A customer who has opened an order: id, and name and e-mail address if the directory knows them, as columns.
pub(crate) type CustomerColumns = (String, Option<String>, Option<String>);

/// Keeps the rows of both read models with each append.
#[derive(Debug)]
pub(crate) struct Inline<S, L> {
    pub(crate) summaries: S,
    pub(crate) lists: L,
    /// Who keeps the rows.
    pub(crate) by: ProjectedBy,
    pub(crate) attached: Arc<Attached>,
}

impl<S, L> Inline<S, L>
where
    S: RowTable<Row = OrderSummary>,
    L: RowTable<Row = CustomerOrder, Engine = S::Engine>,
{
    /// What triggers have to find in `customers` for what is planned; `None` where nobody here has triggers in mind.
    pub(crate) async fn customers(&self, plan: &Plan) -> Result<Option<Vec<CustomerColumns>>, StoreError> {
        let Some(read_models) = self.attached.get().filter(|_| self.by == ProjectedBy::Triggers) else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for event in &plan.events {
            if let OrderEvent::OrderCreated { customer, .. } = &event.event {
                let known = read_models.customers.find(customer).await?;
                let text = |text: &str| column(text).into_owned();
                let (name, email) = known.map(|known| (text(&known.name), text(&known.email))).unzip();
                found.push((text(customer.as_str()), name, email));
            }
        }
        // One row each: a statement can't write one twice.
        found.sort_unstable();
        found.dedup_by(|later, first| later.0 == first.0);
        Ok(Some(found))
    }

    /// Called when what was planned is written, and not yet committed: keeps the rows, unless triggers have. Where no
    /// read model is attached, nobody asks for rows in this process; whoever does next brings them up to date.
    pub(crate) async fn follow(&self, on: &mut connection!(S), plan: &Plan) -> Result<Reached, StoreError> {
        let mut reached = Reached::default();
        let Some(read_models) = self.attached.get() else { return Ok(reached) };
        if let Some(fold) = read_models.order_summaries.upgrade() {
            reached.summaries = self.keep(&self.summaries, OrderSummaries::NAME, on, plan, &*fold).await?;
        }
        if let Some(fold) = read_models.customer_orders.upgrade() {
            reached.lists = self.keep(&self.lists, CustomerOrders::NAME, on, plan, &*fold).await?;
        }
        Ok(reached)
    }

    async fn keep<T: RowTable<Engine = S::Engine>>(
        &self,
        table: &T,
        read_model: &'static str,
        on: &mut connection!(S),
        plan: &Plan,
        fold: &dyn Fold<T::Row>,
    ) -> Result<Position, StoreError> {
        let Some(current) = table.engine().current(on, read_model).await? else { return Ok(Position::START) };
        if self.by == ProjectedBy::Triggers {
            return Ok(current.checkpoint);
        }
        bring(table, on, current, plan.head, &plan.events, fold).await?;
        Ok(plan.head)
    }

    /// Called when all of it is committed.
    pub(crate) fn committed(&self, reached: &Reached) {
        let Some(read_models) = self.attached.get() else { return };
        if let Some(fold) = read_models.order_summaries.upgrade() {
            fold.reached(reached.summaries);
        }
        if let Some(fold) = read_models.customer_orders.upgrade() {
            fold.reached(reached.lists);
        }
    }
}
