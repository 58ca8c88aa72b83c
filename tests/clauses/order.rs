//! The order in which writes stand in the event feed: histories that keep SG-3 and SG-4, and histories that break them.

use proofmark::clause::{Unit, Wrong};
use proofmark::protocol::{ClauseId, Event, Version};
use proofmark::value::{Record, Value};

use super::cases::Told;
use crate::checking::{add, cancel, create, details, order};

/// What a feed has: of which order, and its version there.
fn feed(events: &[(&str, u64)]) -> Vec<Event> {
    let event = |(position, (on, version)): (u64, &(&str, u64))| Event {
        name: "Something".into(),
        on: Value::from(*on),
        fields: Record::new(),
        version: Some(Version::Number(*version)),
        position: Some(position),
        id: None,
        causation: None,
    };
    (1..).zip(events).map(event).collect()
}

/// Two orders that session 1 creates, and a change of each: of the second by session 2, which has read the first one before.
fn told() -> Told {
    let mut told = Told::default();
    told.story.does(create("a"), "accepted");
    told.story.does(create("b"), "accepted");
    told.story.reads(details("a"), &order("a", "pending", &[]));
    told.story.does(add("b", 1), "accepted");
    told.story.does(cancel("a"), "accepted");
    for (at, client) in [(0, 1), (1, 1), (2, 2), (3, 2), (4, 1)] {
        told.story.operations[at].client = client;
    }
    told
}

/// A case whose feed was read twice at its end.
#[track_caller]
fn check(told: &Told, events: &[(&str, u64)], (id, expected): (ClauseId, Result<usize, &[&str]>)) {
    let mut story = told.story.clone();
    for _ in 0..2 {
        story.feeds(None, None, &feed(events));
    }
    let told = Told { story, ..Told::default() };
    let judged = told.judged("order", id);
    let wrong = judged.findings.iter().map(|finding| match &finding.wrong {
        Wrong::Said(wrong) => &**wrong,
        Wrong::Mismatch(_) => "a mismatch",
    });
    let wrong: Vec<&str> = wrong.collect();
    match expected {
        Ok(count) => {
            let counted = judged.counted.iter().filter(|(unit, _)| *unit == Unit::Commands).count();
            assert_eq!((counted, &wrong[..]), (count, &[][..]), "{judged:#?}");
        }
        Err(expected) => assert_eq!(wrong, expected),
    }
}

const ISSUED: ClauseId = ClauseId::Sg3;
const READ: ClauseId = ClauseId::Sg4;

#[test]
fn a_feed_in_the_order_of_commands_keeps_both() {
    let events = [("a", 1), ("b", 1), ("b", 2), ("a", 2)];
    check(&told(), &events, (ISSUED, Ok(2)));
    check(&told(), &events, (READ, Ok(1)));
    // What two sessions wrote that knew nothing of each other may stand either way.
    let events = [("a", 1), ("b", 1), ("a", 2), ("b", 2)];
    check(&told(), &events, (ISSUED, Ok(2)));
    check(&told(), &events, (READ, Ok(1)));
}

#[test]
fn writes_of_a_session_in_another_order_break_it() {
    let wrong = r#"the feed has what CreateOrder on "b" did before what CreateOrder on "a" did, which the same session had issued before"#;
    check(&told(), &[("b", 1), ("a", 1), ("b", 2), ("a", 2)], (ISSUED, Err(&[wrong])));
    // The order of one aggregate's events is one, too.
    let wrong = r#"the feed has what CancelOrder on "a" did before what CreateOrder on "b" did, which the same session had issued before"#;
    check(&told(), &[("a", 2), ("a", 1), ("b", 1), ("b", 2)], (ISSUED, Err(&[wrong])));
}

#[test]
fn a_write_that_stands_before_what_was_read_breaks_it() {
    let wrong = r#"the feed has what AddItem on "b" did before what CreateOrder on "a" did, which the same session had read before"#;
    check(&told(), &[("b", 1), ("b", 2), ("a", 1), ("a", 2)], (READ, Err(&[wrong])));
    // What was not seen was not read.
    let mut blind = told();
    blind.story.operations.remove(2);
    check(&blind, &[("b", 1), ("b", 2), ("a", 1), ("a", 2)], (READ, Ok(0)));
}

#[test]
fn a_feed_that_counts_otherwise_decides_nothing() {
    for events in [&[("a", 1), ("b", 1), ("b", 2)][..], &[("a", 1), ("b", 1), ("b", 2), ("a", 2), ("a", 3)]] {
        check(&told(), events, (ISSUED, Ok(0)));
        check(&told(), events, (READ, Ok(0)));
    }
    let mut lost = told();
    lost.story.loses(add("b", 7));
    check(&lost, &[("a", 1), ("b", 1), ("b", 2), ("a", 2)], (ISSUED, Ok(0)));
}
