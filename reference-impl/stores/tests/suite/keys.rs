//! Idempotency keys: there exactly when their effect is.

use reference_impl::domain::Rejection;
use reference_impl::store::{Append, AppendError, ExpectedVersion, KeptOutcome, Position, Refused};
use tokio::task::JoinSet;

use crate::courses::{TEXTS, add, append, at, create, created, decimal, key, order};
use crate::place::Place;

pub(super) async fn a_key_is_there_with_its_events(place: Place) {
    let write = place.stores().await.write;
    let mut kept = Vec::new();
    for (number, text) in (1..).zip(TEXTS) {
        let key = key(Some(text), text, order(number), create(text));
        assert_eq!(write.keys.find(&key.key).await, Ok(None));
        let append =
            Append { key: Some(key.clone()), ..append(number, order(number), at(0), vec![created(text)]) };
        let appended = write.events.append(append).await.expect("appended");
        kept.push((key, appended));
    }
    let write = place.stores().await.write;
    for (key, appended) in kept {
        let outcome = KeptOutcome { command: key.command, outcome: Ok(appended) };
        assert_eq!(write.keys.find(&key.key).await, Ok(Some(outcome)));
    }
}

pub(super) async fn a_key_is_taken_once(place: Place) {
    let write = place.stores().await.write;
    let key = key(None, "k", order(1), create("c"));
    let keyed = |number, expected| Append {
        key: Some(key.clone()),
        ..append(number, order(number), expected, vec![created("c")])
    };
    // A conflict doesn't take it.
    let conflict = write.events.append(keyed(1, at(5))).await;
    assert!(matches!(conflict, Err(AppendError::Conflict(_))), "{conflict:?}");
    assert_eq!(write.keys.find(&key.key).await, Ok(None));
    write.events.append(keyed(2, at(0))).await.expect("appended");
    let taken = write.events.append(keyed(3, at(0))).await;
    assert_eq!(taken, Err(AppendError::KeyTaken { key: "k".into() }));
    assert_eq!(write.events.head().await, Ok(Position::new(1)));
}

pub(super) async fn a_refusal_is_kept_once(place: Place) {
    let write = place.stores().await.write;
    let rejections = [
        Rejection::OrderNotFound { order: order(1) },
        Rejection::InvalidPrice { product: "\0".into(), price: decimal("-0.10") },
        Rejection::InvalidQuantity { product: "p".into(), quantity: i64::MIN },
    ];
    for (number, rejection) in (1..).zip(rejections) {
        let key = key(None, &format!("k-{number}"), order(number), add("p"));
        let refused = Refused::Rule(rejection);
        let kept = KeptOutcome { command: key.command.clone(), outcome: Err(refused.clone()) };
        assert_eq!(write.keys.keep(key.clone(), refused).await.as_ref(), Ok(&kept));
        let other = Refused::Rule(Rejection::OrderHasNoItems { order: order(number) });
        assert_eq!(write.keys.keep(key.clone(), other).await.as_ref(), Ok(&kept));
        assert_eq!(place.stores().await.write.keys.find(&key.key).await, Ok(Some(kept)));
        let append = Append { key: Some(key), ..append(number, order(number), at(0), vec![created("c")]) };
        assert!(matches!(write.events.append(append).await, Err(AppendError::KeyTaken { .. })));
    }
    assert_eq!(write.events.head().await, Ok(Position::START));
}

pub(super) async fn keys_are_an_actors_own(place: Place) {
    let write = place.stores().await.write;
    for (number, actor) in (1..).zip([None, Some("ann"), Some("bob")]) {
        let key = key(actor, "k", order(number), create("c"));
        let append =
            Append { key: Some(key.clone()), ..append(number, order(number), at(0), vec![created("c")]) };
        write.events.append(append).await.expect("appended");
        let found = write.keys.find(&key.key).await.expect("an answer").expect("the key");
        assert_eq!(found.command, key.command);
    }
}

pub(super) async fn of_appends_with_one_key_one_is_written(place: Place) {
    // Two openings: as two processes have it, which know nothing of each other.
    let stores = [place.stores().await, place.stores().await];
    for round in 1..=5_u128 {
        let mut writers = JoinSet::new();
        for writer in 0..8_u128 {
            let events = stores[usize::try_from(writer % 2).expect("small")].write.events.clone();
            let number = round * 100 + writer;
            let key = key(None, &format!("k-{round}"), order(round), create("c"));
            let append = Append {
                key: Some(key),
                ..append(number, order(number), ExpectedVersion::Any, vec![created("c")])
            };
            writers.spawn(async move { events.append(append).await });
        }
        let outcomes = writers.join_all().await;
        assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1, "{outcomes:?}");
    }
    assert_eq!(stores[0].write.events.head().await, Ok(Position::new(5)));
}
