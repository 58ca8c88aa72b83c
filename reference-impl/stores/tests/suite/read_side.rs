//! Rows, checkpoints and generations.

use std::sync::Arc;

use reference_impl::BoxFuture;
use reference_impl::clock::Timestamp;
use reference_impl::domain::{Item, OrderEvent, OrderStatus};
use reference_impl::projection::{
    CustomerOrder, CustomerOrders, Fold, Generation, Generations, OrderSummary, Projection, ProjectionStamp,
};
use reference_impl::store::{Position, RecordedEvent, StoreError, Version};

use crate::courses::{TEXTS, append, at, created, decimal, order};
use crate::place::Place;

const STAMP: ProjectionStamp = ProjectionStamp { version: 7, digest: u64::MAX };

fn summary(number: u128, text: &str, position: u64) -> Arc<OrderSummary> {
    let price = decimal("79228162514264337593543950.335");
    Arc::new(OrderSummary {
        order: order(number),
        customer: text.into(),
        customer_name: Some(text.into()),
        customer_email: None,
        status: OrderStatus::Confirmed,
        items: vec![Item::new(text, 1, price), Item::new("p", 3, decimal("0.10"))],
        total: decimal("0.10"),
        item_count: 2,
        created_at: Timestamp::from_unix_millis(1_700_000_000_123),
        deliver_at: (number != 1).then(|| Timestamp::from_unix_millis(-1)),
        version: Version::new(2),
        position: Position::new(position),
    })
}

/// Folds one more event of an order into its row of `customer_orders`.
async fn listed(
    before: Option<&CustomerOrder>,
    number: u128,
    position: u64,
    event: OrderEvent,
) -> Arc<CustomerOrder> {
    let new = append(1000 + u128::from(position), order(number), at(0), vec![event]).events.remove(0);
    let recorded = RecordedEvent {
        position: Position::new(position),
        order: order(number),
        version: before.map_or(Version::START, |row| row.version).next(),
        event: new.event,
        metadata: new.metadata,
    };
    Arc::new(CustomerOrders.project(before, &recorded).await.expect("folded").expect("a row"))
}

/// A read model that nothing is missing in.
#[derive(Debug)]
pub(crate) struct Complete;

impl<Row: Send + Sync + 'static> Fold<Row> for Complete {
    fn fold<'a>(
        &'a self,
        _made_by: ProjectionStamp,
        _rows: Vec<Arc<Row>>,
        events: &'a [Arc<RecordedEvent>],
    ) -> BoxFuture<'a, Result<Vec<Arc<Row>>, StoreError>> {
        panic!("nothing is missing: {events:?}")
    }

    fn events_after(
        &self,
        _: Position,
        _: usize,
    ) -> BoxFuture<'_, Result<Vec<Arc<RecordedEvent>>, StoreError>> {
        Box::pin(async { Ok(Vec::new()) })
    }

    fn reached(&self, _position: Position) {}
}

async fn begun<Row: Send + Sync + 'static, R: ?Sized>(generations: &dyn Generations<Row, R>) -> Arc<R> {
    let Generation { id, rows, .. } = generations.begin(STAMP).await.expect("begun");
    generations.swap_in(id, &Complete).await.expect("swapped in");
    rows
}

pub(super) async fn rows_come_back_as_they_were(place: Place) {
    let read = place.stores().await.read;
    let rows = begun(&*read.order_summaries()).await;
    let lists = begun(&*read.customer_orders()).await;
    let all: Vec<_> = (1..).zip(TEXTS).map(|(number, text)| summary(number, text, 1)).collect();
    rows.put(all.clone(), Position::new(1)).await.expect("kept");
    let mut listings = Vec::new();
    for (number, text) in (1..).zip(TEXTS) {
        listings.push(listed(None, number, 1, created(text)).await);
    }
    lists.put(listings.clone(), Position::new(1)).await.expect("kept");

    let read = place.stores().await.read;
    let rows = read.order_summaries().current().await.expect("an answer").expect("a generation");
    assert_eq!(rows.stamp, STAMP);
    let lists = read.customer_orders().current().await.expect("an answer").expect("a generation").rows;
    for (row, listing) in all.iter().zip(&listings) {
        let found = rows.rows.find(row.order).await.expect("an answer");
        assert_eq!((found.value.as_ref(), found.position), (Some(row), Position::new(1)));
        assert_eq!(format!("{:?}", found.value), format!("{:?}", Some(row)), "decimals keep their zeros");
        assert_eq!(lists.find(row.order).await.expect("an answer").value.as_ref(), Some(listing));
        let of_customer = lists.list(&row.customer, 0, 10).await.expect("an answer").value;
        assert_eq!((&of_customer.rows[..], of_customer.total_count), (&[listing.clone()][..], 1));
    }
    let mut orders: Vec<_> = all.iter().map(|row| row.order).collect();
    orders.push(order(99));
    let mut found = rows.rows.find_all(&orders).await.expect("an answer");
    found.sort_by_key(|row| row.order);
    assert_eq!(found, all);
    assert_eq!(lists.find_all(&orders).await.expect("an answer").len(), all.len());
    assert_eq!(rows.rows.find(order(99)).await.expect("an answer").value, None);
}

pub(super) async fn rows_and_checkpoint_move_together(place: Place) {
    let read = place.stores().await.read;
    let rows = begun(&*read.order_summaries()).await;
    assert_eq!(rows.checkpoint().await, Ok(Position::START));
    let writer = {
        let rows = rows.clone();
        tokio::spawn(async move {
            for position in 1..=60 {
                let both = vec![summary(1, "c", position), summary(2, "c", position)];
                rows.put(both, Position::new(position)).await.expect("kept");
            }
        })
    };
    let mut reached = 0;
    while reached < 60 {
        let found = rows.find(order(1)).await.expect("an answer");
        let shown = found.value.map_or(Position::START, |row| row.position);
        assert_eq!(shown, found.position, "a row and its checkpoint are of one instant");
        assert!(shown.get() >= reached);
        reached = shown.get();
    }
    writer.await.expect("written");
    rows.put(Vec::new(), Position::new(70)).await.expect("kept");
    assert_eq!(rows.checkpoint().await, Ok(Position::new(70)));
}

pub(super) async fn nothing_goes_backwards(place: Place) {
    let read = place.stores().await.read;
    let rows = begun(&*read.order_summaries()).await;
    rows.put(vec![summary(1, "new", 9)], Position::new(9)).await.expect("kept");
    rows.put(Vec::new(), Position::new(4)).await.expect("kept");
    assert_eq!(rows.checkpoint().await, Ok(Position::new(9)));
}

pub(super) async fn lists_are_newest_first(place: Place) {
    let read = place.stores().await.read;
    let lists = begun(&*read.customer_orders()).await;
    let mut rows = Vec::new();
    for number in 1..=5_u64 {
        rows.push(listed(None, number.into(), number, created("c")).await);
    }
    // Taken in together, in no order; and an old order that changes stays where it is.
    let changed = listed(Some(&*rows[0]), 1, 6, OrderEvent::OrderConfirmed {}).await;
    rows.reverse();
    lists.put(rows, Position::new(5)).await.expect("kept");
    lists.put(vec![changed, listed(None, 9, 7, created("d")).await], Position::new(7)).await.expect("kept");
    for (offset, limit, expected) in [(0, 2, vec![5, 4]), (2, 2, vec![3, 2]), (4, 2, vec![1]), (6, 2, vec![])]
    {
        let page = lists.list(&"c".into(), offset, limit).await.expect("an answer");
        let shown: Vec<_> = page.value.rows.iter().map(|row| row.order.as_uuid().as_u128()).collect();
        assert_eq!((shown, page.value.total_count, page.position.get()), (expected, 5, 7));
    }
    let none = lists.list(&"nobody".into(), 0, 10).await.expect("an answer").value;
    assert_eq!((none.rows.len(), none.total_count), (0, 0));
}

pub(super) async fn generations_take_turns(place: Place) {
    let read = place.stores().await.read;
    let generations = read.order_summaries();
    assert!(generations.current().await.expect("an answer").is_none());
    let old = begun(&*generations).await;
    old.put(vec![summary(1, "old", 1)], Position::new(1)).await.expect("kept");
    let newer = ProjectionStamp { version: 8, digest: 3 };
    let Generation { id, rows: new, .. } = generations.begin(newer).await.expect("begun");
    new.put(vec![summary(1, "new", 1), summary(2, "new", 2)], Position::new(2)).await.expect("kept");

    let customer = |row: Option<Arc<OrderSummary>>| row.map(|row| row.customer.to_string());
    let current = generations.current().await.expect("an answer").expect("a generation");
    assert_eq!((current.stamp, current.rows.checkpoint().await), (STAMP, Ok(Position::new(1))));
    let shown = customer(current.rows.find(order(1)).await.expect("an answer").value);
    assert_eq!(shown.as_deref(), Some("old"), "nothing shows before the swap");

    generations.swap_in(id, &Complete).await.expect("swapped in");
    let current = generations.current().await.expect("an answer").expect("a generation");
    assert_eq!((current.stamp, current.rows.checkpoint().await), (newer, Ok(Position::new(2))));
    assert_eq!(customer(current.rows.find(order(1)).await.expect("an answer").value).as_deref(), Some("new"));
    assert!(read.customer_orders().current().await.expect("an answer").is_none(), "each has its own");
}

pub(super) async fn what_was_left_unfinished_is_cleared_away(place: Place) {
    let generations = place.stores().await.read.order_summaries();
    begun(&*generations).await;
    let abandoned = generations.begin(STAMP).await.expect("begun");
    abandoned.rows.put(vec![summary(1, "c", 1)], Position::new(1)).await.expect("kept");
    let generations = place.stores().await.read.order_summaries();
    let next = generations.begin(STAMP).await.expect("begun");
    assert!(generations.swap_in(abandoned.id, &Complete).await.is_err(), "it is not there any more");
    generations.swap_in(next.id, &Complete).await.expect("swapped in");
    assert_eq!(next.rows.find(order(1)).await.expect("an answer").value, None);
}
