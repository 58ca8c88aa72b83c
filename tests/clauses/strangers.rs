//! What somebody else tries: histories that keep SE-1, and histories that break it.

use std::sync::Arc;

use proofmark::clause::{Bench, Evidence, Judged, Unit, Wrong, judged};
use proofmark::judge::Settings;
use proofmark::protocol::{Actor, ClauseId, Promises};
use proofmark::value::Value;

use super::cases::{Is, Told};
use crate::checking::{add, cancel, confirm, create, details, keyed, list, order, row};

const BOB: u64 = 99;

/// An order that its owner sees.
fn owned() -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted");
    told.story.does(keyed(add("o", 1), "k"), "accepted");
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", &[1]));
    told
}

/// The last thing that was done is somebody else's.
fn strange(told: &mut Told) {
    told.story.operations.last_mut().expect("an operation").client = BOB;
}

/// What the owner sees at last.
fn sees(told: &mut Told, status: &str, items: &[u32]) {
    told.story.rests();
    told.story.reads(details("o"), &order("o", status, items));
}

#[track_caller]
fn check(told: &Told, expected: Is) -> Judged {
    let bench = told.bench();
    let private = ["GetOrderDetails", "ListCustomerOrders"].map(Arc::from).into();
    let mut promises = Promises::clone(&bench.settings.promises);
    promises.private = private;
    let promises = Arc::new(promises);
    let bench = Bench { settings: Settings { promises, ..bench.settings.clone() }, ..bench };
    let parts = told.parts();
    let evidence = Evidence::new(&bench, (&told.story.operations, &parts), [Value::from("o")]);
    let evidence = evidence.with_strangers([(BOB, Actor::named("bob"))]);
    Told::is(judged("stranger", &evidence), ClauseId::Se1, expected)
}

fn wrong(judged: &Judged) -> &str {
    let Wrong::Said(wrong) = &judged.findings[0].wrong else { panic!("{judged:?}") };
    wrong
}

#[test]
fn nobody_reads_what_is_somebody_elses() {
    let reads = |query, seen: &str| {
        let mut told = owned();
        told.story.reads(query, seen);
        strange(&mut told);
        told
    };
    check(&reads(details("o"), "absent"), Is::Kept);
    check(&reads(list(), "[]"), Is::Kept);
    check(&reads(list(), &format!("[{}]", row("p", "pending", 3))), Is::Kept);
    let shown = check(&reads(list(), &format!("[{}]", row("o", "pending", 3))), Is::Broken);
    assert_eq!(wrong(&shown), "ListCustomerOrders shows the actor bob what is somebody else's");
    check(&reads(details("o"), &order("o", "pending", &[1])), Is::Broken);
    let mut unanswered = reads(details("o"), "absent");
    unanswered.breaks_last();
    check(&unanswered, Is::Nothing);
    // What everybody may ask is shown to everybody.
    let story = reads(details("o"), &order("o", "pending", &[1]));
    story.check("stranger", ClauseId::Se1, Is::Nothing);
}

#[test]
fn nothing_comes_of_what_somebody_else_sends() {
    let sends = |said: &[&'static str; 2], status: &str, items: &[u32]| {
        let mut told = owned();
        told.retries(1, said[0]);
        strange(&mut told);
        told.story.does(confirm("o"), said[1]);
        strange(&mut told);
        sees(&mut told, status, items);
        told
    };
    let refused = ["Unauthorized", "Unauthorized"];
    let kept = check(&sends(&refused, "pending", &[1]), Is::Kept);
    assert_eq!(kept.counted, [(Unit::Intrusions, 1); 2]);
    let replayed = check(&sends(&["accepted", "Unauthorized"], "pending", &[1]), Is::Broken);
    assert!(wrong(&replayed).ends_with("by a replay of the owner's key"), "{replayed:?}");
    let accepted = check(&sends(&["Unauthorized", "accepted"], "pending", &[1]), Is::Broken);
    assert_eq!(wrong(&accepted), "ConfirmOrder by the actor bob on somebody else's aggregate is accepted");
    // Refused, and done all the same: the one, the other, or both.
    for (status, items) in [("confirmed", &[1][..]), ("pending", &[1, 1]), ("confirmed", &[1, 1])] {
        let done = check(&sends(&refused, status, items), Is::Broken);
        assert_eq!(wrong(&done), "what the actor bob sent had an effect");
    }
    check(&sends(&refused, "cancelled", &[1]), Is::Aside);
    let mut unseen = sends(&refused, "confirmed", &[1]);
    unseen.story.operations.truncate(7);
    check(&unseen, Is::Nothing);
    let mut lost = sends(&["Unauthorized", "Unauthorized"], "pending", &[1]);
    lost.loses(4);
    assert_eq!(check(&lost, Is::Kept).counted.len(), 1);
}

#[test]
fn what_is_wrong_or_nobodys_without_strangers_is_no_breach() {
    let mut before = Told::default();
    before.story.does(create("o"), "accepted");
    before.story.does(cancel("o"), "accepted");
    before.story.does(confirm("o"), "accepted");
    before.story.does(add("o", 1), "accepted");
    strange(&mut before);
    check(&before, Is::Aside);
    // Of one's own anybody may do what they like.
    let mut own = owned();
    own.story.does(create("p"), "accepted");
    strange(&mut own);
    sees(&mut own, "pending", &[1]);
    check(&own, Is::Nothing);
    check(&owned(), Is::Nothing);
}
