//! Commands that demand a version, and writers of different aggregates: histories that keep the clauses OC, and histories that
//! break them.

use proofmark::clause::Wrong;
use proofmark::protocol::{ClauseId, Command};

use super::cases::{Is, Told};
use crate::checking::{add, at_version, create, details, order};

/// An order at version 2, a command that demands a version, and what is seen of it at rest.
fn stale(version: u64, said: &str, seen: &[u32]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.story.does(add("o", 1), "accepted 2");
    told.story.does(at_version(add("o", 2), version), said);
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", seen));
    told
}

#[test]
fn an_old_version_is_refused_and_nothing_comes_of_it() {
    let check = |told: Told, expected| told.check("stale", ClauseId::Oc1, expected);
    check(stale(1, "ConcurrencyConflict", &[1]), Is::Kept);
    check(stale(1, "OrderNotPending", &[1]), Is::Kept);
    check(stale(1, "accepted 3", &[1, 2]), Is::Broken);
    check(stale(1, "ConcurrencyConflict", &[1, 2]), Is::Broken);
    check(stale(1, "ConcurrencyConflict", &[]), Is::Aside);
    // The last one that was told is no old one, and one that was never told may be any.
    check(stale(2, "ConcurrencyConflict", &[1]), Is::Nothing);
    check(stale(9, "accepted 3", &[1, 2]), Is::Nothing);
    let mut lost = stale(1, "ConcurrencyConflict", &[1]);
    lost.loses(2);
    check(lost, Is::Nothing);
    let mut before = stale(1, "accepted 3", &[1, 2]);
    before.story.operations[1] = confirmed_instead();
    check(before, Is::Aside);
}

/// A command that was accepted against the rules, in the second place.
fn confirmed_instead() -> proofmark::history::Operation {
    let mut story = Told::default().story;
    story.does(create("p"), "accepted 1");
    story.does(create("o"), "accepted 2");
    story.operations[1].clone()
}

/// An order that so many items are added to, without its version and with it.
fn without(tries: &[(u32, bool, &str)]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    for (quantity, versioned, said) in tries {
        let add = add("o", *quantity);
        told.story.does(if *versioned { at_version(add, 1) } else { add }, said);
    }
    told
}

#[test]
fn a_version_that_is_missing_is_asked_for() {
    let check = |tries: &[_], expected| without(tries).check("without", ClauseId::Oc2, expected);
    let says = |tries: &[_], expected| {
        let judged = check(tries, expected);
        judged.notes.iter().map(|note| format!("{} {}", note.about, note.says)).collect::<Vec<_>>()
    };
    let (create, add) = ("CreateOrder on what is not there needs none", "AddItem on what is there needs");
    let none = says(&[(1, false, "accepted 2")], Is::Kept);
    assert_eq!(none, [create.to_owned(), format!("{add} none")]);
    let one = says(&[(1, false, "PreconditionRequired"), (1, true, "accepted 2")], Is::Kept);
    assert_eq!(one, [create.to_owned(), format!("{add} one")]);
    let (first, again, with) = ((1, false, "Malformed"), (1, false, "Malformed"), (1, true, "accepted 2"));
    let broken = check(&[first, again, with], Is::Broken);
    assert!(matches!(&broken.findings[0].wrong, Wrong::Said(wrong)
        if wrong.ends_with("and with it it is accepted")));
    assert_eq!(broken.notes.len(), 1, "nobody knows whether it needs one: {broken:?}");
    // A refusal that was never tried again at rest, or that a version does not help, says nothing.
    check(&[first, with], Is::Kept);
    check(&[first, again, (1, true, "Malformed")], Is::Kept);
    // What is accepted behind it was in its way for another reason, here or with the next one.
    check(&[first, (1, false, "accepted 2")], Is::Aside);
    check(&[first, again, with, (2, false, "accepted 3")], Is::Aside);
    // So it is with a conflict, unless it comes each time.
    let conflict = |on| {
        [(on, false, "ConcurrencyConflict"), (on, false, "ConcurrencyConflict"), (on, true, "accepted 2")]
    };
    check(&conflict(1), Is::Aside);
    check(&[conflict(1), conflict(2)].concat(), Is::Broken);
    // Behind what was wrong before, anything may follow.
    let mut before = without(&[first, again, with]);
    before.story.operations.insert(1, confirmed_instead());
    before.check("without", ClauseId::Oc2, Is::Aside);
    // Nor does anything count behind an outcome that nobody knows.
    let mut lost =
        without(&[(1, false, "accepted 2"), (2, false, "PreconditionRequired"), (2, true, "accepted 3")]);
    lost.loses(1);
    assert_eq!(lost.check("without", ClauseId::Oc2, Is::Kept).counted.len(), 1);
}

/// Writers at one version, and what is seen at rest.
fn race(writers: Vec<(Command, &str)>, seen: &[u32]) -> Told {
    let mut told = Told::default();
    told.story.does(create("o"), "accepted 1");
    told.races(writers);
    told.story.rests();
    told.story.reads(details("o"), &order("o", "pending", seen));
    told
}

fn at_one(said: [&'static str; 2]) -> Vec<(Command, &'static str)> {
    vec![(at_version(add("o", 1), 1), said[0]), (at_version(add("o", 2), 1), said[1])]
}

#[test]
fn of_several_writers_at_one_version_one_wins() {
    let check = |told: Told, expected| told.check("one-version", ClauseId::Oc3, expected);
    check(race(at_one(["accepted 2", "ConcurrencyConflict"]), &[1]), Is::Kept);
    check(race(at_one(["ConcurrencyConflict", "accepted 2"]), &[2]), Is::Kept);
    check(race(at_one(["accepted 2", "accepted 3"]), &[1, 2]), Is::Broken);
    check(race(at_one(["ConcurrencyConflict", "ConcurrencyConflict"]), &[]), Is::Broken);
    // One that lost took effect: behind the winner, or in its place.
    check(race(at_one(["accepted 2", "ConcurrencyConflict"]), &[1, 2]), Is::Broken);
    check(race(at_one(["accepted 2", "ConcurrencyConflict"]), &[2]), Is::Broken);
    check(race(at_one(["accepted 2", "ConcurrencyConflict"]), &[7]), Is::Aside);
    let other = check(race(at_one(["OrderNotPending", "ConcurrencyConflict"]), &[]), Is::Nothing);
    assert_eq!(other.doubts, ["commands that demand a version were refused for another reason"]);
    // Writers of different versions are no race for one.
    let two = vec![(at_version(add("o", 1), 1), "accepted 2"), (at_version(add("o", 2), 2), "accepted 3")];
    check(race(two, &[1, 2]), Is::Nothing);
    // One behind the other is no race.
    let mut in_turn = Told::default();
    in_turn.story.does(create("o"), "accepted 1");
    in_turn.story.does(at_version(add("o", 1), 1), "accepted 2");
    in_turn.story.does(at_version(add("o", 2), 1), "ConcurrencyConflict");
    in_turn.raced = vec![1, 2];
    in_turn.story.rests();
    in_turn.story.reads(details("o"), &order("o", "pending", &[1]));
    check(in_turn, Is::Nothing);
}

#[test]
fn nobody_is_in_the_way_of_another_aggregate() {
    let apart = |said: &'static str, alone: Option<&str>| {
        let mut told = Told::default();
        let other = Command { id: "other".into(), ..create("p") };
        told.races(vec![(create("o"), "accepted"), (other.clone(), said)]);
        if let Some(alone) = alone {
            told.story.does(other, alone);
        }
        told
    };
    let check = |told: Told, expected| told.check("apart", ClauseId::Oc4, expected);
    check(apart("accepted", None), Is::Kept);
    check(apart("ConcurrencyConflict", Some("accepted")), Is::Broken);
    check(apart("CreditLimitExceeded", Some("accepted")), Is::Broken);
    check(apart("ConcurrencyConflict", Some("ConcurrencyConflict")), Is::Broken);
    // What is refused alone as well was not in anybody's way.
    check(apart("CreditLimitExceeded", Some("CreditLimitExceeded")), Is::Kept);
    check(apart("ConcurrencyConflict", None), Is::Kept);
}
