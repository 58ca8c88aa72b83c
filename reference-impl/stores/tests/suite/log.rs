//! The log: what is appended, and who may.

use reference_impl::domain::{Item, OrderEvent};
use reference_impl::store::{AppendError, Conflict, ExpectedVersion, Position, RecordedEvent, Version};
use tokio::task::JoinSet;

use crate::courses::{TEXTS, added, append, at, created, decimal, order};
use crate::place::Place;

pub(super) async fn events_come_back_as_they_were(place: Place) {
    let log = place.stores().await.write.events;
    let item = |text: &str, price| Item::new(text, i64::MAX, decimal(price));
    let mut appends = Vec::new();
    for (number, text) in (1..).zip(TEXTS) {
        let items =
            vec![item(text, "79228162514264337593543950335"), item(text, "0.0000000000000000000000000001")];
        let events = vec![
            OrderEvent::OrderCreated { customer: text.into(), items },
            OrderEvent::ItemAdded { product: text.into(), quantity: 1, price: decimal("2.50") },
            OrderEvent::ItemRemoved { product: text.into() },
            OrderEvent::OrderConfirmed {},
            OrderEvent::OrderCancelled { reason: text.to_owned() },
        ];
        let mut append = append(number, order(number), ExpectedVersion::NoStream, events);
        append.events[0].metadata.actor = Some(text.into());
        log.append(append.clone()).await.expect("appended");
        appends.push(append);
    }
    let log = place.stores().await.write.events;
    let mut position = Position::START;
    let all = log.read_all(Position::START, 1000).await.expect("the log");
    for append in appends {
        let stream = log.read_stream(append.order, Version::START).await.expect("the stream");
        let mut version = Version::START;
        for (recorded, new) in stream.iter().zip(&append.events) {
            (position, version) = (position.next(), version.next());
            let (order, event, metadata) = (append.order, new.event.clone(), new.metadata.clone());
            assert_eq!(**recorded, RecordedEvent { position, order, version, event, metadata });
            assert_eq!(all.iter().find(|event| event.position == position), Some(recorded));
            // Equal decimals may be written in more than one way; it stays as it was.
            assert_eq!(format!("{:?}", recorded.event), format!("{:?}", new.event));
        }
        assert_eq!(stream.len(), append.events.len());
    }
    assert_eq!(all.len(), 40);
}

pub(super) async fn versions_and_positions_have_no_gaps(place: Place) {
    let log = place.stores().await.write.events;
    let mut expected = 0;
    for number in 1..=3 {
        let first = log.append(append(number, order(number), at(0), vec![created("c"), added("p")])).await;
        expected += 2;
        let first = first.expect("appended");
        assert_eq!((first.version.get(), first.position.get()), (2, expected));
        let refused = log.append(append(100 + number, order(number), at(0), vec![added("q")])).await;
        assert!(matches!(refused, Err(AppendError::Conflict(_))), "{refused:?}");
        let any =
            log.append(append(200 + number, order(number), ExpectedVersion::Any, vec![added("q")])).await;
        expected += 1;
        let any = any.expect("appended");
        assert_eq!((any.version.get(), any.position.get()), (3, expected));
    }
    assert_eq!(log.head().await, Ok(Position::new(9)));
    assert_eq!(*log.subscribe().borrow(), Position::new(9));
    let after = log.read_stream(order(2), Version::new(1)).await.expect("the stream");
    assert_eq!(after.iter().map(|event| event.version.get()).collect::<Vec<_>>(), [2, 3]);
    assert!(log.read_stream(order(9), Version::START).await.expect("the stream").is_empty());
}

pub(super) async fn a_conflict_writes_nothing(place: Place) {
    let log = place.stores().await.write.events;
    log.append(append(1, order(1), at(0), vec![created("c")])).await.expect("appended");
    for (number, expected) in [(2, at(0)), (3, at(2)), (4, ExpectedVersion::NoStream)] {
        let outcome = log.append(append(number, order(1), expected, vec![added("p"), added("q")])).await;
        let conflict = Conflict { order: order(1), expected, actual: Version::new(1) };
        assert_eq!(outcome, Err(conflict.into()));
    }
    assert_eq!(log.read_all(Position::START, 10).await.expect("the log").len(), 1);
}

pub(super) async fn of_writers_at_one_version_one_wins(place: Place) {
    let log = place.stores().await.write.events;
    for round in 1..=10_u128 {
        let mut writers = JoinSet::new();
        for writer in 0..8 {
            let log = log.clone();
            let append =
                append(round * 100 + writer, order(round), ExpectedVersion::NoStream, vec![created("c")]);
            writers.spawn(async move { log.append(append).await });
        }
        let outcomes = writers.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
        let refused = |outcome: &&Result<_, _>| matches!(outcome, Err(AppendError::Conflict(_)));
        assert_eq!(outcomes.iter().filter(refused).count(), 7, "{outcomes:?}");
    }
    assert_eq!(log.head().await, Ok(Position::new(10)));
}

/// While eight write, a reader that reads on from where it was sees every event, once and in order.
pub(super) async fn a_reader_never_has_to_look_back(place: Place) {
    const WRITERS: u128 = 8;
    const EACH: u128 = 40;
    let log = place.stores().await.write.events;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let log = log.clone();
        writers.spawn(async move {
            for number in 0..EACH {
                let number = writer * EACH + number + 1;
                let events = vec![created("c"), added("p")];
                let at = log.append(append(number, order(number), at(0), events)).await.expect("appended");
                let last = log.read_all(Position::new(at.position.get() - 1), 1).await.expect("the log");
                assert_eq!(last[0].order, order(number), "what is acknowledged can be read");
            }
        });
    }
    let mut heads = log.subscribe();
    let mut seen = Position::START;
    while seen.get() < u64::try_from(2 * WRITERS * EACH).expect("small") {
        heads.wait_for(|head| *head > seen).await.expect("the store is there");
        for event in log.read_all(seen, 50).await.expect("the log") {
            assert_eq!(event.position, seen.next());
            seen = event.position;
        }
    }
    writers.join_all().await;
}

pub(super) async fn pages_of_the_log(place: Place) {
    let log = place.stores().await.write.events;
    for number in 1..=7 {
        log.append(append(number, order(number), at(0), vec![created("c")])).await.expect("appended");
    }
    for (after, limit, expected) in [
        (0, 3, vec![1, 2, 3]),
        (3, 3, vec![4, 5, 6]),
        (6, 3, vec![7]),
        (7, 3, vec![]),
        (99, 3, vec![]),
        (2, 0, vec![]),
    ] {
        let page = log.read_all(Position::new(after), limit).await.expect("the log");
        assert_eq!(page.iter().map(|event| event.position.get()).collect::<Vec<_>>(), expected);
    }
}
