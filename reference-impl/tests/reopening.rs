//! A system that is opened again on what an earlier one has left: it goes on from there.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use reference_impl::application::{Envelope, GetOrderAuditTrail};
use reference_impl::defect::Correct;
use reference_impl::domain::OrderId;
use reference_impl::projection::{
    CustomerOrder, CustomerOrders, CustomerOrdersRepository, InMemoryReadSide, OpenError, Projection,
    ReadModel, ReadSide,
};
use reference_impl::store::{InMemoryEventStore, Position, RecordedEvent, StoreError, WriteSide};
use reference_impl::system::Stores;
use reference_impl::{OrderSystem, SyncMode};

use crate::support::{
    EVENTUAL, LONG, add, builder, code, confirm, create, details, list, order, send, with_defects,
};

/// What outlives a system.
struct Kept {
    store: Arc<InMemoryEventStore>,
    read: Arc<InMemoryReadSide>,
}

impl Kept {
    fn new() -> Self {
        Self { store: Arc::new(InMemoryEventStore::new()), read: Arc::new(InMemoryReadSide::new()) }
    }

    fn stores(&self, opening: u64) -> Stores {
        Stores { write: WriteSide::of(self.store.clone()), read: self.read.clone(), inline: None, opening }
    }

    async fn open(&self, sync: SyncMode, opening: u64) -> OrderSystem {
        builder().sync(sync).open(self.stores(opening)).await.expect("opened")
    }
}

#[tokio::test]
async fn everything_is_there_again() {
    let kept = Kept::new();
    let first = kept.open(SyncMode::Strong, 0).await;
    let keyed = Envelope::new(order(1), create("c")).with_key("k");
    let outcome = first.send(keyed.clone()).await;
    let early = Envelope::new(order(2), confirm()).with_key("early");
    let refused = first.send(early.clone()).await;
    send(&first, order(1), add("p")).await;
    let (row, rows) = (details(&first, order(1)).await, list(&first, "c").await);
    drop(first);

    let second = kept.open(SyncMode::Strong, 1).await;
    assert_eq!(second.read_models().iter().map(|model| model.position.get()).collect::<Vec<_>>(), [2, 2]);
    assert_eq!((details(&second, order(1)).await, list(&second, "c").await), (row, rows));
    assert_eq!(code(&outcome), "accepted");
    assert_eq!(second.send(keyed).await, outcome, "a retry after the restart is a retry");
    assert_eq!(second.send(early).await, refused);
    let other = second.send(Envelope::new(order(3), create("c")).with_key("k")).await;
    assert_eq!(code(&other), "KeyReused");
    assert_eq!(second.head().await, Ok(Position::new(2)));
}

#[tokio::test]
async fn ids_do_not_come_twice() {
    let kept = Kept::new();
    for opening in 0..3 {
        let system = kept.open(SyncMode::Strong, opening).await;
        let wanted = if opening == 0 {
            send(&system, order(1), create("c")).await
        } else {
            send(&system, order(1), add("p")).await
        };
        assert_eq!(wanted.version.get(), opening + 1);
    }
    let system = kept.open(SyncMode::Strong, 3).await;
    let trail = system.ask(GetOrderAuditTrail { order: order(1) }).await.expect("an answer").value;
    let ids: HashSet<_> =
        trail.iter().flat_map(|entry| [entry.event_id.as_uuid(), entry.command_id.as_uuid()]).collect();
    assert_eq!(ids.len(), 6);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_shown_yet_is_shown_after_the_restart() {
    let kept = Kept::new();
    let slow = SyncMode::Eventual { lag: Duration::from_hours(1), jitter: Duration::ZERO };
    for (opening, sync) in [(1, SyncMode::Strong), (2, EVENTUAL)] {
        let first = kept.open(slow, 10 * opening).await;
        send(&first, order(opening.into()), create("c")).await;
        assert_eq!(details(&first, order(opening.into())).await, None);
        drop(first);
        let second = kept.open(sync, 10 * opening + 1).await;
        second.wait_caught_up(LONG).await.expect("caught up");
        assert!(details(&second, order(opening.into())).await.is_some());
    }
}

/// What was delivered once and dropped stays dropped: the checkpoint counts, not the beginning.
#[tokio::test]
async fn a_projection_goes_on_from_its_checkpoint() {
    let kept = Kept::new();
    let dropping = with_defects(&["drop-event:1"]).open(kept.stores(0)).await.expect("opened");
    send(&dropping, order(1), create("c")).await;
    drop(dropping);
    let sound = kept.open(SyncMode::Strong, 1).await;
    assert_eq!(details(&sound, order(1)).await, None);
    sound.rebuild("order_summary").await.expect("rebuilt");
    assert!(details(&sound, order(1)).await.is_some());
    drop(sound);
    let again = kept.open(SyncMode::Strong, 2).await;
    assert!(details(&again, order(1)).await.is_some(), "the rebuilt generation is the one that is kept");
}

/// `customer_orders` as it would be after a change, with its version raised or not.
#[derive(Debug)]
struct Changed<const VERSION: u32>;

impl<const V: u32> Projection for Changed<V> {
    const NAME: &'static str = "customer_orders";
    const VERSION: u32 = V;
    type Row = CustomerOrder;
    type Repository = dyn CustomerOrdersRepository;

    fn empty() -> Arc<Self::Repository> {
        CustomerOrders::empty()
    }

    fn sample() -> Self {
        Self
    }

    async fn project(
        &self,
        row: Option<&CustomerOrder>,
        event: &RecordedEvent,
    ) -> Result<Option<CustomerOrder>, StoreError> {
        let row = CustomerOrders.project(row, event).await?;
        Ok(row.map(|mut row| {
            row.customer = row.customer.as_str().to_uppercase().into();
            row
        }))
    }
}

#[tokio::test]
async fn a_projection_that_forgot_its_version_is_noticed() {
    let kept = Kept::new();
    send(&kept.open(SyncMode::Strong, 0).await, order(1), create("c")).await;
    let generations = kept.read.customer_orders();
    let opened = ReadModel::open(
        Changed::<{ CustomerOrders::VERSION }>,
        kept.store.clone(),
        Arc::new(Correct),
        generations,
    )
    .await;
    let error = opened.map(|_| ()).expect_err("changed");
    assert_eq!(error, OpenError::Changed { read_model: "customer_orders", version: CustomerOrders::VERSION });
}

#[tokio::test]
async fn a_new_version_is_built_beside_the_old_one() {
    let kept = Kept::new();
    let old = kept.open(SyncMode::Strong, 0).await;
    send(&old, order(1), create("c")).await;
    let generations = kept.read.customer_orders();
    let new = ReadModel::open(
        Changed::<{ CustomerOrders::VERSION + 1 }>,
        kept.store.clone(),
        Arc::new(Correct),
        generations.clone(),
    );
    let new = new.await.expect("built");
    let customers = |row: Option<Arc<CustomerOrder>>| row.map(|row| row.customer.to_string());
    assert_eq!(customers(found(&*new.repository(), order(1)).await).as_deref(), Some("C"));
    assert_eq!(list(&old, "c").await.len(), 1, "whoever reads the old one isn't disturbed");
    let current = generations.current().await.expect("an answer").expect("a generation");
    assert_eq!(
        (current.stamp.version, current.rows.checkpoint().await),
        (CustomerOrders::VERSION + 1, Ok(Position::new(1)))
    );
}

async fn found(rows: &dyn CustomerOrdersRepository, order: OrderId) -> Option<Arc<CustomerOrder>> {
    rows.find(order).await.expect("an answer").value
}
