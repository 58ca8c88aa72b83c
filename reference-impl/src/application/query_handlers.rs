//! Who answers queries: from a read model, or from the log where the past is asked for.

use std::sync::Arc;

use super::query::{
    AuditEntry, CustomerOrdersPage, GetOrderAsOf, GetOrderAuditTrail, GetOrderDetails, ListCustomerOrders,
    OrderSnapshot, Reflecting,
};
use super::{Handler, Malformed, QueryError};
use crate::defect::{AnswerPoint, Correct, FeedPoint};
use crate::domain::{Order, OrderId};
use crate::projection::{At, CustomerOrders, OrderSummaries, OrderSummary, ReadModel};
use crate::store::{EventStore, Position, RecordedEvent, StoreError, Version};

/// The largest page that is served.
const MAX_PAGE_SIZE: u32 = 100;

/// Answers from `order_summary`.
#[derive(Debug, Clone)]
pub struct OrderDetailsQueries {
    summaries: Arc<ReadModel<OrderSummaries>>,
    point: Arc<dyn AnswerPoint>,
}

impl OrderDetailsQueries {
    /// Answers from that read model.
    pub fn new(summaries: Arc<ReadModel<OrderSummaries>>) -> Self {
        Self { summaries, point: Arc::new(Correct) }
    }

    /// Has answers pass through `point`.
    #[must_use]
    pub fn through(self, point: Arc<dyn AnswerPoint>) -> Self {
        Self { point, ..self }
    }
}

impl Handler<GetOrderDetails> for OrderDetailsQueries {
    async fn handle(
        &self,
        query: GetOrderDetails,
    ) -> Result<Reflecting<Option<Arc<OrderSummary>>>, QueryError> {
        let (point, order) = (&self.point, query.order);
        let found = self.summaries.answer(|rows| Box::pin(async move { point.details(&*rows, order).await }));
        let At { value, position } = found.await?;
        let version = value.as_ref().map_or(Version::START, |row| row.version);
        Ok(Reflecting { value, position, version: Some(version) })
    }
}

/// Answers from `customer_orders`.
#[derive(Debug, Clone)]
pub struct OrderListQueries {
    orders: Arc<ReadModel<CustomerOrders>>,
    point: Arc<dyn AnswerPoint>,
}

impl OrderListQueries {
    /// Answers from that read model.
    pub fn new(orders: Arc<ReadModel<CustomerOrders>>) -> Self {
        Self { orders, point: Arc::new(Correct) }
    }

    /// Has answers pass through `point`.
    #[must_use]
    pub fn through(self, point: Arc<dyn AnswerPoint>) -> Self {
        Self { point, ..self }
    }
}

impl Handler<ListCustomerOrders> for OrderListQueries {
    async fn handle(&self, query: ListCustomerOrders) -> Result<Reflecting<CustomerOrdersPage>, QueryError> {
        let ListCustomerOrders { customer, page, page_size } = query;
        check_paging(page, page_size)?;
        let limit = page_size as usize;
        let offset = (page as usize - 1).saturating_mul(limit);
        let (point, customer) = (&self.point, &customer);
        let listed = self
            .orders
            .answer(|rows| Box::pin(async move { point.list(&*rows, customer, offset, limit).await }));
        let At { value, position } = listed.await?;
        let value = CustomerOrdersPage { rows: value.rows, total_count: value.total_count, page, page_size };
        Ok(Reflecting { value, position, version: None })
    }
}

fn check_paging(page: u32, page_size: u32) -> Result<(), Malformed> {
    if page < 1 {
        return Err(Malformed { field: "page", problem: "must be at least 1".to_owned() });
    }
    if !(1..=MAX_PAGE_SIZE).contains(&page_size) {
        let problem = format!("must be 1 to {MAX_PAGE_SIZE}, not {page_size}");
        return Err(Malformed { field: "page_size", problem });
    }
    Ok(())
}

/// Answers from the event log: it alone knows the past.
#[derive(Debug, Clone)]
pub struct HistoryQueries {
    store: Arc<dyn EventStore>,
    feed: Arc<dyn FeedPoint>,
    answer: Arc<dyn AnswerPoint>,
}

impl HistoryQueries {
    /// Answers from that log.
    pub fn new(store: Arc<dyn EventStore>) -> Self {
        Self { store, feed: Arc::new(Correct), answer: Arc::new(Correct) }
    }

    /// Has the log be read through `feed`, and answers pass through `answer`.
    #[must_use]
    pub fn through(self, feed: Arc<dyn FeedPoint>, answer: Arc<dyn AnswerPoint>) -> Self {
        Self { feed, answer, ..self }
    }

    /// An order's events, and a position they are complete up to.
    async fn stream(&self, order: OrderId) -> Result<At<Vec<Arc<RecordedEvent>>>, StoreError> {
        // The head is asked first: what is written in between is then more than was promised.
        let head = self.store.head().await?;
        let value = self.feed.read_stream(&*self.store, order).await?;
        let last = value.last().map_or(Position::START, |event| event.position);
        Ok(At { position: head.max(last), value })
    }
}

impl Handler<GetOrderAsOf> for HistoryQueries {
    async fn handle(&self, query: GetOrderAsOf) -> Result<Reflecting<Option<OrderSnapshot>>, QueryError> {
        let GetOrderAsOf { order, version } = query;
        let At { value: events, position } = self.stream(order).await?;
        let last = events.last().map_or(Version::START, |last| last.version);
        if version == Version::START || version > last {
            return Ok(Reflecting { value: None, position, version: Some(Version::START) });
        }
        let shown = self.answer.as_of(version, last);
        let until_then = events.iter().take_while(|event| event.version <= shown);
        let then = Order::replay(order, until_then.map(|recorded| &recorded.event));
        Ok(Reflecting { value: Some(snapshot(&then)?), position, version: Some(version) })
    }
}

fn snapshot(order: &Order) -> Result<OrderSnapshot, StoreError> {
    let total = order.total().ok_or_else(|| StoreError::Corrupt {
        reason: format!("the total of order {} is no exact decimal", order.id()),
    })?;
    Ok(OrderSnapshot {
        order: order.id(),
        customer: order.customer().cloned(),
        status: order.status(),
        items: order.items().to_vec(),
        total,
        item_count: order.items().len(),
        deliver_at: order.deliver_at(),
    })
}

impl Handler<GetOrderAuditTrail> for HistoryQueries {
    async fn handle(&self, query: GetOrderAuditTrail) -> Result<Reflecting<Vec<AuditEntry>>, QueryError> {
        let At { value: events, position } = self.stream(query.order).await?;
        let version = events.last().map_or(Version::START, |event| event.version);
        let value = events.iter().map(|event| audit(event)).collect();
        Ok(Reflecting { value, position, version: Some(version) })
    }
}

fn audit(recorded: &RecordedEvent) -> AuditEntry {
    let metadata = &recorded.metadata;
    AuditEntry {
        version: recorded.version,
        position: recorded.position,
        time: metadata.time,
        event: recorded.event.clone(),
        event_id: metadata.event_id,
        command_id: metadata.command_id,
        causation: metadata.causation,
        actor: metadata.actor.clone(),
    }
}
