//! What is read of the event feed: cases that keep EV-1 to EV-7, CV-2, RB-2, and cases that break them.

use proofmark::clause::{Judged, Unit, Wrong};
use proofmark::history::{Deed, Fed, Feed};
use proofmark::protocol::{Actor, ClauseId, Command, Event, Version};
use proofmark::value::{Record, Value};

use super::cases::{Is, Told};
use crate::checking::{add, confirm, create, details, order};
use crate::model::json;

/// An event with a position, and the version behind it.
fn event(name: &str, on: &str, (position, version): (u64, u64), fields: &str) -> Event {
    Event {
        name: name.into(),
        on: Value::from(on),
        fields: json(fields).as_record().expect("a record").clone(),
        version: Some(Version::Number(version)),
        position: Some(position),
        id: Some(format!("e-{position}").into()),
        causation: None,
    }
}

/// An order created, an item added, and confirmed: from a position on.
fn three(on: &str, first: u64) -> [Event; 3] {
    let created = r#"{"customer": "cust-1", "items": [{"product": "p", "quantity": 1, "price": 2}]}"#;
    [
        event("OrderCreated", on, (first, 1), created),
        event("ItemAdded", on, (first + 1, 2), r#"{"product": "q", "quantity": 1, "price": 1}"#),
        event("OrderConfirmed", on, (first + 2, 3), "{}"),
    ]
}

/// An order is followed while it is made; then the feed is read twice as `first` and `second`.
fn told(first: &[Event], second: &[Event]) -> Told {
    let mut told = Told::default();
    let [created, added, confirmed] = three("o", 1);
    let called = |id: &str, command: Command| Command { id: id.into(), ..command };
    told.story.does(called("c-1", create("o")), "accepted 1");
    told.story.feeds(None, None, &[created]);
    told.story.does(called("c-2", add("o", 1)), "accepted 2");
    told.story.feeds(None, Some(1), &[added]);
    told.story.does(called("c-3", confirm("o")), "accepted 3");
    told.story.feeds(None, Some(2), &[confirmed]);
    told.story.feeds(None, None, first);
    told.story.feeds(None, None, second);
    told
}

#[track_caller]
fn check(told: &Told, id: ClauseId, expected: Is) -> Judged {
    told.check("feed", id, expected)
}

#[track_caller]
fn says(judged: &Judged, part: &str) {
    assert!(matches!(&judged.findings[0].wrong, Wrong::Said(wrong) if wrong.contains(part)), "{judged:#?}");
}

const ALL: [ClauseId; 4] = [ClauseId::Ev1, ClauseId::Ev2, ClauseId::Ev5, ClauseId::Ev6];

#[test]
fn a_feed_that_is_as_it_must_be_keeps_all_of_it() {
    let sound = three("o", 1);
    for id in ALL {
        assert_eq!(check(&told(&sound, &sound), id, Is::Kept).counted, [(Unit::Events, 3)], "{id}");
    }
    // What others did stands between, and some count from nought.
    let mut among: Vec<Event> = three("o", 1).into();
    for (at, event) in among.iter_mut().enumerate() {
        event.position = Some(event.position.unwrap_or_default() + 2 * at as u64);
        event.version = Some(Version::Number(at as u64));
        event.id = Some(format!("own-{at}").into());
    }
    among.insert(1, event("OrderCreated", "other", (2, 0), "{}"));
    for id in [ClauseId::Ev1, ClauseId::Ev2, ClauseId::Ev6] {
        check(&told(&among, &among), id, Is::Kept);
    }
}

#[test]
fn versions_are_counted_through() {
    let with = |versions: [u64; 3]| {
        let mut events = three("o", 1);
        for (event, version) in events.iter_mut().zip(versions) {
            event.version = Some(Version::Number(version));
        }
        told(&events, &events)
    };
    says(
        &check(&with([1, 3, 4]), ClauseId::Ev1, Is::Broken),
        "where version 2 of a stream must be, there is 3",
    );
    says(
        &check(&with([1, 2, 2]), ClauseId::Ev1, Is::Broken),
        "where version 3 of a stream must be, there is 2",
    );
    let mut silent = three("o", 1);
    silent[1].version = None;
    check(&told(&silent, &silent), ClauseId::Ev1, Is::Nothing);
}

#[test]
fn the_order_is_one() {
    let sound = three("o", 1);
    let mut doubled = three("o", 1);
    doubled[1].position = doubled[0].position;
    says(&check(&told(&sound, &doubled), ClauseId::Ev2, Is::Broken), "not higher than the one before");
    let mut turned = three("o", 1);
    turned.rotate_left(1);
    for (event, position) in turned.iter_mut().zip(1..) {
        event.position = Some(position);
    }
    says(&check(&told(&sound, &turned), ClauseId::Ev2, Is::Broken), "another order");
    says(&check(&told(&sound, &sound[..2]), ClauseId::Ev2, Is::Broken), "lacks what the first one had");
    // One that lags has less first.
    check(&told(&sound[..2], &sound), ClauseId::Ev2, Is::Kept);
}

#[test]
fn what_happened_stays() {
    let sound = three("o", 1);
    let later = |now: &[Event]| {
        let mut told = told(&sound, &sound);
        told.story.does(add("o", 2), "OrderNotPending");
        told.story.feeds(None, None, now);
        told
    };
    assert_eq!(check(&later(&sound), ClauseId::Ev3, Is::Kept).counted, [(Unit::Events, 3)]);
    let mut amended = three("o", 1);
    amended[1].fields.insert("quantity", 7);
    says(&check(&later(&amended), ClauseId::Ev3, Is::Broken), "an event is not what it was");
    let mut renamed = three("o", 1);
    renamed[0].id = Some("another".into());
    says(&check(&later(&renamed), ClauseId::Ev3, Is::Broken), "an event is not what it was");
    says(&check(&later(&sound[1..]), ClauseId::Ev3, Is::Broken), "an event is gone");
}

#[test]
fn from_any_cursor_it_is_the_rest() {
    let sound = three("o", 1);
    let from = |on: Option<&str>, rest: &[Event]| {
        let mut told = told(&sound, &sound);
        told.story.feeds(on, Some(1), rest);
        told
    };
    for on in [None, Some("o")] {
        assert_eq!(check(&from(on, &sound[1..]), ClauseId::Ev4, Is::Kept).counted, [(Unit::Cursors, 1)]);
        let left_out = check(&from(on, &sound[2..]), ClauseId::Ev4, Is::Broken);
        assert!(left_out.findings[0].more[1].starts_with("left out: position 2"), "{left_out:#?}");
        let repeated = check(&from(on, &sound), ClauseId::Ev4, Is::Broken);
        assert!(repeated.findings[0].more[1].starts_with("not in the rest: position 1"), "{repeated:#?}");
    }
    // Rows of others are none of it.
    let foreign = event("OrderCreated", "other", (9, 1), "{}");
    let mut rest: Vec<Event> = sound[1..].to_vec();
    rest.push(foreign);
    check(&from(None, &rest), ClauseId::Ev4, Is::Kept);
}

#[test]
fn nothing_appears_before_what_was_delivered() {
    let sound = three("o", 1);
    let mut late: Vec<Event> = three("o", 1).into();
    // Whose it is makes no difference.
    let own = event("ItemRemoved", "o", (0, 4), r#"{"product": "q"}"#);
    let foreign = event("OrderCreated", "other", (0, 1), "{}");
    for one in [own, foreign] {
        late.insert(0, one);
        says(
            &check(&told(&late, &late), ClauseId::Ev5, Is::Broken),
            "before a position that was delivered already",
        );
        late.remove(0);
    }
    // What comes behind has not been missed.
    let mut more: Vec<Event> = sound.to_vec();
    more.push(event("OrderCreated", "other", (9, 1), "{}"));
    check(&told(&more, &more), ClauseId::Ev5, Is::Kept);
    // A cursor that leaves something out afterwards says nothing of what was followed.
    let mut resumed = told(&sound, &sound);
    resumed.story.feeds(None, Some(3), &[event("OrderCreated", "other", (12, 1), "{}")]);
    check(&resumed, ClauseId::Ev5, Is::Kept);
}

#[test]
fn events_have_names_and_causes_of_their_own() {
    let mut same: Vec<Event> = three("o", 1).into();
    same[2].id = same[0].id.clone();
    says(&check(&told(&same, &same), ClauseId::Ev6, Is::Broken), "two events have the same id");
    let caused = |by: [&str; 3]| {
        let mut events = three("o", 1);
        for (event, by) in events.iter_mut().zip(by) {
            event.causation = Some(by.into());
        }
        told(&events, &events)
    };
    // A service may give its commands ids of its own.
    check(&caused(["x", "y", "z"]), ClauseId::Ev6, Is::Kept);
    says(
        &check(&caused(["x", "x", "z"]), ClauseId::Ev6, Is::Broken),
        "events of two commands name one cause",
    );
    let mut few = three("o", 1);
    few[0].causation = Some("x".into());
    says(&check(&told(&few, &few), ClauseId::Ev6, Is::Broken), "names no cause, and others do");
}

/// An order at rest, its feed, what is read then, and what is told of its second version.
fn folded(events: &[Event], read: &str, past: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.does(add("o", 1), "accepted 2");
    told.story.does(confirm("o"), "accepted 3");
    told.story.rests();
    told.story.feeds(Some("o"), None, events);
    told.story.reads(details("o"), read);
    let asked = json(r#"{"n": "GetOrderDetails", "a": "o", "v": 2}"#);
    let asked = asked.as_record().expect("a record").clone();
    told.story.deed(Deed::AsOf, asked, Record::from([("out", json(past))]), |_| ());
    told
}

#[test]
fn read_models_and_the_past_are_what_the_events_add_up_to() {
    let events = three("o", 1);
    let (now, past) = (order("o", "confirmed", &[1]), order("o", "pending", &[1]));
    let fold = |told: &Told, id, expected| told.check("fold", id, expected);
    let sound = folded(&events, &now, &past);
    assert_eq!(fold(&sound, ClauseId::Cv2, Is::Kept).counted, [(Unit::Comparisons, 1)]);
    assert_eq!(fold(&sound, ClauseId::Ev7, Is::Kept).counted, [(Unit::Versions, 1)]);
    let other = fold(&folded(&events, &order("o", "confirmed", &[2]), &past), ClauseId::Cv2, Is::Broken);
    says(&other, "GetOrderDetails does not show what the events add up to");
    assert_eq!(other.findings[0].more.len(), 3, "the events are told");
    let mut amended = three("o", 1);
    amended[1].fields.insert("quantity", 5);
    fold(&folded(&amended, &now, &past), ClauseId::Cv2, Is::Broken);
    says(
        &fold(&folded(&events, &now, &now), ClauseId::Ev7, Is::Broken),
        "as of version 2 is not what the events",
    );
    fold(&folded(&events, &now, "null"), ClauseId::Ev7, Is::Broken);
    // What does not fit the contract decides nothing.
    let mut odd = three("o", 1);
    odd[1].name = "Odd".into();
    fold(&folded(&odd, &now, &past), ClauseId::Cv2, Is::Nothing);
}

#[test]
fn the_feed_tells_strangers_nothing_and_queries_leave_it_alone() {
    let stranger = |came: Fed| {
        let mut told = Told::default();
        told.story.does(create("o"), "accepted 1");
        told.story.deed(Deed::Feed, Feed::ask(&Actor::Nobody, None, None), Feed::told(&came), |_| ());
        told
    };
    let check = |came, expected| stranger(came).check("stranger", ClauseId::Se1, expected);
    check(Fed::Told(vec![event("OrderCreated", "other", (1, 1), "{}")]), Is::Kept);
    check(Fed::Denied, Is::Kept);
    check(Fed::Failed("it is closed".into()), Is::Nothing);
    says(&check(Fed::Told(three("o", 1).into()), Is::Broken), "of somebody else's aggregate");
}
