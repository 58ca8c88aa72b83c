//! The event log as it is seen from outside: the feed, the past, the audit trail, seeding.

use std::collections::HashSet;

use reference_impl::application::{Envelope, GetOrderAsOf, GetOrderAuditTrail};
use reference_impl::domain::{Item, Order, OrderEvent, OrderStatus};
use reference_impl::store::{CommandId, MessageId, Position, Version};
use reference_impl::system::SeedError;
use rust_decimal::Decimal;
use uuid::Uuid;

use crate::support::{
    add, at, builder, code, confirm, create, decimal, details, eventual, list, order, remove, send, system,
};

#[tokio::test]
async fn the_state_as_of_a_version_is_the_fold_up_to_it() {
    let system = system();
    send(&system, order(2), create("other")).await;
    send(&system, order(1), create("c")).await;
    send(&system, order(1), add("p-1")).await;
    send(&system, order(1), remove("p-0")).await;
    send(&system, order(1), confirm()).await;
    let events = system.events(Position::START, 100).await.expect("the feed");
    let events: Vec<_> = events.iter().filter(|recorded| recorded.order == order(1)).collect();
    for version in 1..=4_u64 {
        let answer = system.ask(GetOrderAsOf { order: order(1), version: Version::new(version) }).await;
        let answer = answer.expect("an answer");
        let then = answer.value.expect("a version it had");
        let upto = events.iter().filter(|recorded| recorded.version.get() <= version);
        let fold = Order::replay(order(1), upto.map(|recorded| &recorded.event));
        assert_eq!((then.status, then.customer.as_ref()), (fold.status(), fold.customer()));
        assert_eq!((then.items.as_slice(), Some(then.total)), (fold.items(), fold.total()));
        assert_eq!(then.item_count, fold.items().len());
        assert_eq!((answer.version, answer.position), (Some(Version::new(version)), Position::new(5)));
    }
}

#[tokio::test]
async fn a_version_an_order_never_had_is_absent() {
    let system = system();
    send(&system, order(1), create("c")).await;
    for (number, version) in [(1, 0), (1, 2), (1, u64::MAX), (2, 0), (2, 1)] {
        let query = GetOrderAsOf { order: order(number), version: Version::new(version) };
        assert_eq!(system.ask(query).await.expect("an answer").value, None, "{query:?}");
    }
}

#[tokio::test]
async fn the_audit_trail_says_what_happened_when_and_why() {
    let system = system();
    let (command, cause) = (CommandId::new(Uuid::from_u128(7)), MessageId::new(Uuid::from_u128(8)));
    send(&system, order(2), create("other")).await;
    let envelope = Envelope::new(order(1), create("c")).with_id(command).caused_by(cause).by("ann");
    system.send(envelope).await.expect("accepted");
    send(&system, order(1), confirm()).await;

    let answer = system.ask(GetOrderAuditTrail { order: order(1) }).await.expect("an answer");
    assert_eq!((answer.version, answer.position), (Some(Version::new(2)), Position::new(3)));
    let [created, confirmed] = answer.value.as_slice() else { panic!("{:?}", answer.value) };
    assert_eq!((created.version.get(), created.position.get()), (1, 2));
    assert_eq!((created.command_id, created.causation), (command, Some(cause)));
    assert_eq!(created.actor.as_ref().map(ToString::to_string).as_deref(), Some("ann"));
    assert_eq!(created.time.as_unix_millis(), 1_700_000_000_000);
    assert_eq!((confirmed.version.get(), confirmed.position.get()), (2, 3));
    assert_eq!((&confirmed.event, confirmed.causation), (&OrderEvent::OrderConfirmed {}, None));
    assert_ne!((confirmed.command_id, confirmed.event_id), (created.command_id, created.event_id));

    let nothing = system.ask(GetOrderAuditTrail { order: order(3) }).await.expect("an answer");
    assert_eq!((nothing.value, nothing.version), (Vec::new(), Some(Version::START)));
}

#[tokio::test]
async fn the_feed_is_gapless_and_can_be_resumed_anywhere() {
    let system = system();
    for number in 0..60 {
        let id = order(number % 7);
        let envelope = Envelope::new(id, add("p"));
        if code(&system.send(envelope).await) == "OrderNotFound" {
            send(&system, id, create("c")).await;
        }
    }
    let all = system.events(Position::START, 1000).await.expect("the feed");
    let positions: Vec<_> = all.iter().map(|event| event.position.get()).collect();
    assert_eq!(positions, (1..=60).collect::<Vec<_>>());
    for number in 0..7 {
        let versions =
            all.iter().filter(|event| event.order == order(number)).map(|event| event.version.get());
        assert!(versions.eq(1..=(if number < 4 { 9 } else { 8 })), "order {number}");
    }
    for after in [0, 1, 17, 59, 60, 61, u64::MAX] {
        let rest = system.events(Position::new(after), 1000).await.expect("the feed");
        assert_eq!(rest, all[usize::try_from(after.min(60)).expect("small")..]);
    }
    assert_eq!(system.events(Position::new(10), 5).await.expect("the feed"), all[10..15]);
    let ids: HashSet<_> = all.iter().map(|event| event.metadata.event_id).collect();
    let commands: HashSet<_> = all.iter().map(|event| event.metadata.command_id).collect();
    assert_eq!((ids.len(), commands.len()), (60, 60));
}

#[tokio::test]
async fn the_same_seed_gives_the_same_history() {
    let history = |seed| async move {
        let system = builder().seed(seed).build().expect("strong mode needs nothing");
        send(&system, order(1), create("c")).await;
        send(&system, order(1), add("p")).await;
        system.events(Position::START, 10).await.expect("the feed")
    };
    assert_eq!(history(5).await, history(5).await);
    assert_ne!(history(5).await, history(6).await);
}

fn created() -> OrderEvent {
    OrderEvent::OrderCreated { customer: "c".into(), items: vec![Item::new("p-1", 2, decimal("2.50"))] }
}

#[tokio::test]
async fn seeded_events_are_as_good_as_any() {
    let system = system();
    let events = vec![created(), OrderEvent::OrderConfirmed {}];
    let receipt = system.seed_events(order(1), events).await.expect("seeded");
    assert_eq!((receipt.version.get(), receipt.position.get()), (2, 2));
    let row = details(&system, order(1)).await.expect("the order");
    assert_eq!((row.status, row.total), (OrderStatus::Confirmed, decimal("5")));
    assert_eq!(list(&system, "c").await.len(), 1);
    assert_eq!(code(&system.send(Envelope::new(order(1), add("p"))).await), "OrderNotPending");

    system.seed_events(order(2), vec![created()]).await.expect("seeded");
    let next = system.send(Envelope::new(order(2), add("p-2")).expecting(at(1))).await;
    assert_eq!(next.map(|receipt| receipt.version.get()), Ok(2));
}

#[tokio::test(start_paused = true)]
async fn seeded_events_reach_the_read_models_in_their_time() {
    let system = eventual();
    let receipt = system.seed_events(order(1), vec![created()]).await.expect("seeded");
    assert_eq!(details(&system, order(1)).await, None);
    system.wait_for(receipt.position, crate::support::LONG).await.expect("visible");
    assert!(details(&system, order(1)).await.is_some());
}

#[tokio::test]
async fn events_that_can_not_have_happened_are_not_seeded() {
    let system = system();
    let seed = |events| system.seed_events(order(1), events);
    assert_eq!(seed(vec![]).await, Err(SeedError::Empty { order: order(1) }));
    let confirmed = seed(vec![OrderEvent::OrderConfirmed {}]).await;
    assert!(matches!(confirmed, Err(SeedError::Impossible { event: "OrderConfirmed", .. })), "{confirmed:?}");
    let twice = seed(vec![created(), created()]).await;
    assert!(matches!(twice, Err(SeedError::Impossible { event: "OrderCreated", .. })), "{twice:?}");
    let huge = OrderEvent::ItemAdded { product: "p".into(), quantity: 3, price: Decimal::MAX };
    assert_eq!(seed(vec![created(), huge]).await, Err(SeedError::TotalNotExact { order: order(1) }));
    assert_eq!(system.head().await, Ok(Position::START));
}
