//! Read models built anew: cases that keep RB-1 to RB-4, and cases that break them.

use proofmark::clause::{Judged, Unit, Wrong};
use proofmark::history::Quiet;
use proofmark::protocol::{ClauseId, Event, Version};
use proofmark::value::{Record, Value};

use super::cases::{Is, Told};
use crate::checking::{Story, add, confirm, create, details, list, order, row};

#[track_caller]
fn says(judged: &Judged, part: &str) {
    assert!(matches!(&judged.findings[0].wrong, Wrong::Said(wrong) if wrong.contains(part)), "{judged:#?}");
}

fn rows(total: u32) -> String {
    format!("[{}]", row("o", "pending", total))
}

/// An order at rest, read; its read models built anew; and what is read then.
fn rebuilt(details_then: &str, list_then: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.does(add("o", 1), "accepted 2");
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", &[1]));
    told.story.reads(list(), &rows(3));
    told.story.builds("GetOrderDetails", |_| ());
    told.story.builds("ListCustomerOrders", |_| ());
    told.story.rests();
    told.story.reads(details("o"), details_then);
    told.story.reads(list(), list_then);
    told
}

#[track_caller]
fn check(told: &Told, id: ClauseId, expected: Is) -> Judged {
    told.check("rebuild", id, expected)
}

#[test]
fn what_is_built_anew_is_the_same() {
    let now = order("o", "pending", &[1]);
    let kept = check(&rebuilt(&now, &rows(3)), ClauseId::Rb1, Is::Kept);
    assert_eq!(kept.counted, [(Unit::Comparisons, 1), (Unit::Comparisons, 1), (Unit::Rebuilds, 2)]);
    let other = check(&rebuilt(&now, &rows(2)), ClauseId::Rb1, Is::Broken);
    says(&other, "ListCustomerOrders shows something else since its read model was built anew");
    assert!(other.findings[0].more[0].contains('3') && other.findings[0].more[1].contains('2'), "{other:#?}");
    says(&check(&rebuilt("absent", &rows(3)), ClauseId::Rb1, Is::Broken), "GetOrderDetails");
    // Rows of others come and go.
    let among = format!("[{}, {}]", row("other", "pending", 9), row("o", "pending", 3));
    check(&rebuilt(&now, &among), ClauseId::Rb1, Is::Kept);
    let mut unanswered = rebuilt(&now, &rows(3));
    unanswered.breaks_last();
    assert_eq!(check(&unanswered, ClauseId::Rb1, Is::Kept).doubts.len(), 1);
}

/// An order at a rest that is proved or only looks so, whose details tell the one version before a rebuild and the other one behind it.
fn counted(quiet: Quiet, receipts: [&str; 2], [before, behind]: [u64; 2]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), receipts[0]);
    told.story.does(add("o", 1), receipts[1]);
    told.story.is_quiet(quiet);
    told.story.reads_version(details("o"), &order("o", "pending", &[1]), before);
    told.story.builds("GetOrderDetails", |_| ());
    told.story.rests();
    told.story.reads_version(details("o"), &order("o", "pending", &[1]), behind);
    told
}

/// A state may look like an earlier one: what only looks like rest may be that.
#[test]
fn versions_that_a_rebuild_counts_again_are_told_where_they_were_the_last() {
    let wrong = "tells another version since its read model was built anew";
    let told = ["accepted 1", "accepted 2"];
    for (quiet, receipts) in [(Quiet::Proved, ["accepted"; 2]), (Quiet::Proved, told), (Quiet::Assumed, told)]
    {
        says(&check(&counted(quiet, receipts, [2, 4]), ClauseId::Rb2, Is::Broken), wrong);
    }
    check(&counted(Quiet::Assumed, told, [1, 2]), ClauseId::Rb2, Is::Kept);
    check(&counted(Quiet::Assumed, ["accepted"; 2], [1, 2]), ClauseId::Rb2, Is::Kept);
}

#[test]
fn what_was_wrong_before_is_no_rebuilds_doing() {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.rests();
    told.story.reads(details("o"), &order("o", "confirmed", &[]));
    told.story.builds("GetOrderDetails", |_| ());
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", &[]));
    check(&told, ClauseId::Rb1, Is::Aside);
    check(&told, ClauseId::Rb2, Is::Aside);
}

#[test]
fn a_rebuild_emits_nothing_and_decides_nothing() {
    let event = |version: u64| Event {
        name: "OrderCreated".into(),
        on: Value::from("o"),
        fields: Record::new(),
        version: Some(Version::Number(version)),
        position: Some(version),
        id: None,
        causation: None,
    };
    let (before, more) = ([event(1), event(2)], [event(1), event(2), event(3)]);
    let with = |now: &[Event], then: fn(&mut Story)| {
        let mut told = Told::default();
        told.story.does(create("o"), "accepted 1");
        told.story.does(add("o", 1), "accepted 2");
        told.story.feeds(Some("o"), None, &before);
        told.story.builds("GetOrderDetails", |_| ());
        told.story.feeds(Some("o"), None, now);
        then(&mut told.story);
        told
    };
    let sound: fn(&mut Story) = |story| story.does(confirm("o"), "accepted 3");
    assert_eq!(check(&with(&before, sound), ClauseId::Rb2, Is::Kept).counted, [(Unit::Rebuilds, 1)]);
    says(&check(&with(&more, sound), ClauseId::Rb2, Is::Broken), "a rebuild has emitted an event");
    says(&check(&with(&before[..1], sound), ClauseId::Rb2, Is::Broken), "an event is gone from the feed");
    let twice = [event(1), event(2), event(2)];
    says(&check(&with(&twice, sound), ClauseId::Rb2, Is::Broken), "tells events twice");
    let refused: fn(&mut Story) = |story| story.does(confirm("o"), "OrderNotPending");
    says(&check(&with(&before, refused), ClauseId::Rb2, Is::Broken), "since a rebuild: ");
}

/// An order; a rebuild, while an item is added and the order is read; and what is read at rest.
fn meanwhile(read: &str, then: &str) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", &[]));
    told.story.builds("GetOrderDetails", |story| {
        story.does(add("o", 1), "accepted 2");
        story.reads(details("o"), read);
    });
    told.story.rests();
    told.story.reads(details("o"), then);
    told
}

#[test]
fn what_is_done_meanwhile_appears_and_what_is_asked_is_answered() {
    let (old, now) = (order("o", "pending", &[]), order("o", "pending", &[1]));
    let check = |told: &Told, id, expected| told.check("rebuild-meanwhile", id, expected);
    let sound = meanwhile(&old, &now);
    let kept = check(&sound, ClauseId::Rb3, Is::Kept);
    assert_eq!(kept.counted, [(Unit::Commands, 1), (Unit::Rebuilds, 1)]);
    assert_eq!(check(&sound, ClauseId::Rb4, Is::Kept).counted, [(Unit::Answers, 1), (Unit::Rebuilds, 1)]);
    says(
        &check(&meanwhile(&old, &old), ClauseId::Rb3, Is::Broken),
        "behind a rebuild that was under way meanwhile",
    );
    says(&check(&meanwhile("absent", &now), ClauseId::Rb4, Is::Broken), "is said not to be there");
    // What was done before and behind it met none.
    let mut apart = Told::default();
    apart.story.does(create("o"), "accepted 1");
    apart.story.builds("GetOrderDetails", |_| ());
    apart.story.does(add("o", 1), "accepted 2");
    apart.story.rests();
    apart.story.reads(details("o"), &old);
    check(&apart, ClauseId::Rb3, Is::Nothing);
    check(&apart, ClauseId::Rb4, Is::Nothing);
}
