//! What was left alone, and looked at again: histories that keep EC-2, and histories that break it.

use proofmark::clause::{Judged, Wrong};
use proofmark::protocol::ClauseId;

use super::cases::{Is, Told};
use crate::checking::{add, cancel, create, details, list, order, row};

/// One order with an item, at rest.
fn left() -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.does(add("o", 1), "accepted");
    told.story.rests();
    told
}

/// Both read models show this order with so many cents more.
fn looks(told: &mut Told, details_of: &str, rows: &str) {
    told.story.reads(details("o"), details_of);
    told.story.reads(list(), rows);
}

fn shown() -> (String, String) {
    (order("o", "pending", &[1]), format!("[{}]", row("o", "pending", 3)))
}

/// It is shown, and a minute later this is.
fn later(details_of: &str, rows: &str) -> Told {
    let (own, all) = shown();
    let mut told = left();
    looks(&mut told, &own, &all);
    told.story.passes_time(60_000);
    told.story.rests();
    looks(&mut told, details_of, rows);
    told
}

#[track_caller]
fn kept(told: &Told, expected: Is) -> Judged {
    told.check("kept", ClauseId::Ec2, expected)
}

#[track_caller]
fn wrong(told: &Told, expected: &str) {
    let judged = kept(told, Is::Broken);
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    assert!(wrong.starts_with(expected), "{wrong}");
}

#[test]
fn what_was_left_alone_shows_what_it_showed() {
    let (own, all) = shown();
    kept(&later(&own, &all), Is::Nothing);
    wrong(&later("absent", &all), "GetOrderDetails showed at rest what was done, and 60.");
    wrong(&later(&own, "[]"), "ListCustomerOrders showed at rest what was done, and 60.");
    wrong(&later(&order("o", "pending", &[]), &all), "GetOrderDetails showed");
    wrong(&later(&own, &format!("[{}]", row("o", "cancelled", 3))), "ListCustomerOrders showed");
    // Somebody else's row says nothing of ours.
    let more = format!("[{}, {}]", row("o", "pending", 3), row("x", "pending", 2));
    let mut shared = later(&own, &more);
    shared.shared = true;
    kept(&shared, Is::Nothing);
}

#[test]
fn what_was_wrong_from_the_first_has_not_gone() {
    let (own, all) = shown();
    let mut lost = left();
    looks(&mut lost, "absent", &all);
    lost.story.passes_time(60_000);
    looks(&mut lost, "absent", &all);
    kept(&lost, Is::Aside);
    // What came late stays.
    looks(&mut lost, &own, &all);
    kept(&lost, Is::Aside);
    looks(&mut lost, "absent", &all);
    kept(&lost, Is::Broken);
}

#[test]
fn what_can_not_be_known_says_nothing() {
    let (own, all) = shown();
    let mut refused = Told::default();
    refused.story.does(create("o"), "accepted");
    refused.story.does(cancel("o"), "OrderNotPending");
    refused.story.rests();
    looks(&mut refused, &own, &all);
    looks(&mut refused, "absent", &all);
    kept(&refused, Is::Nothing);
    let mut restless = Told::default();
    restless.story.does(create("o"), "accepted");
    looks(&mut restless, "absent", "[]");
    looks(&mut restless, &order("o", "pending", &[]), "[]");
    kept(&restless, Is::Nothing);
    let mut unanswered = later(&own, &all);
    unanswered.story.reads(details("o"), "absent");
    unanswered.breaks_last();
    kept(&unanswered, Is::Nothing);
}
